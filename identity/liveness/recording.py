"""Writing down a verdict: the decision, the frames' digests, the tally of failures, the audit line and the event, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import Clock
from core.db import IntegrityError, transaction
from core.errors import Conflict
from core.metrics import FACE_DECISIONS
from core.outbox import emit
from identity.accounts.service import Accounts
from identity.config import IdentityConfig
from identity.liveness.events import VerificationDecided
from identity.liveness.flow import CAPTURING, FLOW
from identity.liveness.judging import SEEN_BEFORE, TRIES_USED_UP, Verdict
from identity.liveness.lockout import FaceLockouts
from identity.liveness.models import SeenCapture, SeenFrame, Verification
from identity.liveness.parity import IDENTIFICATIONS

LIFETIME = timedelta(seconds=180)
MAX_TRIES = 3


def new_nonce() -> str:
    """256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


class VerdictRecorder:
    def __init__(self, *, clock: Clock, accounts: Accounts, lockouts: FaceLockouts, config: IdentityConfig) -> None:
        self._clock, self._accounts, self._lockouts, self._config = clock, accounts, lockouts, config

    async def record(self, row: Verification, version: int, verdict: Verdict, *, counts: bool = True) -> None:
        """`counts`: a failure counts towards the lock.

        Conflict when `version` no longer holds the verification: somebody else took it over, and nothing is changed.
        """
        now, actor = self._clock.now(), Actor(Role.CITIZEN, row.account_id)
        async with transaction():
            if SEEN_BEFORE not in verdict.reasons and not await self._remember(row.id, verdict.digests):
                verdict = verdict.with_reason(SEEN_BEFORE)
            tries = row.tries + 1
            if verdict.outcome == "retry" and tries >= MAX_TRIES:
                verdict = verdict.with_reason(TRIES_USED_UP)
            changed = await Verification.filter(id=row.id, state=CAPTURING, version=version).update(
                version=version + 1,
                tries=tries,
                lease_until=None,
                reasons=msgspec.json.encode(verdict.reasons).decode(),
                coaching=msgspec.json.encode(verdict.coaching).decode(),
                engine=verdict.engine,
                model_sha256=verdict.model_sha256,
                threshold=verdict.threshold,
                policy_version=verdict.policy_version,
                **self._next(verdict, now),
            )
            if not changed:
                raise Conflict()
            if verdict.traces:
                await SeenCapture.create(id=f"{row.id}.{tries}", account_id=row.account_id, traces=" ".join(verdict.traces), seen_at=now)
            if verdict.outcome in {"retry", "reject"} and counts:
                await self._lockouts.note_failure(row.account_id, row.device_id)
            elif verdict.outcome == "accept":
                await self._lockouts.note_success(row.account_id)
                await self._accounts.mark_proven(row.account_id)
            data = {
                "verification": row.id,
                "application": row.application_id,
                "outcome": verdict.outcome,
                "reasons": verdict.reasons,
                "engine": verdict.engine,
                "model_sha256": verdict.model_sha256,
                "threshold": verdict.threshold,
                "policy": verdict.policy_version,
                "frames": len(verdict.digests),
                "capture": row.capture,
            }
            await audit.record(f"account:{row.account_id}", "identity.face_judged", at=now, actor=actor, data=data)
            if verdict.outcome != "retry":
                decided = VerificationDecided(
                    verification_id=row.id,
                    account_id=row.account_id,
                    application_id=row.application_id,
                    method="face",
                    outcome=verdict.outcome,
                )
                await emit(decided, at=now)
        FACE_DECISIONS.labels(verdict.outcome).inc()
        if verdict.outcome != "retry":
            IDENTIFICATIONS.labels("face", verdict.outcome).inc()

    def _next(self, verdict: Verdict, now: datetime) -> dict[str, object]:
        """The columns that tell where the verification goes: another try with a new nonce, or a decision."""
        if verdict.outcome == "retry":
            target = FLOW.move(CAPTURING, "ask_again", SYSTEM).target
            return {"state": target, "nonce": new_nonce(), "challenge": "[]", "clip_until": None, "expires_at": now + LIFETIME}
        target = FLOW.move(CAPTURING, "decide", SYSTEM).target
        until = now + self._config.usable_for("face")
        return {"state": target, "outcome": verdict.outcome, "decided_at": now, "expires_at": until, "open_for": None}

    async def _remember(self, verification_id: str, digests: Sequence[str]) -> bool:
        """Keep the frames' digests; False if another verification got one of them in first."""
        now = self._clock.now()
        try:
            async with transaction():
                await SeenFrame.bulk_create([SeenFrame(sha256=digest, verification_id=verification_id, seen_at=now) for digest in digests])
        except IntegrityError:
            return False
        return True
