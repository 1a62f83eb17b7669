"""One way to change a parcel's state: table, conditional update, custody link, audit entry, event; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import audit
from core.actor import Actor
from core.errors import Conflict
from core.outbox import Event, emit
from express import custody
from express.custody import Grade
from express.events import (
    ParcelDelivered,
    ParcelDeliveredUnproven,
    ParcelHandedOver,
    ParcelLost,
    ParcelOrdered,
    ParcelOutForDelivery,
    ParcelReturned,
)
from express.flow import PARCEL_FLOW
from express.models import Parcel

_EVENTS: dict[str, type[Event]] = {
    "express.parcel_ordered": ParcelOrdered,
    "express.parcel_handed_over": ParcelHandedOver,
    "express.parcel_out_for_delivery": ParcelOutForDelivery,
    "express.parcel_delivered": ParcelDelivered,
    "express.parcel_delivered_unproven": ParcelDeliveredUnproven,
    "express.parcel_returned": ParcelReturned,
    "express.parcel_lost": ParcelLost,
}


async def move(
    parcel: Parcel,
    action: str,
    actor: Actor,
    grade: Grade,
    *,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    only_if: Mapping[str, Any] | None = None,
) -> Parcel:
    """Carry out `action` and return the parcel as it is now. IllegalMove when the table forbids it, Conflict when somebody was faster.

    `changes` are more columns to set, `only_if` more conditions of the update.
    """
    row = PARCEL_FLOW.move(parcel.state, action, actor)
    found = Parcel.filter(id=parcel.id, state=parcel.state, version=parcel.version, **(only_if or {}))
    if not await found.update(state=row.target, version=parcel.version + 1, **(changes or {})):
        raise Conflict()
    head = await custody.append(parcel.id, action, grade, at=at, actor=actor, data=data)
    facts = {"parcel_id": parcel.id, "state": row.target, "custody_head": head}
    await audit.record(f"case:{parcel.case_id}", f"parcel.{action}", at=at, actor=actor, data=facts)
    if row.emits is not None:
        ids = {"parcel_id": parcel.id, "case_id": parcel.case_id}
        kind = _EVENTS[row.emits]
        await emit(kind(**ids, licence_id=parcel.licence_id) if kind is ParcelLost else kind(**ids), at=at)
    return await Parcel.get(id=parcel.id)
