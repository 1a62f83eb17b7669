"""One step of a request: saved conditionally, counted for its batch, recorded and told, all in the caller's transaction.

Locks are always taken in the order usage, key, request, batch, chain of the relying party, chain of the account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise.expressions import F

from core import audit
from core.actor import SYSTEM, Actor
from core.db import transaction
from core.errors import Conflict
from core.outbox import emit
from identity.relying_parties.events import BatchCompleted, RequestMoved
from identity.relying_parties.flow import OPEN_STATES, REQUEST_FLOW
from identity.relying_parties.models import ShareholderBatch, VerificationRequest
from identity.relying_parties.parties import chain_of


async def told(row: VerificationRequest, state: str, at: datetime) -> None:
    """Emit that a request now has this state."""
    moved = RequestMoved(
        relying_party_id=row.relying_party_id,
        request_id=row.id,
        reference=row.reference,
        batch_id=row.batch_id,
        state=state,
        at=at.isoformat(),
    )
    await emit(moved, at=at)


async def move(row: VerificationRequest, action: str, actor: Actor, *, at: datetime, **changes: Any) -> None:
    """Carry out `action`, inside a transaction. IllegalMove; Conflict when the request was changed meanwhile."""
    step = REQUEST_FLOW.move(row.state, action, actor)
    ends = row.state in OPEN_STATES and step.target not in OPEN_STATES
    if ends:
        changes["ended_at"] = at
        changes["invitation_digest"] = None
    unchanged = VerificationRequest.filter(id=row.id, state=row.state, version=row.version)
    if not await unchanged.update(state=step.target, version=row.version + 1, **changes):
        raise Conflict()
    if ends and row.batch_id is not None:
        await _settle(row.batch_id, at)
    data = {"request": row.id, "state": step.target}
    await audit.record(chain_of(row.relying_party_id), f"verification_request.{action}", at=at, actor=actor, data=data)
    await told(row, step.target, at)


async def _settle(batch_id: str, at: datetime) -> None:
    """One person of a batch has an end; whoever brings the number to zero completes it."""
    await ShareholderBatch.filter(id=batch_id).update(unsettled=F("unsettled") - 1)
    if await ShareholderBatch.filter(id=batch_id, unsettled=0, completed_at=None).update(completed_at=at):
        batch = await ShareholderBatch.get(id=batch_id)
        completed = BatchCompleted(relying_party_id=batch.relying_party_id, batch_id=batch.id, reference=batch.reference, at=at.isoformat())
        await emit(completed, at=at)


async def settled(row: VerificationRequest, now: datetime) -> VerificationRequest:
    """Note that the time of an open request is over."""
    if row.state not in OPEN_STATES or now < row.expires_at:
        return row
    try:
        async with transaction():
            await move(row, "expire", SYSTEM, at=now)
    except Conflict:
        pass
    return await VerificationRequest.get(id=row.id)
