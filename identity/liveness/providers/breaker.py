"""A circuit breaker: after several failures in a row the provider is left alone for a while, then one call may try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from core.clock import Clock
from core.errors import TooManyRequests, UpstreamUnavailable
from identity.liveness.facts import Capabilities
from identity.liveness.providers.errors import ProviderUnavailable
from identity.liveness.providers.ports import ProviderResult, ProviderSubject, ProviderTicket, VerificationProvider

T = TypeVar("T")


class Breaker:
    """Closed: calls pass. Open for `seconds` after `failures` in a row: none does. Then half open: one passes and decides."""

    def __init__(self, clock: Clock, *, failures: int, seconds: float) -> None:
        self._clock, self._most, self._pause = clock, failures, timedelta(seconds=seconds)
        self._failed = 0
        self._open_until: datetime | None = None

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """The answer of `work`. Only UpstreamUnavailable and TooManyRequests count as failures; ProviderUnavailable while open."""
        is_trying = self._admit()
        try:
            answer = await work()
        except (UpstreamUnavailable, TooManyRequests):
            self._failed += 1
            if self._failed >= self._most:
                self._open_until = self._clock.now() + self._pause
            raise
        except Exception:
            # It says nothing about the provider: the next may try at once.
            if is_trying:
                self._open_until = self._clock.now()
            raise
        self._failed, self._open_until = 0, None
        return answer

    def _admit(self) -> bool:
        """Whether this call is the one that tries; ProviderUnavailable while open."""
        if self._open_until is None:
            return False
        now = self._clock.now()
        if now < self._open_until:
            raise ProviderUnavailable(max(1, round((self._open_until - now).total_seconds())))
        # The others wait for this one's fate; should it never come back, the next may try after the same pause.
        self._open_until = now + self._pause
        return True


class GuardedProvider:
    """A provider behind a breaker."""

    def __init__(self, provider: VerificationProvider, breaker: Breaker) -> None:
        self._provider, self._breaker = provider, breaker
        self.name: str = provider.name
        self.capabilities: Capabilities = provider.capabilities

    async def check(self) -> None:
        """Not guarded: whoever asks wants to know how things stand now."""
        await self._provider.check()

    async def begin(self, subject: ProviderSubject, reference: str) -> ProviderTicket:
        return await self._breaker.call(lambda: self._provider.begin(subject, reference))

    async def result(self, ticket: str) -> ProviderResult:
        return await self._breaker.call(lambda: self._provider.result(ticket))

    async def close(self) -> None:
        await self._provider.close()
