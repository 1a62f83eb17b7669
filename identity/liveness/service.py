"""Verifications: prove who somebody is by face or at a counter, and turn that into an assertion used once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from tortoise.expressions import F

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import BEIJING, Clock
from core.crypto import same
from core.db import IntegrityError, transaction
from core.errors import Conflict, Forbidden, NotFound
from core.ids import new_id
from identity.accounts.service import Accounts, Staff, age_on
from identity.config import IdentityConfig
from identity.liveness.assertions import AssertionFacts, Assertions, load_key
from identity.liveness.consent import FaceConsents
from identity.liveness.counter import CounterEvidence, CounterIdentification
from identity.liveness.errors import (
    AssertionInvalid,
    AssertionUsed,
    GuardianNeeded,
    NonceWrong,
    NotAccepted,
    VerificationExpired,
    VerificationRunning,
)
from identity.liveness.flow import CAPTURING, CREATED, DECIDED, EXPIRED, FLOW
from identity.liveness.judging import Judge, PortraitSource, Vision
from identity.liveness.lockout import FaceLockouts
from identity.liveness.models import SeenFrame, UsedAssertion, Verification
from identity.liveness.parity import route_reports
from identity.liveness.policy import Policy, load_policy
from identity.liveness.recording import LIFETIME, MAX_TRIES, VerdictRecorder, new_nonce
from identity.liveness.views import AssertionView, CounterView, HolderView, RouteReport, VerificationView
from identity.liveness.vision_client import VisionClient
from identity.liveness.vision_process import run_vision
from identity.liveness.vision_supervisor import VisionNotStarted, VisionSupervisor, default_socket

__all__ = [
    "AssertionFacts",
    "AssertionInvalid",
    "AssertionUsed",
    "Assertions",
    "CounterEvidence",
    "CounterView",
    "FaceConsents",
    "HolderView",
    "Judge",
    "Policy",
    "PortraitSource",
    "VerificationView",
    "Verifications",
    "Vision",
    "VisionClient",
    "VisionNotStarted",
    "VisionSupervisor",
    "default_socket",
    "load_key",
    "load_policy",
    "run_vision",
]

LEASE = timedelta(seconds=30)
YOUNGEST = 14


class Verifications:
    def __init__(
        self,
        *,
        clock: Clock,
        accounts: Accounts,
        staff: Staff,
        consents: FaceConsents,
        judge: Judge,
        assertions: Assertions,
        config: IdentityConfig,
    ) -> None:
        self._clock, self._accounts, self._consents = clock, accounts, consents
        self._judge, self._assertions, self._config = judge, assertions, config
        self._lockouts = FaceLockouts(clock=clock)
        self._recorder = VerdictRecorder(clock=clock, accounts=accounts, lockouts=self._lockouts, config=config)
        self._counter = CounterIdentification(clock=clock, accounts=accounts, staff=staff, lockouts=self._lockouts, config=config)

    async def create(
        self, actor: Actor, *, purpose: str, application_id: str, document_sha256: str | None, consent_version: str
    ) -> VerificationView:
        """Open a face check of 180 seconds; an unfinished earlier one of the same citizen ends.

        NotDeclared, ConsentNeeded, ConsentTextChanged, GuardianNeeded, FaceLocked, CounterOnly, VerificationRunning.
        """
        holder = await self._accounts.identity_of(actor.id)
        consent_id = await self._consents.require(actor.id, consent_version)
        now = self._clock.now()
        if age_on(now.astimezone(BEIJING).date(), holder.born_on) < YOUNGEST:
            raise GuardianNeeded()
        await self._lockouts.check(actor.id)
        try:
            async with transaction():
                mine = Verification.filter(account_id=actor.id, method="face")
                if await mine.filter(state=CAPTURING, lease_until__gt=now).exists():
                    raise VerificationRunning()
                await mine.filter(state__in=[CREATED, CAPTURING]).update(state=EXPIRED, open_for=None, version=F("version") + 1)
                row = await Verification.create(
                    id=new_id("verification"),
                    account_id=actor.id,
                    open_for=actor.id,
                    method="face",
                    purpose=purpose,
                    application_id=application_id,
                    document_sha256=document_sha256,
                    consent_id=consent_id,
                    state=FLOW.initial,
                    nonce=new_nonce(),
                    created_at=now,
                    expires_at=now + LIFETIME,
                )
                data = {"verification": row.id, "application": application_id, "consent": consent_id, "purpose": purpose}
                await audit.record(f"account:{actor.id}", "identity.face_started", at=now, actor=actor, data=data)
        except IntegrityError:
            raise Conflict() from None
        return await self._view(row, actor)

    async def get(self, actor: Actor, verification_id: str) -> VerificationView:
        return await self._view(await self._mine(actor, verification_id), actor)

    async def list_mine(self, actor: Actor, application_id: str) -> list[VerificationView]:
        """The caller's verifications for one application, newest first, at most 20."""
        rows = Verification.filter(account_id=actor.id, application_id=application_id).order_by("-created_at", "-id").limit(20)
        return [await self._view(await self._settled(row), actor) for row in await rows]

    async def submit_frames(self, actor: Actor, verification_id: str, nonce: str, frames: Sequence[bytes]) -> VerificationView:
        """Judge frames (JPEG or PNG bytes), which are kept nowhere. Never inside a transaction: this takes seconds.

        NotFound, NonceWrong, VerificationExpired, VerificationRunning, IllegalMove, FaceLocked, CounterOnly, the errors of pictures,
        UpstreamUnavailable and VisionUnavailable; after the last three kinds the same verification may be submitted again.
        """
        self._judge.admit(frames)
        row = await self._mine(actor, verification_id)
        await self._lockouts.check(actor.id)
        version = await self._claim(row, actor, nonce)
        try:
            verdict = await self._judge.judge(await self._accounts.identity_of(row.account_id), frames)
            await self._recorder.record(row, version, verdict)
        except BaseException:
            await self._give_back(row.id, version)
            raise
        return await self.get(actor, verification_id)

    async def _claim(self, row: Verification, actor: Actor, nonce: str) -> int:
        """Take the verification for 30 seconds by a conditional update; returns its new version, which fences whoever held it before."""
        now = self._clock.now()
        if row.state == EXPIRED:
            raise VerificationExpired()
        if row.state == CAPTURING and not _is_lease_over(row, now):
            raise VerificationRunning()
        move = FLOW.move(row.state, "submit_frames", actor, {"is_lease_over": _is_lease_over(row, now)})
        if not same(row.nonce, nonce):
            raise NonceWrong()
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

    async def holder(self, clerk: Actor, account_id: str) -> HolderView:
        """Name and number for the clerk who compares them with the document before him; looking is recorded."""
        return await self._counter.holder(clerk, account_id)

    async def identify_at_counter(
        self, clerk: Actor, *, account_id: str, application_id: str, document_sha256: str | None, evidence: CounterEvidence
    ) -> CounterView:
        """The route of equal rank. Forbidden, NotFound, NotDeclared, OwnCounter, InvalidInput, DocumentMismatch."""
        return await self._counter.identify(clerk, account_id, application_id, document_sha256, evidence)

    async def assertion(self, actor: Actor, verification_id: str) -> AssertionView:
        """A signed statement that this verification was passed; asking again gives another token that shares its one use. NotAccepted."""
        row = await self._mine(actor, verification_id)
        if "assert" not in FLOW.allowed_actions(row.state, actor, self._facts(row)):
            raise NotAccepted()
        token, expires_at = self._assertions.issue(
            account_id=row.account_id,
            jti=row.id,
            nonce=row.nonce,
            application_id=row.application_id,
            document_sha256=row.document_sha256,
            method="counter" if row.method == "counter" else "face",
            engine=row.engine,
            policy=row.policy_version,
            usable_until=row.expires_at,
        )
        return AssertionView(token, expires_at)

    async def consume(self, token: str, *, application_id: str, document_sha256: str | None, account_id: str) -> AssertionFacts:
        """Use an assertion for exactly this person, application and document, inside the caller's transaction, once.

        AssertionInvalid, AssertionExpired, AssertionUsed, NotAccepted.
        """
        claims = self._assertions.read_for(token, account_id=account_id, application_id=application_id, document_sha256=document_sha256)
        now = self._clock.now()
        async with transaction():
            try:
                async with transaction():
                    await UsedAssertion.create(jti=claims.jti, used_at=now)
            except IntegrityError:
                raise AssertionUsed() from None
            row = await Verification.get_or_none(id=claims.jti, account_id=account_id)
            if row is None or row.decided_at is None:
                raise AssertionInvalid()
            if not FLOW.guards["is_accepted"](self._facts(row)):
                raise NotAccepted()
            move = FLOW.move(row.state, "consume", SYSTEM, self._facts(row))
            consumed = await Verification.filter(id=row.id, state=DECIDED, version=row.version).update(
                state=move.target, version=row.version + 1
            )
            if not consumed:
                raise Conflict()
            data = {"verification": row.id, "application": application_id, "document_sha256": document_sha256}
            await audit.record(f"account:{account_id}", "identity.assertion_used", at=now, actor=Actor(Role.CITIZEN, account_id), data=data)
        return AssertionFacts(
            verification_id=row.id,
            account_id=account_id,
            jti=claims.jti,
            subject=claims.sub,
            method=claims.amr[0],
            engine=claims.engine,
            policy=claims.policy,
            application_id=application_id,
            document_sha256=document_sha256,
            issued_at=datetime.fromtimestamp(claims.iat, tz=now.tzinfo),
            decided_at=row.decided_at,
        )

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return self._assertions.jwks()

    async def route_reports(self, actor: Actor, *, days: int = 30) -> list[RouteReport]:
        """How the face and the counter route serve people, for supervisors and admins."""
        if actor.kind not in {Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM}:
            raise Forbidden()
        return await route_reports(self._clock.now() - timedelta(days=days))

    async def forget_old(self) -> int:
        """Delete digests of frames after the time in the settings, and used assertions a day after any could still be valid."""
        now = self._clock.now()
        frames = await SeenFrame.filter(seen_at__lt=now - timedelta(days=self._config.seen_frame_days)).delete()
        return frames + await UsedAssertion.filter(used_at__lt=now - self._config.usable_for("counter") - timedelta(days=1)).delete()

    async def _mine(self, actor: Actor, verification_id: str) -> Verification:
        row = await Verification.get_or_none(id=verification_id, account_id=actor.id) if actor.kind is Role.CITIZEN else None
        if row is None:
            raise NotFound()
        return await self._settled(row)

    async def _settled(self, row: Verification) -> Verification:
        """Note that the time of an open or an accepted verification is over."""
        now = self._clock.now()
        is_waiting = row.state == CREATED or (row.state == CAPTURING and _is_lease_over(row, now))
        if now < row.expires_at or not (is_waiting or (row.state == DECIDED and row.outcome == "accept")):
            return row
        move = FLOW.move(row.state, "expire", SYSTEM)
        await Verification.filter(id=row.id, version=row.version).update(state=move.target, open_for=None, version=row.version + 1)
        return await Verification.get(id=row.id)

    def _facts(self, row: Verification, *, is_locked: bool = False) -> dict[str, object]:
        now = self._clock.now()
        return {
            "outcome": row.outcome,
            "is_usable": row.state == DECIDED and now < row.expires_at,
            "is_locked": is_locked,
            "is_lease_over": _is_lease_over(row, now),
        }

    async def _view(self, row: Verification, actor: Actor) -> VerificationView:
        facts = self._facts(row, is_locked=await self._lockouts.is_locked(row.account_id))
        actions = list(dict.fromkeys(FLOW.allowed_actions(row.state, actor, facts)))
        return VerificationView(
            id=row.id,
            method=row.method,
            purpose=row.purpose,
            application_id=row.application_id,
            document_sha256=row.document_sha256,
            state=row.state,
            nonce=row.nonce if "submit_frames" in actions else None,
            expires_at=row.expires_at,
            tries_left=max(0, MAX_TRIES - row.tries) if row.state in {CREATED, CAPTURING} else 0,
            limits=self._judge.limits,
            outcome=row.outcome,
            reasons=msgspec.json.decode(row.reasons, type=list[str]),
            coaching=msgspec.json.decode(row.coaching, type=list[str]),
            allowed_actions=actions,
        )


def _is_lease_over(row: Verification, now: datetime) -> bool:
    return row.state == CAPTURING and (row.lease_until is None or row.lease_until <= now)
