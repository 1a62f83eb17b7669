"""Booking: places are never oversold, and nobody sees another's appointment."""

from __future__ import annotations

import asyncio
from datetime import date, time

import pytest

from core import audit
from core.errors import Conflict, DomainError, InvalidInput, NotFound
from core.flow import IllegalMove
from core.models import OutboxEvent
from hall.appointments.errors import AlreadyBooked, HoldExpired, PlanInvalid, SlotFull, SlotPast, TooManyAppointments
from hall.appointments.models import Appointment, Slot
from hall.appointments.rules import Plan, Session
from hall.appointments.views import SlotView
from hall.catalog.errors import OfficeUnknown
from tests.factories.hall import OFFICE, HallWorld, citizen, clerk

TODAY, NEXT = date(2026, 11, 23), date(2026, 11, 24)


async def first_slot(hall: HallWorld, day: date = NEXT) -> SlotView:
    return (await hall.appointments.offered(OFFICE, "identity_check", day, day))[0]


async def taken(slot_id: str) -> int:
    return (await Slot.get(id=slot_id)).taken


async def test_slots_are_made_once_and_only_on_working_days(hall: HallWorld) -> None:
    slots = await hall.appointments.offered(OFFICE, "identity_check", TODAY, date(2026, 11, 29))
    assert {slot.starts_at.date() for slot in slots} == {date(2026, 11, day) for day in range(23, 29)}, "Saturday too"
    assert len([slot for slot in slots if slot.starts_at.date() == NEXT]) == 14
    assert slots[0].starts_at > hall.clock.now(), "the slot that begins now is not offered"
    both = await asyncio.gather(*(hall.appointments.offered(OFFICE, "identity_check", TODAY, date(2026, 12, 4)) for _ in range(5)))
    assert all(one == both[0] for one in both)
    assert await Slot.all().count() == len(both[0]) + 1


@pytest.mark.parametrize(
    ("purpose", "first", "last"), [("massage", TODAY, NEXT), ("identity_check", NEXT, TODAY), ("identity_check", TODAY, date(2027, 2, 1))]
)
async def test_senseless_ranges_are_refused(hall: HallWorld, purpose: str, first: date, last: date) -> None:
    with pytest.raises(InvalidInput):
        await hall.appointments.offered(OFFICE, purpose, first, last)
    assert await Slot.all().count() == 0


async def test_only_offices_that_take_such_appointments_are_offered(hall: HallWorld) -> None:
    assert await hall.appointments.offices("identity_check") == ["office_jinchuan", "office_qinghe"]
    assert await hall.appointments.offices("counter_service") == ["office_jinchuan"]
    with pytest.raises(InvalidInput):
        await hall.appointments.offices("massage")


async def test_unknown_offices_and_days_out_of_reach(hall: HallWorld) -> None:
    with pytest.raises(OfficeUnknown):
        await hall.appointments.offered("office_x", "identity_check", TODAY, NEXT)
    assert await hall.appointments.offered(OFFICE, "identity_check", date(2026, 11, 20), date(2026, 11, 22)) == []
    assert await hall.appointments.offered(OFFICE, "identity_check", date(2027, 3, 1), date(2027, 3, 5)) == []
    assert await Slot.all().count() == 0


async def test_two_hundred_at_once_never_oversell(hall: HallWorld) -> None:
    """R07: 200 people want a slot with 4 places at the same moment; 4 get one, the others are told, and the count is exact."""
    slot = await first_slot(hall)
    people = [citizen(f"account_{number}") for number in range(200)]
    results = await asyncio.gather(*(hall.appointments.hold(one, slot.id) for one in people), return_exceptions=True)
    held = [result for result in results if not isinstance(result, BaseException)]
    refused = [result for result in results if isinstance(result, SlotFull)]
    assert (len(held), len(refused)) == (4, 196)
    assert await taken(slot.id) == 4
    assert await Appointment.filter(state="held").count() == 4
    assert await Appointment.all().count() == 4, "a refusal leaves no row"


async def test_one_person_many_clicks_one_place(hall: HallWorld) -> None:
    """R07: the same person clicks twenty times; one hold, one place taken."""
    slot = await first_slot(hall)
    results = await asyncio.gather(*(hall.appointments.hold(citizen(), slot.id) for _ in range(20)), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert all(isinstance(result, AlreadyBooked | SlotFull) for result in results if isinstance(result, BaseException))
    assert await taken(slot.id) == 1


async def test_hold_confirm_cancel(hall: HallWorld) -> None:
    slot = await first_slot(hall)
    held = await hall.appointments.hold(citizen(), slot.id)
    assert (held.state, held.code, held.qr_text) == ("held", None, None)
    assert held.allowed_actions == ["confirm", "cancel"]
    firm = await hall.appointments.confirm(citizen(), held.id)
    assert firm.state == "confirmed" and firm.code is not None and len(firm.code) == 6
    assert firm.office == "锦川市政务服务中心" and firm.address
    assert await hall.appointments.confirm(citizen(), held.id) == firm, "confirming twice changes nothing"
    with pytest.raises(AlreadyBooked):
        await hall.appointments.hold(citizen(), slot.id)
    gone = await hall.appointments.cancel(citizen(), held.id)
    assert (gone.state, gone.code, gone.allowed_actions) == ("cancelled", None, [])
    assert await taken(slot.id) == 0
    with pytest.raises(IllegalMove):
        await hall.appointments.cancel(citizen(), held.id)
    assert await taken(slot.id) == 0
    assert (await hall.appointments.hold(citizen(), slot.id)).state == "held"
    names = [event.name for event in await OutboxEvent.filter(name__startswith="appointment").order_by("id")]
    assert names == ["appointment.confirmed", "appointment.cancelled"]
    report = await audit.verify(f"appointment:{held.id}")
    assert report.is_intact and report.length == 3


async def test_cancelling_many_times_at_once_frees_one_place(hall: HallWorld) -> None:
    slot = await first_slot(hall)
    other = await hall.appointments.hold(citizen("account_b"), slot.id)
    mine = await hall.appointments.hold(citizen(), slot.id)
    results = await asyncio.gather(*(hall.appointments.cancel(citizen(), mine.id) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert all(isinstance(result, Conflict | IllegalMove) for result in results if isinstance(result, BaseException))
    assert await taken(slot.id) == 1
    assert (await hall.appointments.one(citizen("account_b"), other.id)).state == "held"


async def test_an_unconfirmed_hold_ends_after_ten_minutes(hall: HallWorld) -> None:
    slot = await first_slot(hall)
    held = await hall.appointments.hold(citizen(), slot.id)
    hall.clock.advance(minutes=9, seconds=59)
    assert await hall.appointments.expire_holds() == 0
    hall.clock.advance(seconds=1)
    with pytest.raises(HoldExpired):
        await hall.appointments.confirm(citizen(), held.id)
    assert await hall.appointments.expire_holds() == 1
    assert await hall.appointments.expire_holds() == 0
    assert await taken(slot.id) == 0
    with pytest.raises(HoldExpired):
        await hall.appointments.confirm(citizen(), held.id)


async def test_a_dead_hold_blocks_nobody_even_before_the_job_runs(hall: HallWorld) -> None:
    slot = await first_slot(hall)
    for number in range(4):
        await hall.appointments.hold(citizen(f"account_{number}"), slot.id)
    with pytest.raises(SlotFull):
        await hall.appointments.hold(citizen("account_late"), slot.id)
    hall.clock.advance(minutes=11)
    assert (await hall.appointments.hold(citizen("account_late"), slot.id)).state == "held"
    assert (await hall.appointments.hold(citizen("account_0"), slot.id)).state == "held"
    assert await taken(slot.id) == 2


async def test_for_a_case(hall: HallWorld) -> None:
    """One living appointment per case; a foreign, a finished and an unknown case are all the same 404."""
    hall.cases.owners = {"case_a": "account_a", "case_b": "account_b", "case_done": "account_a", "case_a2": "account_a"}
    hall.cases.finished = {"case_done"}
    slot = await first_slot(hall)
    for case_id in ("case_b", "case_unknown", "case_done", "' OR 1=1"):
        with pytest.raises(NotFound):
            await hall.appointments.hold(citizen(), slot.id, case_id)
    held = await hall.appointments.hold(citizen(), slot.id, "case_a")
    assert held.case_id == "case_a"
    with pytest.raises(AlreadyBooked):
        await hall.appointments.hold(citizen(), slot.id, "case_a")
    assert (await hall.appointments.hold(citizen(), slot.id, "case_a2")).state == "held"
    assert (await audit.verify("case:case_a")).length == 1


async def test_unknown_and_foreign_are_the_same(hall: HallWorld) -> None:
    slot = await first_slot(hall)
    with pytest.raises(NotFound):
        await hall.appointments.hold(citizen(), "slot_unknown")
    held = await hall.appointments.hold(citizen(), slot.id)
    for call in (hall.appointments.one, hall.appointments.confirm, hall.appointments.cancel):
        errors: list[DomainError] = []
        for appointment_id in (held.id, "appt_unknown", "", "%"):
            with pytest.raises(NotFound) as caught:
                await call(citizen("account_b"), appointment_id)
            errors.append(caught.value)
        assert len({(error.code, error.message) for error in errors}) == 1
    assert await hall.appointments.mine(citizen("account_b")) == []
    assert [one.id for one in await hall.appointments.mine(citizen())] == [held.id]


async def test_a_slot_that_began_is_past(hall: HallWorld) -> None:
    slot = await first_slot(hall, TODAY)
    hall.clock.advance(hours=1)
    with pytest.raises(SlotPast):
        await hall.appointments.hold(citizen(), slot.id)


async def test_plans_are_checked_and_changes_keep_visitors(hall: HallWorld) -> None:
    slot = await first_slot(hall)
    assert await hall.appointments.seed() == 0
    base = Plan(
        id="plan_x", office_id=OFFICE, purpose="counter_service", weekdays=(8,), sessions=(), slot_minutes=1, capacity=0, valid_from=TODAY
    )
    with pytest.raises(PlanInvalid) as caught:
        await hall.appointments.import_plans(clerk(), [base])
    assert set(caught.value.fields) == {"weekdays", "sessions", "slot_minutes", "capacity"}
    held = await hall.appointments.hold(citizen(), slot.id)
    wider = Plan(
        id="plan_jinchuan_identity",
        office_id=OFFICE,
        purpose="identity_check",
        weekdays=(1, 2, 3, 4, 5),
        sessions=(Session(time(9), time(10)),),
        slot_minutes=30,
        capacity=9,
        valid_from=TODAY,
    )
    assert await hall.appointments.import_plans(clerk(), [wider]) == 1
    assert (await hall.appointments.one(citizen(), held.id)).starts_at == slot.starts_at
    assert (await first_slot(hall)).left == 3


async def slots_elsewhere(hall: HallWorld, number: int) -> list[SlotView]:
    return (await hall.appointments.offered(OFFICE, "identity_check", NEXT, NEXT))[:number]


async def test_a_person_has_three_places_at_a_time(hall: HallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """R07: ten different matters at once; three get a place, the others leave neither a row nor a taken place."""

    async def any_case(*_: object) -> bool:
        return True

    monkeypatch.setattr(hall.appointments._cases, "may_book", any_case)
    slots = await slots_elsewhere(hall, 10)
    wanted = [hall.appointments.hold(citizen(), slot.id, f"case_{number}") for number, slot in enumerate(slots)]
    results = await asyncio.gather(*wanted, return_exceptions=True)
    held = [result for result in results if not isinstance(result, BaseException)]
    assert len(held) == 3 and sum(isinstance(result, TooManyAppointments) for result in results) == 7, results
    assert await Appointment.all().count() == 3 == sum([await taken(slot.id) for slot in slots])
    assert (await hall.appointments.hold(citizen("account_b"), slots[0].id)).state == "held", "somebody else's places do not count"
    with pytest.raises(TooManyAppointments):
        await hall.appointments.hold(citizen(), slots[9].id, "case_other")
    await hall.appointments.confirm(citizen(), held[0].id)
    await hall.appointments.cancel(citizen(), held[1].id)
    fourth = await hall.appointments.hold(citizen(), slots[9].id, "case_other")
    hall.clock.advance(minutes=11)
    assert fourth.state == "held"
    for number in range(2):  # of the three only the confirmed one lives on
        assert (await hall.appointments.hold(citizen(), slots[8 - number].id, f"case_new_{number}")).state == "held"
    with pytest.raises(TooManyAppointments):
        await hall.appointments.hold(citizen(), slots[5].id, "case_last")
