"""Verifications: prove who somebody is by face or at a counter, and turn that into an assertion used once."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import msgspec
from tortoise.expressions import F

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import BEIJING, Clock
from core.db import IntegrityError, transaction
from core.errors import Conflict, Forbidden, NotFound
from core.ids import new_id
from identity.accounts.service import Accounts, Staff
from identity.audit_images.service import AuditImages
from identity.config import IdentityConfig
from identity.guardians.service import Guardians, is_ward
from identity.liveness.assertions import AssertionFacts, Assertions, load_key, method_of
from identity.liveness.capturing import Captures
from identity.liveness.challenge import FrameChain
from identity.liveness.clips import MAX_CLIP_BYTES
from identity.liveness.consent import FaceConsents, end_checks
from identity.liveness.counter import CounterEvidence, CounterIdentification, ProofDoubt
from identity.liveness.engines import build_engine
from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.errors import (
    AssertionInvalid,
    AssertionUsed,
    GuardianNeeded,
    NotAccepted,
    OtherPersonsCheck,
    VerificationRunning,
)
from identity.liveness.examining import actions_from, compare_pictures, examine_clip
from identity.liveness.flow import CAPTURING, CREATED, DECIDED, EXPIRED, FLOW
from identity.liveness.identifying import Identifications
from identity.liveness.judging import Judge, PortraitSource, Vision
from identity.liveness.keeping import PictureKeeper
from identity.liveness.lockout import FaceLockouts
from identity.liveness.models import SeenCapture, SeenFrame, UsedAssertion, Verification
from identity.liveness.parity import route_reports
from identity.liveness.pictures import MAX_BYTES as MAX_PICTURE_BYTES
from identity.liveness.policy import Policy, load_policy
from identity.liveness.provider_checks import ProviderChecks
from identity.liveness.providers.notice import operator_of
from identity.liveness.providers.registry import build_provider
from identity.liveness.recording import LIFETIME, MAX_TRIES, VerdictRecorder, new_nonce
from identity.liveness.stream import Receive, Send
from identity.liveness.views import AssertionView, CaptureLimits, ClipChallengeView, CounterView, HolderView, RouteReport, VerificationView
from identity.liveness.vision_client import VisionClient
from identity.liveness.vision_pool import VisionPool
from identity.liveness.vision_process import run_vision
from identity.liveness.vision_supervisor import VisionNotStarted, VisionSupervisor, default_socket

__all__ = [
    "AssertionFacts",
    "AssertionInvalid",
    "AssertionUsed",
    "Assertions",
    "CounterEvidence",
    "CounterView",
    "EngineUnusable",
    "FaceConsents",
    "FrameChain",
    "HolderView",
    "Identifications",
    "MAX_CLIP_BYTES",
    "MAX_PICTURE_BYTES",
    "Judge",
    "Policy",
    "PortraitSource",
    "ProofDoubt",
    "ProviderChecks",
    "RouteReport",
    "VerificationView",
    "Verifications",
    "Vision",
    "build_provider",
    "VisionClient",
    "VisionNotStarted",
    "VisionPool",
    "VisionSupervisor",
    "actions_from",
    "build_engine",
    "compare_pictures",
    "end_checks",
    "default_socket",
    "examine_clip",
    "load_key",
    "load_policy",
    "operator_of",
    "route_reports",
    "run_vision",
]

CAPTURE_LIMITS = CaptureLimits(
    max_frame_bytes=MAX_PICTURE_BYTES,
    stream="/api/citizen/verification-stream",
    fps=15,
    width=640,
    height=480,
    jpeg_quality=80,
    max_seconds=14,
    max_clip_bytes=MAX_CLIP_BYTES,
    clip_types=["video/mp4", "video/webm"],
)


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
        capture_key: bytes,
        guardians: Guardians,
        has_provider: bool = False,
        images: AuditImages | None = None,
    ) -> None:
        self._has_provider, self._guardians = has_provider, guardians
        self._clock, self._accounts, self._consents = clock, accounts, consents
        self._assertions, self._config = assertions, config
        self._lockouts = FaceLockouts(clock=clock)
        self._recorder = VerdictRecorder(clock=clock, accounts=accounts, lockouts=self._lockouts, config=config)
        self._captures = Captures(
            clock=clock,
            accounts=accounts,
            judge=judge,
            lockouts=self._lockouts,
            recorder=self._recorder,
            keeper=PictureKeeper(consents=consents, images=images),
            guardians=guardians,
            key=capture_key,
        )
        identifications = Identifications(clock=clock, accounts=accounts, config=config)
        self._counter = CounterIdentification(clock=clock, accounts=accounts, staff=staff, identifications=identifications)

    async def create(
        self, actor: Actor, *, purpose: str, application_id: str, document_sha256: str | None, consent_version: str
    ) -> VerificationView:
        """Open a face check of 180 seconds; an unfinished earlier one of the same citizen ends.

        NotDeclared, ConsentNeeded, ConsentTextChanged, GuardianNeeded, FaceLocked, CounterOnly, VerificationRunning.
        """
        holder = await self._accounts.identity_of(actor.id)
        consent_id = await self._consents.require(actor.id, consent_version)
        now = self._clock.now()
        guardian_consent_id = None
        if is_ward(holder.born_on, now.astimezone(BEIJING).date()):
            guardian_consent_id = await self._guardians.consent_for(actor.id)
            if guardian_consent_id is None:
                raise GuardianNeeded()
        await self._lockouts.check(actor.id, actor.device_id)
        try:
            async with transaction():
                await self._consents.hold(consent_id)
                if guardian_consent_id is not None and not await self._guardians.hold(guardian_consent_id):
                    raise GuardianNeeded()
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
                    guardian_consent_id=guardian_consent_id,
                    device_id=actor.device_id,
                    state=FLOW.initial,
                    nonce=new_nonce(),
                    created_at=now,
                    expires_at=now + LIFETIME,
                )
                data = {"verification": row.id, "application": application_id, "consent": consent_id, "purpose": purpose}
                if guardian_consent_id is not None:
                    data["guardian_consent"] = guardian_consent_id
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

    async def stream(
        self, actor: Actor, verification_id: str, *, nonce: str, mirrored: bool, receive: Receive, send: Send
    ) -> VerificationView:
        """A capture over a line of messages (`stream`). Never inside a transaction: this takes as long as the person does.

        NotFound, NonceWrong, VerificationExpired, VerificationRunning, IllegalMove, FaceLocked, CounterOnly, UpstreamUnavailable,
        VisionBusy, VisionUnavailable; after any of them the verification is open for another capture.
        """
        row = await self._mine(actor, verification_id)
        await self._captures.stream(actor, row, nonce=nonce, mirrored=mirrored, receive=receive, send=send)
        return await self.get(actor, verification_id)

    async def clip_challenge(self, actor: Actor, verification_id: str) -> ClipChallengeView:
        """Prompts for a clip, for phones that cannot stream. NotFound, VerificationExpired, VerificationRunning, IllegalMove."""
        return await self._captures.clip_challenge(actor, await self._mine(actor, verification_id))

    async def submit_clip(
        self, actor: Actor, verification_id: str, *, nonce: str, data: bytes, mirrored: bool, begun_at: datetime | None = None
    ) -> VerificationView:
        """Judge a clip, which is kept nowhere. The errors of `stream`, ClipNotAsked, ClipTooLate and those of clips."""
        row = await self._mine(actor, verification_id)
        begun = begun_at or self._clock.now()
        await self._captures.clip(actor, row, nonce=nonce, data=data, mirrored=mirrored, begun_at=begun)
        return await self.get(actor, verification_id)

    async def holder(self, clerk: Actor, account_id: str) -> HolderView:
        """Name and number for the clerk who compares them with the document before him; looking is recorded."""
        return await self._counter.holder(clerk, account_id)

    async def identify_at_counter(
        self, clerk: Actor, *, account_id: str, application_id: str, document_sha256: str | None, evidence: CounterEvidence
    ) -> CounterView:
        """The route of equal rank. Forbidden, NotFound, NotDeclared, OwnCounter, InvalidInput, DocumentMismatch."""
        return await self._counter.identify(clerk, account_id, application_id, document_sha256, evidence)

    async def revoke_proof(self, clerk: Actor, *, account_id: str, reason: ProofDoubt) -> None:
        """Take a proof in person back. Forbidden, NotFound, NotDeclared, OwnCounter."""
        await self._counter.revoke_proof(clerk, account_id, reason)

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
            method=method_of(row.method),
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
        await self._lockouts.forget_old()
        oldest = now - timedelta(days=self._config.seen_frame_days)
        frames = await SeenFrame.filter(seen_at__lt=oldest).delete() + await SeenCapture.filter(seen_at__lt=oldest).delete()
        return frames + await UsedAssertion.filter(used_at__lt=now - self._config.usable_for("counter") - timedelta(days=1)).delete()

    async def _mine(self, actor: Actor, verification_id: str) -> Verification:
        row = await Verification.get_or_none(id=verification_id, account_id=actor.id) if actor.kind is Role.CITIZEN else None
        if row is None:
            raise OtherPersonsCheck() if await Verification.filter(id=verification_id).exists() else NotFound()
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
            "has_provider": self._has_provider,
            "has_ticket": row.provider_ticket is not None,
        }

    async def _view(self, row: Verification, actor: Actor) -> VerificationView:
        facts = self._facts(row, is_locked=await self._lockouts.is_locked(row.account_id, row.device_id))
        actions = list(dict.fromkeys(FLOW.allowed_actions(row.state, actor, facts)))
        return VerificationView(
            id=row.id,
            method=row.method,
            purpose=row.purpose,
            application_id=row.application_id,
            document_sha256=row.document_sha256,
            state=row.state,
            nonce=row.nonce if "capture" in actions else None,
            key=urlsafe_b64encode(self._captures.key_of(row)).decode().rstrip("=") if "capture" in actions else None,
            expires_at=row.expires_at,
            tries_left=max(0, MAX_TRIES - row.tries) if row.state in {CREATED, CAPTURING} else 0,
            limits=CAPTURE_LIMITS,
            outcome=row.outcome,
            reasons=msgspec.json.decode(row.reasons, type=list[str]),
            coaching=msgspec.json.decode(row.coaching, type=list[str]),
            allowed_actions=actions,
        )


def _is_lease_over(row: Verification, now: datetime) -> bool:
    return row.state == CAPTURING and (row.lease_until is None or row.lease_until <= now)
