"""Verification by an outside service: open a session there for an open verification, ask for the result, record what it may mean.

A passed check accepts somebody only if the provider's error rates are known to be good enough, or in development; else a clerk confirms.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from core import audit
from core.actor import SYSTEM, Actor
from core.cache import Cache, limit
from core.clock import Clock
from core.crypto import Cipher, Unsealable
from core.db import transaction
from identity.accounts.service import Accounts
from identity.config import IdentityConfig
from identity.liveness.errors import ConsentTextChanged, VerificationExpired, VerificationRunning
from identity.liveness.flow import CAPTURING, CREATED, EXPIRED, FLOW
from identity.liveness.judging import Verdict
from identity.liveness.lockout import FaceLockouts, ensure_device
from identity.liveness.models import Verification
from identity.liveness.providers import notice as notices
from identity.liveness.providers.errors import ProviderMissing, ProviderNotBegun
from identity.liveness.providers.ports import ProviderResult, ProviderSubject, ProviderTicket, VerificationProvider
from identity.liveness.providers.reasons import NOT_YET, UNFINISHED, VERSION
from identity.liveness.reasons import PROVIDER_REASONS, SEVERITY, Outcome
from identity.liveness.recording import LIFETIME, VerdictRecorder
from identity.liveness.views import ProviderNoticeView, ProviderOutcomeView, ProviderSessionView, VerificationView

LEASE = timedelta(seconds=30)
BEGUN_PER_HOUR = 10
"""Sessions there cost money, and ends without a verdict cost no try."""

log = structlog.get_logger("liveness")


class _Held(msgspec.Struct, frozen=True):
    """What is sealed on the row. The binding is compared when it is opened, beside the row's id in the seal itself."""

    provider: str
    ticket: str
    client: dict[str, str]
    expires_at: datetime
    account_id: str
    application_id: str
    document_sha256: str | None

    def is_of(self, row: Verification) -> bool:
        return (self.account_id, self.application_id, self.document_sha256) == (row.account_id, row.application_id, row.document_sha256)


class Checks(Protocol):
    async def get(self, actor: Actor, verification_id: str) -> VerificationView:
        """The verification as its citizen sees it, its time settled. NotFound for a foreign one."""
        ...


class ProviderChecks:
    """`provider`: None where none is connected; `operator`: who runs it, by name. `mode`: development or production."""

    def __init__(
        self,
        *,
        clock: Clock,
        cache: Cache,
        cipher: Cipher,
        accounts: Accounts,
        checks: Checks,
        provider: VerificationProvider | None,
        operator: str,
        config: IdentityConfig,
        mode: str,
    ) -> None:
        self._notice = notices.notice(operator)
        self._clock, self._cache, self._cipher, self._accounts = clock, cache, cipher, accounts
        self._checks, self._provider, self._mode = checks, provider, mode
        self._lockouts = FaceLockouts(clock=clock)
        self._recorder = VerdictRecorder(clock=clock, accounts=accounts, lockouts=self._lockouts, config=config)

    def notice(self) -> ProviderNoticeView:
        """Which service is connected, and what has to be agreed to before it is used. ProviderMissing."""
        return ProviderNoticeView(self._required().name, notices.VERSION, self._notice)

    async def begin(self, actor: Actor, verification_id: str, *, notice_version: str) -> ProviderSessionView:
        """Open a session at the provider for this verification; asking again gives the same one while it is valid.

        `notice_version`: the text that the citizen agreed to. NotFound, ProviderMissing, ConsentTextChanged, VerificationExpired,
        VerificationRunning, IllegalMove, GuardRefused, FaceLocked, CounterOnly, TooManyRequests, ProviderNeedsWechat, UpstreamUnavailable.
        """
        row = await self._open_row(actor, verification_id)
        provider = self._required()
        if notice_version != notices.VERSION:
            raise ConsentTextChanged()
        held = await self._held(row)
        if held is not None and held.provider == provider.name and self._clock.now() < held.expires_at:
            return _session(row, held)
        ensure_device(row, actor)
        await self._lockouts.check(actor.id, row.device_id)
        target = FLOW.move(row.state, "begin_provider", actor, self._facts(row)).target
        await limit(self._cache, f"face-provider:{actor.id}", times=BEGUN_PER_HOUR, seconds=3600)
        holder = await self._accounts.identity_of(actor.id)
        subject = ProviderSubject(holder.name, holder.id_number, await self._accounts.openid_of(actor.id))
        ticket = await provider.begin(subject, secrets.token_hex(16))
        return await self._keep(row, target, actor, provider.name, ticket)

    async def _keep(self, row: Verification, target: str, actor: Actor, provider: str, ticket: ProviderTicket) -> ProviderSessionView:
        """Seal the ticket on the row; of two that were begun at once one is kept, and both callers get that one."""
        held = _Held(provider, ticket.ticket, ticket.client, ticket.expires_at, row.account_id, row.application_id, row.document_sha256)
        sealed = self._cipher.seal(msgspec.json.encode(held), context=_context(row.id))
        now = self._clock.now()
        async with transaction():
            changed = await Verification.filter(id=row.id, state=row.state, version=row.version).update(
                state=target,
                version=row.version + 1,
                lease_until=None,
                provider=provider,
                provider_ticket=sealed,
                # Showing one's face there takes as long as here, and begins now.
                expires_at=max(row.expires_at, min(now + LIFETIME, ticket.expires_at)),
            )
            if changed:
                data = {
                    "verification": row.id,
                    "application": row.application_id,
                    "document_sha256": row.document_sha256,
                    "provider": provider,
                    "notice": notices.VERSION,
                    "notice_sha256": notices.digest(self._notice),
                }
                await audit.record(f"account:{row.account_id}", "identity.provider_begun", at=now, actor=actor, data=data)
        if not changed:
            row = await self._open_row(actor, row.id)
            kept = await self._held(row)
            if kept is None:
                raise VerificationRunning()
            held = kept
        return _session(row, held)

    async def conclude(self, actor: Actor, verification_id: str) -> ProviderOutcomeView:
        """Ask the provider how it went and record the verdict, once; afterwards the same verdict is told again.

        NotFound, ProviderMissing, ProviderNotBegun, VerificationExpired, VerificationRunning, IllegalMove, FaceLocked, CounterOnly;
        UpstreamUnavailable, after which it may be asked again.
        """
        row = await self._open_row(actor, verification_id, may_be_decided=True)
        if row.state not in (CREATED, CAPTURING):
            return ProviderOutcomeView(True, [], await self._checks.get(actor, row.id))
        provider = self._required()
        held = await self._held(row)
        if held is None or held.provider != provider.name:
            raise ProviderNotBegun()
        ensure_device(row, actor)
        await self._lockouts.check(actor.id, row.device_id)
        version = await self._claim(row, actor)
        try:
            result = await provider.result(held.ticket)
            verdict = self._verdict(provider, result)
            await self._record(row, version, actor, provider.name, result, verdict)
        except BaseException:
            await self._give_back(row.id, version)
            raise
        if verdict is None:
            await self._give_back(row.id, version)
        told = [UNFINISHED.get(reason, NOT_YET) for reason in result.reasons] or [NOT_YET]
        return ProviderOutcomeView(verdict is not None, told if verdict is None else [], await self._checks.get(actor, row.id))

    async def _record(
        self, row: Verification, version: int, actor: Actor, provider: str, result: ProviderResult, verdict: Verdict | None
    ) -> None:
        """The provider's word and what follows from it, in one transaction. A session that has ended is forgotten."""
        if verdict is None and not result.reasons:
            return
        data = {
            "verification": row.id,
            "application": row.application_id,
            "provider": provider,
            "state": result.state,
            "reasons": list(result.reasons),
            "provider_code": result.provider_code,
        }
        async with transaction():
            await audit.record(f"account:{row.account_id}", "identity.provider_answered", at=self._clock.now(), actor=actor, data=data)
            if verdict is not None:
                await self._recorder.record(row, version, verdict)
            await Verification.filter(id=row.id).update(provider_ticket=None)

    def _verdict(self, provider: VerificationProvider, result: ProviderResult) -> Verdict | None:
        """None while the provider has none. Whatever contradicts itself or is not in our table goes to a clerk."""
        if result.state == "pending":
            return None
        found = [reason for reason in result.reasons if reason in PROVIDER_REASONS]
        if result.state == "passed" and not result.reasons:
            is_trusted = provider.capabilities.calibrated or self._mode == "development"
            found = [] if is_trusted else ["PROVIDER_UNCALIBRATED"]
        elif result.state != "failed" or not found:
            found = [reason for reason in found if PROVIDER_REASONS[reason].outcome == "manual_review"] or ["PROVIDER_UNSURE"]
        outcomes: list[Outcome] = [PROVIDER_REASONS[reason].outcome for reason in found]
        return Verdict(
            outcome=max(outcomes, key=SEVERITY.__getitem__, default="accept"),
            reasons=tuple(found),
            engine=f"provider/{provider.name}",
            policy_version=VERSION,
        )

    async def _claim(self, row: Verification, actor: Actor) -> int:
        """Hold the verification for 30 seconds by a conditional update; returns the version that fences everybody else."""
        now = self._clock.now()
        if row.state == CAPTURING and not self._is_lease_over(row):
            raise VerificationRunning()
        move = FLOW.move(row.state, "ask_provider", actor, self._facts(row))
        claimed = await Verification.filter(id=row.id, state=row.state, version=row.version).update(
            state=move.target, version=row.version + 1, lease_until=now + LEASE
        )
        if not claimed:
            raise VerificationRunning()
        return row.version + 1

    async def _give_back(self, verification_id: str, version: int) -> None:
        move = FLOW.move(CAPTURING, "give_back", SYSTEM)
        await Verification.filter(id=verification_id, state=CAPTURING, version=version).update(
            state=move.target, version=version + 1, lease_until=None
        )

    async def _open_row(self, actor: Actor, verification_id: str, *, may_be_decided: bool = False) -> Verification:
        await self._checks.get(actor, verification_id)
        row = await Verification.get(id=verification_id, account_id=actor.id)
        if row.state == EXPIRED and row.outcome is None:
            raise VerificationExpired()
        if not may_be_decided and row.state == CAPTURING and not self._is_lease_over(row):
            raise VerificationRunning()
        return row

    def _required(self) -> VerificationProvider:
        if self._provider is None:
            raise ProviderMissing()
        return self._provider

    async def _held(self, row: Verification) -> _Held | None:
        """The ticket of this row. One that was sealed for another verification, or for another matter, is refused and noted."""
        if row.provider_ticket is None:
            return None
        try:
            held = msgspec.json.decode(self._cipher.open(row.provider_ticket, context=_context(row.id)), type=_Held)
        except Unsealable:
            held = None
        if held is None or not held.is_of(row):
            log.error("provider_ticket_of_another_verification", verification=row.id)
            data = {"verification": row.id, "application": row.application_id}
            async with transaction():
                await audit.record(
                    f"account:{row.account_id}", "identity.provider_ticket_refused", at=self._clock.now(), actor=SYSTEM, data=data
                )
            raise ProviderNotBegun()
        return held

    def _facts(self, row: Verification) -> dict[str, object]:
        return {
            "has_provider": self._provider is not None,
            "has_ticket": row.provider_ticket is not None,
            "is_lease_over": self._is_lease_over(row),
        }

    def _is_lease_over(self, row: Verification) -> bool:
        return row.state == CAPTURING and (row.lease_until is None or row.lease_until <= self._clock.now())


def _context(verification_id: str) -> str:
    return f"identity_verification.provider_ticket:{verification_id}"


def _session(row: Verification, held: _Held) -> ProviderSessionView:
    return ProviderSessionView(row.id, held.provider, held.client, held.expires_at)
