"""The door of appointments.

Every command that takes or frees a place touches the appointment first and the slot second, so that two of them never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from tortoise.expressions import F, Q

from core.actor import SYSTEM, Actor
from core.clock import BEIJING, Clock
from core.db import IntegrityError, one_at_a_time, transaction
from core.errors import Conflict, NotFound
from core.flow import Transition
from core.ids import digits, new_id
from core.outbox import Event, emit
from hall.appointments.errors import AlreadyBooked, CheckInCodeUnknown, HoldExpired, NotTheDay, SlotFull, SlotPast, TooManyAppointments
from hall.appointments.events import (
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentMissed,
)
from hall.appointments.flow import ACTIVE, FLOW
from hall.appointments.models import Appointment, Slot
from hall.appointments.planning import Planning, packaged_plans
from hall.appointments.ports import BookableCases, VisitedCase
from hall.appointments.register import Book
from hall.appointments.rules import HOLD, LATE, MAX_LIVING, Plan, Session, active_key, code_key, read_code
from hall.appointments.views import AppointmentView, SlotView, VisitView
from hall.catalog.service import Catalog, WorkingDays

_CODE_TRIES = 20
_SWEEP = 200

__all__ = ["Appointments", "Plan", "Session", "VisitedCase"]


class Appointments:
    def __init__(self, *, clock: Clock, catalog: Catalog, days: WorkingDays, cases: BookableCases) -> None:
        self._clock, self._cases = clock, cases
        self._book = Book(clock=clock, catalog=catalog, cases=cases)
        self._planning = Planning(clock=clock, catalog=catalog, days=days)

    async def seed(self) -> int:
        """Import the packaged slot plans (after `Catalog.seed`); doing it again changes nothing."""
        return await self._planning.import_plans(packaged_plans())

    async def import_plans(self, actor: Actor, plans: Iterable[Plan]) -> int:
        return await self._planning.import_plans(plans, actor)

    async def offered(self, office_id: str, purpose: str, first: date, last: date) -> list[SlotView]:
        """The slots that have not begun, full ones included. Raises InvalidInput, OfficeUnknown."""
        return await self._planning.offered(office_id, purpose, first, last)

    async def offices(self, purpose: str) -> list[str]:
        """Ids of the offices that take appointments for this purpose, today or later. Raises InvalidInput."""
        return await self._planning.offices(purpose)

    async def hold(self, actor: Actor, slot_id: str, case_id: str | None = None) -> AppointmentView:
        """Take a place for ten minutes. Raises NotFound (slot, or case not the actor's), SlotPast, SlotFull, AlreadyBooked,
        TooManyAppointments."""
        slot = await Slot.get_or_none(id=slot_id)
        if slot is None or (case_id is not None and not await self._cases.may_book(actor, case_id, slot.purpose)):
            raise NotFound()
        now = self._clock.now()
        if slot.starts_at <= now:
            raise SlotPast()
        key = active_key(actor.id, slot.purpose, case_id)
        await self._expire(await Appointment.filter(active_key=key, state="held", held_until__lte=now))
        if slot.taken >= slot.capacity:
            await self._expire(await Appointment.filter(slot_id=slot.id, state="held", held_until__lte=now))
        try:
            async with transaction():
                await one_at_a_time(f"appointments:{actor.id}")
                row = await Appointment.create(
                    id=new_id("appt"),
                    slot_id=slot.id,
                    office_id=slot.office_id,
                    purpose=slot.purpose,
                    account_id=actor.id,
                    case_id=case_id,
                    state=FLOW.initial,
                    starts_at=slot.starts_at,
                    ends_at=slot.ends_at,
                    held_until=now + HOLD,
                    active_key=key,
                    created_at=now,
                )
                ended = Q(state="held", held_until__lte=now)
                if await Appointment.filter(~ended, account_id=actor.id, state__in=ACTIVE).count() > MAX_LIVING:
                    raise TooManyAppointments()
                if not await Slot.filter(id=slot.id, taken__lt=F("capacity")).update(taken=F("taken") + 1):
                    raise SlotFull()
                await self._book.note(row, "appointment.held", actor, now)
        except IntegrityError:
            raise AlreadyBooked() from None
        return await self._book.view(row, actor)

    async def confirm(self, actor: Actor, appointment_id: str) -> AppointmentView:
        """Make a hold firm and give it its check-in code. Raises NotFound, HoldExpired, IllegalMove; confirming twice changes nothing."""
        row = await self._book.of_citizen(actor, appointment_id)
        now = self._clock.now()
        if row.state == "confirmed":
            return await self._book.view(row, actor)
        if row.state == "expired" or (row.state == "held" and row.held_until <= now):
            raise HoldExpired()
        move = FLOW.move(row.state, "confirm", actor, {"is_live": True})
        async with transaction():
            await self._give_code(row, move, now)
            await self._book.note(row, "appointment.confirmed", actor, now)
            await emit(_about(AppointmentConfirmed, row), at=now)
        return await self._book.view(row, actor)

    async def _give_code(self, row: Appointment, move: Transition, now: datetime) -> None:
        """Six digits that no other living appointment of that office and day has."""
        for _ in range(_CODE_TRIES):
            code = digits(6)
            try:
                async with transaction():
                    await self._book.save(row, move, code=code, code_key=code_key(row.office_id, row.starts_at, code), confirmed_at=now)
                return
            except IntegrityError:
                continue
        raise Conflict()

    async def cancel(self, actor: Actor, appointment_id: str) -> AppointmentView:
        """Give the actor's own place back. Raises NotFound, IllegalMove."""
        row = await self._book.of_citizen(actor, appointment_id)
        await self._cancel(row, actor)
        return await self._book.view(row, actor)

    async def cancel_visit(self, clerk: Actor, appointment_id: str) -> VisitView:
        """Cancel for somebody who called the clerk's office. Raises NotFound (also another office's), IllegalMove."""
        row = await self._book.of_clerk(clerk, appointment_id)
        await self._cancel(row, clerk)
        return await self._book.visit(row, clerk)

    async def _cancel(self, row: Appointment, actor: Actor) -> None:
        move = FLOW.move(row.state, "cancel", actor)
        now = self._clock.now()
        async with transaction():
            await self._book.end(row, move, now)
            await self._book.note(row, "appointment.cancelled", actor, now)
            await emit(_about(AppointmentCancelled, row), at=now)

    async def mine(self, actor: Actor) -> list[AppointmentView]:
        rows = await Appointment.filter(account_id=actor.id).order_by("-created_at", "-id").limit(50)
        return [await self._book.view(row, actor) for row in rows]

    async def one(self, actor: Actor, appointment_id: str) -> AppointmentView:
        return await self._book.view(await self._book.of_citizen(actor, appointment_id), actor)

    async def visits(self, clerk: Actor, day: date) -> list[VisitView]:
        """The living and served appointments of the clerk's office on one day, in order."""
        shown = [*ACTIVE, "done", "no_show"]
        rows = await Appointment.filter(office_id=clerk.office_id or "", state__in=shown).filter(**_on(day)).order_by("starts_at", "id")
        return await self._book.visits(rows, clerk)

    async def check_in(self, clerk: Actor, code: str) -> VisitView:
        """Receive the visitor who shows this code or QR, at the clerk's own office on the day. Doing it again changes nothing.

        Raises CheckInCodeUnknown, NotTheDay (only for a full QR of this office, which cannot be guessed).
        """
        found = read_code(code)
        if found is None or clerk.office_id is None:
            raise CheckInCodeUnknown()
        now = self._clock.now()
        today = now.astimezone(BEIJING)
        wanted, number = found
        query = Appointment.filter(office_id=clerk.office_id, code=number)
        query = query.filter(id=wanted) if wanted else query.filter(code_key=code_key(clerk.office_id, now, number))
        row = await query.first()
        if row is None or row.state not in ACTIVE:
            raise CheckInCodeUnknown()
        if row.state == "checked_in":
            return await self._book.visit(row, clerk)
        if row.starts_at.astimezone(BEIJING).date() != today.date():
            raise NotTheDay()
        move = FLOW.move(row.state, "check_in", clerk, {"is_the_day": True})
        async with transaction():
            await self._book.save(row, move, checked_in_at=now, clerk_id=clerk.id)
            await self._book.note(row, "appointment.checked_in", clerk, now)
            await emit(_at_counter(AppointmentCheckedIn, row, clerk), at=now)
        return await self._book.visit(row, clerk)

    async def complete(self, clerk: Actor, appointment_id: str) -> VisitView:
        """The visitor has been served. Raises NotFound (also another office's), IllegalMove unless checked in."""
        row = await self._book.of_clerk(clerk, appointment_id)
        move = FLOW.move(row.state, "complete", clerk)
        now = self._clock.now()
        async with transaction():
            await self._book.save(row, move, ended_at=now, clerk_id=clerk.id, active_key=None, code_key=None)
            await self._book.note(row, "appointment.completed", clerk, now)
            await emit(_at_counter(AppointmentCompleted, row, clerk), at=now)
        return await self._book.visit(row, clerk)

    async def send_away(self, clerk: Actor, appointment_id: str) -> VisitView:
        """The visitor was received but not served (left, or could not be identified). Raises like `complete`."""
        row = await self._book.of_clerk(clerk, appointment_id)
        move = FLOW.move(row.state, "send_away", clerk)
        now = self._clock.now()
        async with transaction():
            await self._book.save(row, move, ended_at=now, clerk_id=clerk.id, active_key=None, code_key=None)
            await self._book.note(row, "appointment.sent_away", clerk, now)
            await emit(_about(AppointmentCancelled, row), at=now)
        return await self._book.visit(row, clerk)

    async def expire_holds(self) -> int:
        """Job: free the places of holds that were not confirmed in time; returns how many."""
        rows = await Appointment.filter(state="held", held_until__lte=self._clock.now()).order_by("held_until").limit(_SWEEP)
        return await self._expire(rows)

    async def mark_missed(self) -> int:
        """Job: nobody came until an hour after the end; returns how many."""
        now = self._clock.now()
        rows = await Appointment.filter(state="confirmed", ends_at__lte=now - LATE).order_by("ends_at").limit(_SWEEP)
        move = FLOW.move("confirmed", "miss", SYSTEM, {"is_over": True})
        done = 0
        for row in rows:
            try:
                async with transaction():
                    await self._book.save(row, move, ended_at=now, active_key=None, code_key=None)
                    await self._book.note(row, "appointment.missed", SYSTEM, now)
                    await emit(_about(AppointmentMissed, row), at=now)
                    done += 1
            except Conflict:
                continue
        return done

    async def _expire(self, rows: Iterable[Appointment]) -> int:
        move = FLOW.move("held", "expire", SYSTEM)
        done, now = 0, self._clock.now()
        for row in rows:
            try:
                async with transaction():
                    await self._book.end(row, move, now)
                    await self._book.note(row, "appointment.expired", SYSTEM, now)
                    done += 1
            except Conflict:
                continue
        return done


def _on(day: date) -> dict[str, datetime]:
    start = datetime.combine(day, time(), BEIJING)
    return {"starts_at__gte": start, "starts_at__lt": start + timedelta(days=1)}


def _about(kind: type[AppointmentConfirmed | AppointmentCancelled | AppointmentMissed], row: Appointment) -> Event:
    return kind(appointment_id=row.id, account_id=row.account_id, case_id=row.case_id, purpose=row.purpose)


def _at_counter(kind: type[AppointmentCheckedIn | AppointmentCompleted], row: Appointment, clerk: Actor) -> Event:
    return kind(
        appointment_id=row.id,
        account_id=row.account_id,
        case_id=row.case_id,
        purpose=row.purpose,
        office_id=row.office_id,
        clerk_id=clerk.id,
    )
