"""R60: what a carrier says about a parcel: forged, repeated, late, lost, and never a proof of delivery."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.clock import ManualClock
from core.errors import NotFound
from express.custody import Grade
from express.errors import (
    PushForged,
)
from express.flow import ParcelState
from express.models import CarrierPush, Parcel
from express.ports import CarrierEvent, TrackStatus
from express.service import Parcels
from express.views import STATUS_LABELS, citizen_parcel
from tests.factories.parcels import CITIZEN, PaperCarrier, events, opened, push, tell, with_courier


async def test_a_carriers_word_is_not_a_proof(parcels: Parcels, clock: ManualClock) -> None:
    parcel = await with_courier(parcels)
    parcel = await tell(parcels, parcel, "704", clock.now())
    assert parcel.state == ParcelState.DELIVERED_UNPROVEN
    assert await events("express.parcel_delivered_unproven") == 1
    done = await parcels.confirm_receipt(CITIZEN, parcel.id)
    assert (done.state, (await parcels.custody(done))[-1].grade) == (ParcelState.DELIVERED, Grade.RECIPIENT)


async def test_forged_replayed_and_strange_pushes(parcels: Parcels, clock: ManualClock) -> None:
    parcel = await with_courier(parcels)
    body = push(parcel, "702", clock.now())
    with pytest.raises(PushForged):
        await parcels.receive_push("ems", {}, body)
    with pytest.raises(NotFound):
        await parcels.receive_push("nobody", {"x-proof": "genuine"}, body)
    assert await CarrierPush.all().count() == 0
    answers = await asyncio.gather(*(parcels.receive_push("ems", {"x-proof": "genuine"}, body) for _ in range(10)))
    assert answers == [b"ok"] * 10
    assert await CarrierPush.all().count() == 1
    assert (await Parcel.get(id=parcel.id)).state == ParcelState.OUT_FOR_DELIVERY
    strange = await tell(parcels, parcel, "X_42", clock.now() + timedelta(seconds=1))
    assert (strange.state, strange.carrier_status) == (ParcelState.OUT_FOR_DELIVERY, TrackStatus.UNKNOWN)
    assert (await parcels.verify_custody(parcel.id)).is_intact


async def test_late_and_reordered_pushes_converge(parcels: Parcels, clock: ManualClock) -> None:
    parcel = await with_courier(parcels)
    start = clock.now()
    for code, minute in (("704", 40), ("203", 0), ("702", 30), ("305", 10)):
        parcel = await tell(parcels, parcel, code, start + timedelta(minutes=minute))
    assert (parcel.state, parcel.carrier_status) == (ParcelState.DELIVERED_UNPROVEN, TrackStatus.DELIVERED)
    assert [row.code for row in await parcels.tracking(parcel)] == ["203", "305", "702", "704"]


async def test_a_push_before_the_waybill_was_stored_is_adopted(parcels: Parcels, clock: ManualClock, carrier: PaperCarrier) -> None:
    parcel = await opened(parcels)
    carrier.orders[parcel.order_no] = "1200000000042"
    early = Parcel(waybill_no="1200000000042")
    await parcels.receive_push("ems", {"x-proof": "genuine"}, push(early, "203", clock.now()))
    await parcels.place_order(parcel.id)
    parcel = await Parcel.get(id=parcel.id)
    assert (parcel.carrier_status, len(await parcels.tracking(parcel))) == (TrackStatus.PICKED_UP, 1)


async def test_polling_finds_what_pushes_lost_and_nothing_twice(parcels: Parcels, clock: ManualClock, carrier: PaperCarrier) -> None:
    parcel = await with_courier(parcels)
    when = clock.now().replace(microsecond=0)
    await tell(parcels, parcel, "203", when)
    known = CarrierEvent(str(parcel.waybill_no), "203", TrackStatus.PICKED_UP, when)
    fresh = CarrierEvent(str(parcel.waybill_no), "705", TrackStatus.DELIVERY_FAILED, when + timedelta(hours=1))
    foreign = CarrierEvent("1299999999999", "704", TrackStatus.DELIVERED, when)
    carrier.events = [known, fresh, foreign]
    assert await parcels.refresh_tracking(parcel.id) == 1
    assert await parcels.refresh_tracking(parcel.id) == 0
    assert (await Parcel.get(id=parcel.id)).state == ParcelState.DELIVERY_FAILED


async def test_a_pushed_text_with_a_phone_number_is_sealed(parcels: Parcels, clock: ManualClock) -> None:
    parcel = await with_courier(parcels)
    parcel = await tell(parcels, parcel, "702", clock.now())
    row = await CarrierPush.get(waybill_no=parcel.waybill_no)
    assert b"19900000009" not in bytes(row.body or b"")
    view = citizen_parcel(parcel, parcels.recipient_of(parcel), [row], CITIZEN)
    assert [line.label for line in view.tracking] == ["正在派送"]
    assert set(STATUS_LABELS) == set(TrackStatus)
