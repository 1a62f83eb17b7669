"""What every route without the face ends with: a decided verification of equal rank, from which the same assertion follows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Literal

import msgspec

from core import audit
from core.actor import Actor, Role
from core.clock import Clock
from core.ids import new_id
from core.outbox import emit
from identity.accounts.service import Accounts
from identity.config import IdentityConfig
from identity.liveness.consent import end_checks
from identity.liveness.events import VerificationDecided
from identity.liveness.flow import FLOW
from identity.liveness.lockout import FaceLockouts
from identity.liveness.models import Verification
from identity.liveness.parity import IDENTIFICATIONS

OtherMethod = Literal["counter", "video", "ukey"]
ACTIONS: dict[str, str] = {"counter": "identify_at_counter", "video": "identify_by_video", "ukey": "identify_by_ukey"}
LINES: dict[str, str] = {
    "counter": "identity.identified_at_counter",
    "video": "identity.identified_by_video",
    "ukey": "identity.identified_by_ukey",
}


class Identifications:
    def __init__(self, *, clock: Clock, accounts: Accounts, config: IdentityConfig) -> None:
        self._clock, self._accounts, self._config = clock, accounts, config
        self._lockouts = FaceLockouts(clock=clock)

    async def record(
        self,
        decider: Actor,
        *,
        method: OtherMethod,
        account_id: str,
        application_id: str,
        document_sha256: str | None,
        outcome: Literal["accept", "reject"],
        evidence: Mapping[str, object],
    ) -> str:
        """Write the verification down inside the caller's transaction; returns its id. An accepted one raises the account to L3.

        `decider`: the clerk, or the system where a certificate decided. Open face checks of the account end.
        """
        now = self._clock.now()
        await end_checks(account_id)
        row = await Verification.create(
            id=new_id("verification"),
            account_id=account_id,
            method=method,
            purpose=method,
            application_id=application_id,
            document_sha256=document_sha256,
            state=FLOW.move(FLOW.initial, ACTIONS[method], decider).target,
            nonce=secrets.token_urlsafe(32),
            created_at=now,
            expires_at=now + self._config.usable_for(method),
            outcome=outcome,
            decided_at=now,
            clerk_id=decider.id if decider.kind is Role.CLERK else None,
            evidence=msgspec.json.encode(evidence).decode(),
        )
        if outcome == "accept":
            await self._lockouts.note_identified(account_id)
            await self._accounts.mark_proven(account_id)
        data = {"verification": row.id, "application": application_id, "document_sha256": document_sha256, "outcome": outcome, **evidence}
        await audit.record(f"account:{account_id}", LINES[method], at=now, actor=decider, data=data)
        decided = VerificationDecided(
            verification_id=row.id, account_id=account_id, application_id=application_id, method=method, outcome=outcome
        )
        await emit(decided, at=now)
        IDENTIFICATIONS.labels(method, outcome).inc()
        return row.id

    async def evidence_of(self, verification_id: str) -> dict[str, object]:
        """What was written down with it; empty for one that is gone or never came from here."""
        row = await Verification.get_or_none(id=verification_id)
        if row is None or not row.evidence:
            return {}
        return msgspec.json.decode(row.evidence, type=dict[str, object])
