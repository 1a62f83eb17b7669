"""R60: a parcel from the hall to the door, and every way in which somebody may try to cheat on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import BEIJING, ManualClock
from core.crypto import FieldCipher
from core.db import Database
from core.errors import Conflict, NotFound, UpstreamUnavailable
from core.flow import IllegalMove
from core.models import OutboxEvent
from express.carriers import ems_mapping as mapping
from express.config import ExpressConfig
from express.custody import Grade
from express.errors import (
    CarrierRefused,
    HandoffCodeStale,
    HandoffCodeWrong,
    HandoffTaken,
    NoCarrier,
    PickupCodeWrong,
    PickupLocked,
    PickupNotReady,
    PushForged,
    RecipientInvalid,
)
from express.flow import HAND_OVER, ParcelState
from express.models import CarrierPush, CustodyEvent, Parcel
from express.ports import CarrierEvent, OrderRequest, Push, Recipient, TrackStatus
from express.rules import ExpressKeys
from express.service import Parcels
from express.views import STATUS_LABELS, citizen_parcel, courier_parcel

TO = Recipient("李娜", "19900000002", "重庆市", "重庆市", "渝中区", "示例路8号1栋1202")
CITIZEN, STRANGER = Actor(Role.CITIZEN, "acct_citizen"), Actor(Role.CITIZEN, "acct_stranger")
COURIER, RIVAL = Actor(Role.COURIER, "acct_courier"), Actor(Role.COURIER, "acct_rival")
CLERK = Actor(Role.CLERK, "acct_clerk", frozenset({HAND_OVER}), "office_a")
OTHER_CLERK = Actor(Role.CLERK, "acct_other", frozenset({HAND_OVER}), "office_b")
CONFIG = ExpressConfig()


class PaperCarrier:
    """A carrier in memory; the network side of the real one is tested against the sandbox."""

    code, is_postal = "ems", True

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.cancelled: list[str] = []
        self.events: list[CarrierEvent] = []
        self.failures: list[Exception] = []

    async def order(self, request: OrderRequest) -> str:
        waybill_no = self.orders.setdefault(request.order_no, f"12{len(self.orders):011d}")
        if self.failures:
            raise self.failures.pop(0)
        return waybill_no

    async def cancel(self, order_no: str, waybill_no: str) -> None:
        self.cancelled.append(waybill_no)

    async def track(self, waybill_no: str) -> Sequence[CarrierEvent]:
        return self.events

    def parse_push(self, headers: Mapping[str, str], body: bytes) -> Push:
        if headers.get("x-proof") != "genuine":
            raise PushForged()
        item = json.loads(body)
        return Push([mapping.event_from(item)], body, b"ok")

    async def check(self) -> None:
        return None


@pytest.fixture
def carrier() -> PaperCarrier:
    return PaperCarrier()


@pytest.fixture
async def parcels(database: Database, clock: ManualClock, carrier: PaperCarrier) -> AsyncIterator[Parcels]:
    cipher = FieldCipher({"k1": b"\x07" * 32}, "k1")
    yield Parcels(config=CONFIG, clock=clock, cipher=cipher, keys=ExpressKeys.from_master(b"\x05" * 32), carriers={"ems": carrier})


async def opened(parcels: Parcels, licence: str = "lic_1", recipient: Recipient = TO) -> Parcel:
    return await parcels.open_parcel(case_id="case_1", licence_id=licence, citizen_id=CITIZEN.id, recipient=recipient, office_id="office_a")


async def with_courier(parcels: Parcels, licence: str = "lic_1") -> Parcel:
    parcel = await opened(parcels, licence)
    await parcels.place_order(parcel.id)
    offer = await parcels.handoff_code(CLERK, parcel.id)
    parcel = await Parcel.get(id=parcel.id)
    return await parcels.accept_handoff(COURIER, str(parcel.waybill_no), offer.payload)


def push(parcel: Parcel, code: str, at: datetime) -> bytes:
    text = at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps({"waybillNo": parcel.waybill_no, "opCode": code, "opTime": text, "opDesc": "投递员电话19900000009"}).encode()


async def tell(parcels: Parcels, parcel: Parcel, code: str, at: datetime) -> Parcel:
    await parcels.receive_push("ems", {"X-Proof": "genuine"}, push(parcel, code, at))
    return await Parcel.get(id=parcel.id)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def events(name: str) -> int:
    return await OutboxEvent.filter(name=name).count()


async def test_from_the_hall_to_the_door(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    await parcels.start_delivery(COURIER, parcel.id)
    code = await parcels.pickup_code_for(CITIZEN, parcel.id)
    delivered = await parcels.deliver(COURIER, parcel.id, code)
    assert (delivered.state, delivered.courier_id) == (ParcelState.DELIVERED, COURIER.id)
    assert [(event.kind, event.grade) for event in await parcels.custody(delivered)] == [
        ("open", Grade.INTERNAL),
        ("record_order", Grade.CARRIER),
        ("offer_handoff", Grade.INTERNAL),
        ("accept_handoff", Grade.SIGNED),
        ("start_delivery", Grade.INTERNAL),
        ("deliver", Grade.PICKUP_CODE),
    ]
    assert (await parcels.verify_custody(parcel.id)).is_intact
    assert (await audit.verify("case:case_1")).is_intact
    for name in ("opened", "ordered", "handed_over", "delivered"):
        assert await events(f"express.parcel_{name}") == 1
    assert (await parcels.deliver(COURIER, parcel.id, code)).state == ParcelState.DELIVERED
    assert await events("express.parcel_delivered") == 1
    with pytest.raises(PickupNotReady):
        await parcels.pickup_code_for(CITIZEN, parcel.id)


async def test_one_licence_is_one_parcel(parcels: Parcels) -> None:
    found = await asyncio.gather(*(opened(parcels) for _ in range(20)))
    assert len({parcel.id for parcel in found}) == 1
    assert (await Parcel.all().count(), await events("express.parcel_opened")) == (1, 1)


async def test_a_bad_recipient_leaves_nothing(parcels: Parcels) -> None:
    with pytest.raises(RecipientInvalid) as refused:
        await opened(parcels, recipient=Recipient("李娜", "12345", "重庆市", "重庆市", "渝中区", "路"))
    assert set(refused.value.fields) == {"phone", "address"}
    assert (await Parcel.all().count(), await OutboxEvent.all().count()) == (0, 0)


async def test_no_carrier_no_parcel(parcels: Parcels) -> None:
    parcels._carriers = {}
    with pytest.raises(NoCarrier):
        await opened(parcels)


async def test_the_recipient_is_sealed(parcels: Parcels) -> None:
    parcel = await opened(parcels)
    assert all(word.encode() not in bytes(parcel.recipient) for word in ("李娜", "19900000002", "示例路"))
    assert parcels.recipient_of(parcel) == TO


async def test_accepted_but_no_reply_then_a_retry_is_one_waybill(parcels: Parcels, carrier: PaperCarrier) -> None:
    parcel = await opened(parcels)
    carrier.failures = [UpstreamUnavailable()]
    with pytest.raises(UpstreamUnavailable):
        await parcels.place_order(parcel.id)
    assert (await Parcel.get(id=parcel.id)).state == ParcelState.READY
    await asyncio.gather(*(parcels.place_order(parcel.id) for _ in range(3)), return_exceptions=True)
    parcel = await Parcel.get(id=parcel.id)
    assert (parcel.state, list(carrier.orders.values())) == (ParcelState.ORDERED, [parcel.waybill_no])
    assert await events("express.parcel_ordered") == 1


async def test_a_refused_order_stays_to_be_done(parcels: Parcels, carrier: PaperCarrier) -> None:
    parcel = await opened(parcels)
    carrier.failures = [CarrierRefused()]
    with pytest.raises(CarrierRefused):
        await parcels.place_order(parcel.id)
    assert (await Parcel.get(id=parcel.id)).state == ParcelState.READY


async def test_cancelled_while_the_carrier_was_asked_is_cancelled_there_too(parcels: Parcels, carrier: PaperCarrier) -> None:
    parcel = await opened(parcels)
    really_order = carrier.order

    async def slow(request: OrderRequest) -> str:
        waybill_no = await really_order(request)
        await parcels.cancel(CLERK, parcel.id)
        return waybill_no

    carrier.order = slow  # type: ignore[method-assign]
    await parcels.place_order(parcel.id)
    assert (await Parcel.get(id=parcel.id)).state == ParcelState.CANCELLED
    assert carrier.cancelled == list(carrier.orders.values())


async def test_two_couriers_scan_one_code(parcels: Parcels) -> None:
    """A photo of the screen is worth nothing once the code was used, even in the same second."""
    parcel = await opened(parcels)
    await parcels.place_order(parcel.id)
    offer = await parcels.handoff_code(CLERK, parcel.id)
    waybill_no = str((await Parcel.get(id=parcel.id)).waybill_no)
    answers = await asyncio.gather(
        *(parcels.accept_handoff(who, waybill_no, offer.payload) for who in (COURIER, RIVAL)), return_exceptions=True
    )
    won = [answer for answer in answers if isinstance(answer, Parcel)]
    lost = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (len(won), len(lost)) == (1, 1)
    assert await CustodyEvent.filter(kind="accept_handoff").count() == 1
    again = await parcels.accept_handoff(Actor(Role.COURIER, str(won[0].courier_id)), waybill_no, offer.payload)
    assert again.state == ParcelState.WITH_COURIER


async def test_bad_handoffs(parcels: Parcels, clock: ManualClock) -> None:
    first, second = await opened(parcels, "lic_1"), await opened(parcels, "lic_2")
    for parcel in (first, second):
        await parcels.place_order(parcel.id)
    waybill_no = str((await Parcel.get(id=first.id)).waybill_no)
    for_second = (await parcels.handoff_code(CLERK, second.id)).payload
    stale = (await parcels.handoff_code(CLERK, first.id)).payload
    clock.advance(seconds=61)
    for payload, error in ((for_second, HandoffCodeWrong), (stale, HandoffCodeStale), ("ZT1.hc.x", HandoffCodeWrong)):
        with pytest.raises(error):
            await parcels.accept_handoff(COURIER, waybill_no, payload)
    with pytest.raises(NotFound):
        await parcels.accept_handoff(COURIER, "1299999999999", stale)
    await parcels.accept_handoff(COURIER, waybill_no, (await parcels.handoff_code(CLERK, first.id)).payload)
    with pytest.raises(HandoffTaken):
        await parcels.accept_handoff(RIVAL, waybill_no, stale)


async def test_others_see_nothing(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    code = await parcels.pickup_code_for(CITIZEN, parcel.id)
    for attempt in (
        parcels.pickup_code_for(STRANGER, parcel.id),
        parcels.deliver(RIVAL, parcel.id, code),
        parcels.handoff_code(OTHER_CLERK, parcel.id),
        parcels.confirm_receipt(STRANGER, parcel.id),
        parcels.for_courier(RIVAL, parcel.id),
        parcels.verify_custody("parcel_unknown"),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await parcels.list_for_citizen(STRANGER) == []


async def test_five_wrong_codes_lock_and_a_resend_does_not_help(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    for left in (4, 3, 2, 1):
        bad = wrong(await parcels.pickup_code_for(CITIZEN, parcel.id))
        with pytest.raises(PickupCodeWrong) as refused:
            await parcels.deliver(COURIER, parcel.id, bad)
        assert str(left) in refused.value.fields["code"]
    await parcels.renew_pickup_code(CITIZEN, parcel.id)
    with pytest.raises(PickupLocked):
        await parcels.deliver(COURIER, parcel.id, wrong(await parcels.pickup_code_for(CITIZEN, parcel.id)))
    right = await parcels.renew_pickup_code(CITIZEN, parcel.id)
    with pytest.raises(PickupLocked):
        await parcels.deliver(COURIER, parcel.id, right)
    assert await events("express.pickup_locked_out") == 1
    await parcels.unlock_pickup(CLERK, parcel.id)
    with pytest.raises(PickupCodeWrong):
        await parcels.deliver(COURIER, parcel.id, wrong(await parcels.pickup_code_for(CITIZEN, parcel.id)))
    done = await parcels.deliver(COURIER, parcel.id, await parcels.pickup_code_for(CITIZEN, parcel.id))
    assert done.state == ParcelState.DELIVERED
    assert (await parcels.verify_custody(parcel.id)).is_intact


async def test_fifty_guesses_at_once_are_five_tries(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    right = await parcels.pickup_code_for(CITIZEN, parcel.id)
    guesses = [f"{(int(right) + step) % 10**6:06d}" for step in range(1, 51)]
    answers = await asyncio.gather(*(parcels.deliver(COURIER, parcel.id, guess) for guess in guesses), return_exceptions=True)
    assert all(isinstance(answer, PickupCodeWrong | PickupLocked) for answer in answers)
    assert await CustodyEvent.filter(kind="pickup_code_wrong").count() == 5
    assert (await Parcel.get(id=parcel.id)).pickup_tries == 5
    assert (await parcels.verify_custody(parcel.id)).is_intact


async def test_a_resend_kills_the_old_code(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    old = await parcels.pickup_code_for(CITIZEN, parcel.id)
    while await parcels.renew_pickup_code(CITIZEN, parcel.id) == old:
        pass
    with pytest.raises(PickupCodeWrong):
        await parcels.deliver(COURIER, parcel.id, old)


async def test_the_code_is_nowhere_but_with_the_recipient(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    code = await parcels.pickup_code_for(CITIZEN, parcel.id)
    row = await Parcel.get(id=parcel.id)
    view = courier_parcel(row, parcels.recipient_of(row), COURIER)
    stored = repr({name: getattr(row, name) for name in row._meta.db_fields}) + repr(await CustodyEvent.all().values())
    stored += repr(await OutboxEvent.all().values())
    assert code not in stored
    assert code not in repr(view)
    assert (view.recipient_name, view.recipient_phone) == ("李*", "199****0002")


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


async def test_a_lost_parcel_says_so_once(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    await parcels.record_loss(CLERK, parcel.id)
    with pytest.raises(IllegalMove):
        await parcels.record_loss(CLERK, parcel.id)
    assert await events("express.parcel_lost") == 1


async def test_an_altered_custody_link_is_found(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    assert (await parcels.verify_custody(parcel.id)).is_intact
    link = await CustodyEvent.get(parcel_id=parcel.id, kind="record_order")
    for change in (
        {"actor_id": "acct_other"},
        {"grade": Grade.SIGNED.value},
        {"data": '{"grade":"carrier"}'},
        {"at": "2020-01-01T00:00:00"},
    ):
        before = {name: getattr(link, name) for name in change}
        await CustodyEvent.filter(id=link.id).update(**change)
        report = await parcels.verify_custody(parcel.id)
        assert (report.is_intact, report.broken_at) == (False, link.seq)
        await CustodyEvent.filter(id=link.id).update(**before)
    last = await CustodyEvent.filter(parcel_id=parcel.id).order_by("-seq").first()
    assert last is not None
    await last.delete()
    assert not (await parcels.verify_custody(parcel.id)).is_intact


async def test_the_system_may_not_hand_over(parcels: Parcels) -> None:
    parcel = await with_courier(parcels)
    with pytest.raises(NotFound):
        await parcels.deliver(SYSTEM, parcel.id, "000000")
