"""R60: a parcel from the hall to the door, and every way in which somebody may try to cheat on the way."""

from __future__ import annotations

import asyncio

import pytest

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import ManualClock
from core.errors import Conflict, NotFound, UpstreamUnavailable
from core.flow import IllegalMove
from core.models import OutboxEvent
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
    RecipientInvalid,
)
from express.flow import ParcelState
from express.models import CustodyEvent, Parcel
from express.ports import OrderRequest, Recipient
from express.service import Parcels
from express.views import courier_parcel
from tests.factories.parcels import (
    CITIZEN,
    CLERK,
    COURIER,
    OTHER_CLERK,
    RIVAL,
    STRANGER,
    TO,
    PaperCarrier,
    events,
    opened,
    with_courier,
    wrong,
)


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
