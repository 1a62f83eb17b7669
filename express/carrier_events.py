"""What carriers tell us, pushed or polled: kept once each, ordered by their own time, believed as far as a carrier may be believed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec

from core.actor import SYSTEM
from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.flow import IllegalMove
from core.ids import new_id
from express import custody
from express.custody import Grade
from express.models import CarrierPush, Parcel
from express.moves import move
from express.ports import CarrierEvent, TrackStatus

ACTIONS: dict[TrackStatus, str] = {
    TrackStatus.OUT_FOR_DELIVERY: "start_delivery",
    TrackStatus.DELIVERY_FAILED: "report_failure",
    TrackStatus.DELIVERED: "carrier_delivered",
    TrackStatus.RETURN_TO_SENDER: "carrier_returned",
}
"""The only carrier's words that move a parcel; the others are evidence and news for the recipient."""


def identity_of(carrier: str, event: CarrierEvent) -> str:
    """A push sent twice, and the same event polled later, are one event: same waybill, code and time."""
    parts = [carrier, event.waybill_no, event.code, event.occurred_at.astimezone(UTC).isoformat()]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


class CarrierEvents:
    def __init__(self, clock: Clock, cipher: Cipher) -> None:
        self._clock, self._cipher = clock, cipher

    async def record(self, carrier: str, event: CarrierEvent, body: bytes = b"") -> bool:
        """Keep one event and act on it; False when it was known already."""
        now, push_id = self._clock.now(), new_id("push")
        async with transaction():
            parcel = await Parcel.get_or_none(carrier=carrier, waybill_no=event.waybill_no)
            try:
                async with transaction():
                    await CarrierPush.create(
                        id=push_id,
                        dedupe=identity_of(carrier, event),
                        carrier=carrier,
                        waybill_no=event.waybill_no,
                        parcel_id=parcel.id if parcel else None,
                        code=event.code,
                        status=event.status,
                        place=event.place,
                        occurred_at=event.occurred_at,
                        received_at=now,
                        body=self._cipher.seal(body, context=f"express_carrier_push:{push_id}") if body else None,
                    )
            except IntegrityError:
                return False
            if parcel is not None:
                await self._apply(parcel, event.status, event.code, event.occurred_at, now)
        return True

    async def adopt(self, parcel: Parcel) -> None:
        """Events that arrived before we had stored the waybill number; inside the caller's transaction."""
        for row in await CarrierPush.filter(carrier=parcel.carrier, waybill_no=parcel.waybill_no, parcel_id=None).order_by("occurred_at"):
            if await CarrierPush.filter(id=row.id, parcel_id=None).update(parcel_id=parcel.id):
                await self._apply(await Parcel.get(id=parcel.id), TrackStatus(row.status), row.code, row.occurred_at, self._clock.now())

    async def _apply(self, parcel: Parcel, status: TrackStatus, code: str, occurred_at: datetime, now: datetime) -> None:
        is_newest = parcel.carrier_status_at is None or occurred_at >= parcel.carrier_status_at
        data = {"status": status.value, "code": code, "occurred_at": occurred_at.astimezone(UTC).isoformat()}
        action = ACTIONS.get(status) if is_newest else None
        if is_newest:
            await Parcel.filter(id=parcel.id).update(carrier_status=status.value, carrier_status_at=occurred_at)
        if action is not None:
            try:
                await move(parcel, action, SYSTEM, Grade.CARRIER, at=now, data=data)
                return
            except IllegalMove:
                pass  # a late or repeated word about something that we know better
        await custody.append(parcel.id, "carrier_report", Grade.CARRIER, at=now, actor=SYSTEM, data=data)
