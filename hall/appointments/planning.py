"""Slot plans and the slots they make on demand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import msgspec

from core import audit
from core.actor import SYSTEM, Actor
from core.clock import BEIJING, Clock
from core.db import transaction
from core.errors import InvalidInput
from core.ids import new_id
from hall.appointments.errors import PlanInvalid
from hall.appointments.models import Slot, SlotPlan
from hall.appointments.rules import HORIZON_DAYS, Plan, plan_problems, slots_on
from hall.appointments.views import PURPOSES, SlotView
from hall.catalog.service import Catalog, WorkingDays


@cache
def packaged_plans() -> tuple[Plan, ...]:
    return msgspec.json.decode((Path(__file__).parent / "data" / "plans.json").read_bytes(), type=tuple[Plan, ...])


_NO_PURPOSE = "没有这种预约。"


class Planning:
    """A part of the package, not a door."""

    def __init__(self, *, clock: Clock, catalog: Catalog, days: WorkingDays) -> None:
        self._clock, self._catalog, self._days = clock, catalog, days

    async def import_plans(self, plans: Iterable[Plan], actor: Actor = SYSTEM) -> int:
        """Create or replace plans by id; slots that exist already keep their capacity and their visitors. Returns how many changed.

        Raises PlanInvalid, OfficeUnknown.
        """
        changed = 0
        now = self._clock.now()
        async with transaction():
            for plan in plans:
                problems = plan_problems(plan)
                if plan.purpose not in PURPOSES:
                    problems["purpose"] = "没有这种预约。"
                if problems:
                    raise PlanInvalid(fields=problems)
                await self._catalog.office(plan.office_id)
                text = msgspec.json.encode(plan).decode()
                if await SlotPlan.filter(id=plan.id, plan_json=text, is_active=True).exists():
                    continue
                values = {"office_id": plan.office_id, "purpose": plan.purpose, "plan_json": text, "is_active": True}
                await SlotPlan.update_or_create(id=plan.id, defaults=values)
                await audit.record("appointments", "plan.imported", at=now, actor=actor, data={"plan": plan.id})
                changed += 1
        return changed

    async def offered(self, office_id: str, purpose: str, first: date, last: date) -> list[SlotView]:
        """The slots of an office from `first` to `last` that have not begun, full ones included, in order.

        InvalidInput for an unknown purpose or a range that is backwards or longer than 31 days; OfficeUnknown.
        """
        today = self._clock.now().astimezone(BEIJING).date()
        if purpose not in PURPOSES:
            raise InvalidInput(fields={"purpose": _NO_PURPOSE})
        if last < first or (last - first).days >= HORIZON_DAYS:
            raise InvalidInput(fields={"to": f"一次最多查看 {HORIZON_DAYS} 天。"})
        await self._catalog.office(office_id)
        first, last = max(first, today), min(last, today + timedelta(days=HORIZON_DAYS))
        if last < first:
            return []
        await self._materialise(office_id, purpose, first, last)
        rows = await Slot.filter(office_id=office_id, purpose=purpose, **_span(first, last)).order_by("starts_at", "id")
        now = self._clock.now()
        coming = [row for row in rows if row.starts_at > now]
        return [
            SlotView(row.id, row.office_id, row.purpose, row.starts_at, row.ends_at, max(0, row.capacity - row.taken)) for row in coming
        ]

    async def offices(self, purpose: str) -> list[str]:
        """Ids of the offices with a plan for this purpose that is not over. Raises InvalidInput."""
        if purpose not in PURPOSES:
            raise InvalidInput(fields={"purpose": _NO_PURPOSE})
        today = self._clock.now().astimezone(BEIJING).date()
        rows = await SlotPlan.filter(purpose=purpose, is_active=True).order_by("office_id")
        plans = [msgspec.json.decode(row.plan_json, type=Plan) for row in rows]
        return list(dict.fromkeys(plan.office_id for plan in plans if plan.valid_to is None or plan.valid_to >= today))

    async def _materialise(self, office_id: str, purpose: str, first: date, last: date) -> None:
        """Insert the slots of a range that are not there yet; two who ask at once make them once."""
        plans = await SlotPlan.filter(office_id=office_id, purpose=purpose, is_active=True).order_by("id")
        there = {(row.plan_id, row.starts_at) for row in await Slot.filter(plan_id__in=[row.id for row in plans], **_span(first, last))}
        missing: list[Slot] = []
        for row in plans:
            plan = msgspec.json.decode(row.plan_json, type=Plan)
            for number in range((last - first).days + 1):
                for slot in slots_on(plan, first + timedelta(days=number), self._days.is_working_day):
                    if (plan.id, slot.starts_at) not in there:
                        missing.append(
                            Slot(
                                id=new_id("slot"),
                                plan_id=plan.id,
                                office_id=plan.office_id,
                                purpose=plan.purpose,
                                starts_at=slot.starts_at,
                                ends_at=slot.ends_at,
                                capacity=plan.capacity,
                            )
                        )
        if missing:
            await Slot.bulk_create(missing, ignore_conflicts=True)


def _span(first: date, last: date) -> dict[str, datetime]:
    start = datetime.combine(first, time(), BEIJING)
    return {"starts_at__gte": start, "starts_at__lt": start + timedelta(days=(last - first).days + 1)}
