"""Loading, saving and showing appointments. A part of the package, not a door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tortoise.expressions import F

from core import audit
from core.actor import Actor
from core.clock import BEIJING, Clock
from core.errors import Conflict, NotFound
from core.flow import Transition
from hall.appointments.flow import FLOW
from hall.appointments.models import Appointment, Slot
from hall.appointments.ports import BookableCases, VisitedCase
from hall.appointments.rules import LATE, qr_text
from hall.appointments.views import PURPOSES, AppointmentView, VisitView
from hall.catalog.service import Catalog


class Book:
    def __init__(self, *, clock: Clock, catalog: Catalog, cases: BookableCases) -> None:
        self._clock, self._catalog, self._cases = clock, catalog, cases

    async def end(self, row: Appointment, move: Transition, now: datetime) -> None:
        """Move to a final state and give the place back."""
        await self.save(row, move, ended_at=now, active_key=None, code_key=None)
        await Slot.filter(id=row.slot_id, taken__gt=0).update(taken=F("taken") - 1)

    async def save(self, row: Appointment, move: Transition, **changes: Any) -> None:
        values = {"state": move.target, **changes}
        if not await Appointment.filter(id=row.id, state=row.state, version=row.version).update(version=F("version") + 1, **values):
            raise Conflict()
        row.version += 1
        for name, value in values.items():
            setattr(row, name, value)

    async def of_citizen(self, actor: Actor, appointment_id: str) -> Appointment:
        row = await Appointment.get_or_none(id=appointment_id, account_id=actor.id)
        if row is None:
            raise NotFound()
        return row

    async def of_clerk(self, clerk: Actor, appointment_id: str) -> Appointment:
        row = await Appointment.get_or_none(id=appointment_id, office_id=clerk.office_id or "")
        if row is None:
            raise NotFound()
        return row

    async def note(self, row: Appointment, action: str, actor: Actor, now: datetime) -> None:
        chain = f"case:{row.case_id}" if row.case_id else f"appointment:{row.id}"
        await audit.record(chain, action, at=now, actor=actor, data={"appointment": row.id, "state": row.state, "purpose": row.purpose})

    def facts(self, row: Appointment) -> dict[str, bool]:
        now = self._clock.now()
        return {
            "is_live": row.held_until > now,
            "is_the_day": row.starts_at.astimezone(BEIJING).date() == now.astimezone(BEIJING).date(),
            "is_over": row.ends_at + LATE <= now,
        }

    async def view(self, row: Appointment, actor: Actor) -> AppointmentView:
        office = await self._catalog.office(row.office_id)
        shows_code = row.state == "confirmed" and row.code is not None
        return AppointmentView(
            id=row.id,
            state=row.state,
            state_text=FLOW.states[row.state],
            purpose=row.purpose,
            purpose_text=PURPOSES[row.purpose],
            case_id=row.case_id,
            office_id=office.id,
            office=office.name,
            address=office.address,
            office_phone=office.phone,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            held_until=row.held_until if row.state == "held" else None,
            code=row.code if shows_code else None,
            qr_text=qr_text(row.id, row.code or "") if shows_code else None,
            allowed_actions=FLOW.allowed_actions(row.state, actor, self.facts(row)),
        )

    async def visits(self, rows: Sequence[Appointment], clerk: Actor) -> list[VisitView]:
        cases = await self._cases.visited([row.case_id for row in rows if row.case_id])
        return [self._visit(row, clerk, cases.get(row.case_id or "")) for row in rows]

    async def visit(self, row: Appointment, clerk: Actor) -> VisitView:
        return (await self.visits([row], clerk))[0]

    def _visit(self, row: Appointment, clerk: Actor, case: VisitedCase | None) -> VisitView:
        return VisitView(
            id=row.id,
            state=row.state,
            state_text=FLOW.states[row.state],
            purpose=row.purpose,
            purpose_text=PURPOSES[row.purpose],
            account_id=row.account_id,
            case_id=row.case_id,
            case_title=case.title if case else None,
            document_sha256=case.document_sha256 if case else None,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            checked_in_at=row.checked_in_at,
            clerk_id=row.clerk_id,
            allowed_actions=FLOW.allowed_actions(row.state, clerk, self.facts(row)),
        )
