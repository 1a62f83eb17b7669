"""Verification by an outside service that is played, around a standing clock and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from core.actor import Actor
from core.clock import ManualClock
from core.crypto import FieldCipher
from identity.config import IdentityConfig
from identity.liveness.facts import Capabilities
from identity.liveness.provider_checks import ProviderChecks
from identity.liveness.providers.notice import VERSION as NOTICE
from identity.liveness.providers.ports import ProviderResult, ProviderSubject, ProviderTicket
from identity.liveness.views import ProviderOutcomeView, ProviderSessionView, VerificationView
from tests.factories.identity import ZHANG, IdentityWorld, outside_transactions

PASSED = ProviderResult("passed", (), "10000")


class PlayedProvider:
    name = "played"

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.capabilities = Capabilities(True, True, "test", "test")
        self.answer = PASSED
        self.error: Exception | None = None
        self.during: Callable[[], Awaitable[None]] | None = None
        self.begun: list[tuple[ProviderSubject, str]] = []
        self.asked: list[str] = []

    async def check(self) -> None: ...

    async def close(self) -> None: ...

    async def begin(self, subject: ProviderSubject, reference: str) -> ProviderTicket:
        outside_transactions()
        if self.error:
            raise self.error
        self.begun.append((subject, reference))
        await asyncio.sleep(0.01)
        number = len(self.begun)
        return ProviderTicket(f"secret ticket {number}", {"verify_id": f"v{number}"}, self._clock.now() + timedelta(minutes=10))

    async def result(self, ticket: str) -> ProviderResult:
        outside_transactions()
        self.asked.append(ticket)
        if self.during:
            await self.during()
        if self.error:
            raise self.error
        return self.answer


class ProviderWorld:
    def __init__(self, clock: ManualClock, *, mode: str = "production") -> None:
        self.identity = IdentityWorld(clock, mode=mode)
        self.clock = clock
        self.provider = PlayedProvider(clock)
        self.checks = self.with_provider(self.provider, mode)

    def with_provider(self, provider: PlayedProvider | None, mode: str = "production") -> ProviderChecks:
        return ProviderChecks(
            clock=self.clock,
            cache=self.identity.cache,
            cipher=FieldCipher({"k1": b"c" * 32}, "k1"),
            accounts=self.identity.accounts,
            checks=self.identity.verifications,
            provider=provider,
            operator="某核身公司",
            config=IdentityConfig(),
            mode=mode,
        )

    async def begin(self, actor: Actor, view: VerificationView) -> ProviderSessionView:
        return await self.checks.begin(actor, view.id, notice_version=NOTICE)

    async def begun(self, person: tuple[str, str] = ZHANG, **matter: str) -> tuple[Actor, VerificationView]:
        actor = await self.identity.citizen(person)
        view = await self.identity.start(actor, **matter)
        await self.begin(actor, view)
        return actor, view

    async def concluded(self, answer: ProviderResult) -> tuple[Actor, ProviderOutcomeView]:
        self.provider.answer = answer
        actor, view = await self.begun()
        return actor, await self.checks.conclude(actor, view.id)
