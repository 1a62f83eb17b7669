"""At the counter: check-in by code or QR, serving, not coming."""

from __future__ import annotations

from datetime import date

import pytest

from core import audit
from core.errors import NotFound
from core.flow import IllegalMove
from core.models import OutboxEvent
from hall.appointments.errors import CheckInCodeUnknown, NotTheDay
from hall.appointments.models import Appointment
from hall.appointments.views import AppointmentView
from tests.factories.hall import OFFICE, OTHER_OFFICE, HallWorld, citizen, clerk

TODAY, NEXT = date(2026, 11, 23), date(2026, 11, 24)


async def booked(hall: HallWorld, day: date = TODAY, name: str = "account_a") -> AppointmentView:
    slot = (await hall.appointments.offered(OFFICE, "identity_check", day, day))[0]
    held = await hall.appointments.hold(citizen(name), slot.id)
    return await hall.appointments.confirm(citizen(name), held.id)


async def test_check_in_and_complete(hall: HallWorld) -> None:
    hall.cases.owners, hall.cases.papers = {"case_a": "account_a"}, {"case_a": "a" * 64}
    slot = (await hall.appointments.offered(OFFICE, "identity_check", TODAY, TODAY))[0]
    held = await hall.appointments.hold(citizen(), slot.id, "case_a")
    firm = await hall.appointments.confirm(citizen(), held.id)
    visit = await hall.appointments.check_in(clerk(), str(firm.code))
    assert (visit.state, visit.case_id, visit.account_id, visit.clerk_id) == ("checked_in", "case_a", "account_a", "staff_a")
    assert visit.allowed_actions == ["complete", "send_away"]
    assert (visit.case_title, visit.document_sha256) == ("title of case_a", "a" * 64), "an identification is bound to what will be signed"
    assert await hall.appointments.check_in(clerk(), str(firm.code)) == visit, "scanning twice changes nothing"
    done = await hall.appointments.complete(clerk(), visit.id)
    assert done.state == "done"
    with pytest.raises(IllegalMove):
        await hall.appointments.complete(clerk(), visit.id)
    with pytest.raises(CheckInCodeUnknown):
        await hall.appointments.check_in(clerk(), str(firm.code))
    names = [str(name) for name in await OutboxEvent.filter(name__startswith="appointment").order_by("id").values_list("name", flat=True)]
    assert names == ["appointment.confirmed", "appointment.checked_in", "appointment.completed"]
    report = await audit.verify("case:case_a")
    assert report.is_intact and report.length == 4


async def test_the_qr_does_what_the_code_does(hall: HallWorld) -> None:
    firm = await booked(hall)
    assert (await hall.appointments.check_in(clerk(), f" {firm.qr_text}\n")).id == firm.id


async def test_codes_that_do_not_work_look_the_same(hall: HallWorld) -> None:
    firm = await booked(hall)
    other = await booked(hall, name="account_b")
    wrong = "000000" if "000000" not in {firm.code, other.code} else "000001"
    forged = str(firm.qr_text).replace(str(firm.code), str(other.code))
    for code in (wrong, "", "12345", "abcdef", "０00000", "%", "' OR 1=1 --", f"ZTC1.appt_{'0' * 26}.{firm.code}", forged):
        with pytest.raises(CheckInCodeUnknown):
            await hall.appointments.check_in(clerk(), code)
    for stranger in (clerk(office_id=OTHER_OFFICE), clerk(office_id=None)):
        with pytest.raises(CheckInCodeUnknown):
            await hall.appointments.check_in(stranger, str(firm.code))
        with pytest.raises(CheckInCodeUnknown):
            await hall.appointments.check_in(stranger, str(firm.qr_text))


async def test_only_on_the_day(hall: HallWorld) -> None:
    firm = await booked(hall, NEXT)
    with pytest.raises(CheckInCodeUnknown):
        await hall.appointments.check_in(clerk(), str(firm.code))
    with pytest.raises(NotTheDay):
        await hall.appointments.check_in(clerk(), str(firm.qr_text))
    hall.clock.advance(days=1)
    assert (await hall.appointments.check_in(clerk(), str(firm.code))).state == "checked_in"


async def test_a_cancelled_appointment_cannot_be_checked_in(hall: HallWorld) -> None:
    firm = await booked(hall)
    assert (await hall.appointments.cancel_visit(clerk(), firm.id)).state == "cancelled"
    for code in (firm.code, firm.qr_text):
        with pytest.raises(CheckInCodeUnknown):
            await hall.appointments.check_in(clerk(), str(code))


async def test_another_office_sees_nothing(hall: HallWorld) -> None:
    firm = await booked(hall)
    await hall.appointments.check_in(clerk(), str(firm.code))
    stranger = clerk("staff_b", OTHER_OFFICE)
    for call in (hall.appointments.complete, hall.appointments.send_away, hall.appointments.cancel_visit):
        for appointment_id in (firm.id, "appt_unknown"):
            with pytest.raises(NotFound):
                await call(stranger, appointment_id)
    assert await hall.appointments.visits(stranger, TODAY) == []
    assert await hall.appointments.visits(clerk(office_id=None), TODAY) == []
    assert [visit.id for visit in await hall.appointments.visits(clerk(), TODAY)] == [firm.id]
    assert await hall.appointments.visits(clerk(), NEXT) == []


async def test_who_was_not_served_may_book_again(hall: HallWorld) -> None:
    firm = await booked(hall)
    await hall.appointments.check_in(clerk(), str(firm.code))
    with pytest.raises(IllegalMove):
        await hall.appointments.cancel(citizen(), firm.id)
    assert (await hall.appointments.send_away(clerk(), firm.id)).state == "cancelled"
    assert (await booked(hall, NEXT)).state == "confirmed"


async def test_a_clerk_without_the_permission_may_not_serve(hall: HallWorld) -> None:
    firm = await booked(hall)
    with pytest.raises(IllegalMove):
        await hall.appointments.cancel_visit(type(clerk())(clerk().kind, "staff_c", frozenset(), OFFICE), firm.id)
    assert (await hall.appointments.one(citizen(), firm.id)).state == "confirmed"


async def test_who_does_not_come_is_marked_after_an_hour(hall: HallWorld) -> None:
    firm = await booked(hall)
    hall.clock.advance(hours=1, minutes=59)
    assert await hall.appointments.mark_missed() == 0
    hall.clock.advance(minutes=1)
    assert await hall.appointments.mark_missed() == 1
    assert (await hall.appointments.one(citizen(), firm.id)).state == "no_show"
    assert await OutboxEvent.filter(name="appointment.missed").count() == 1
    assert (await booked(hall, NEXT)).state == "confirmed", "and may book again"


async def test_codes_of_one_day_are_unique(hall: HallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["111111", "111111", "111111", "222222"])
    monkeypatch.setattr("hall.appointments.service.digits", lambda _length: next(drawn))
    first, second = await booked(hall), await booked(hall, name="account_b")
    assert (first.code, second.code) == ("111111", "222222")
    assert await Appointment.filter(state="confirmed").count() == 2
