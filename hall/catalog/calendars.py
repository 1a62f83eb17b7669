"""The working-day calendar in force: packaged years and the official tables imported on top of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from core import audit
from core.actor import Actor
from core.clock import Clock
from core.db import transaction
from core.errors import InvalidInput
from hall.catalog.models import CalendarYear
from hall.catalog.workdays import (
    Calendar,
    Deadline,
    Pause,
    YearTable,
    add_working_days,
    packaged_calendar,
    with_tables,
    working_days_between,
)


class WorkingDays:
    """Answers without waiting; `refresh` (at start, and from time to time) loads tables that another process imported."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._calendar = packaged_calendar()

    @property
    def calendar(self) -> Calendar:
        return self._calendar

    async def refresh(self) -> Calendar:
        rows = await CalendarYear.all().order_by("year")
        self._calendar = with_tables(packaged_calendar(), [msgspec.json.decode(row.table_json, type=YearTable) for row in rows])
        return self._calendar

    async def import_year(self, actor: Actor, table: YearTable) -> Calendar:
        """Store or replace the official table of one year. InvalidInput when it contradicts itself."""
        try:
            with_tables(packaged_calendar(), [table])
        except ValueError:
            raise InvalidInput(fields={"days_off": "放假日应当是该年的周一至周五，补班日应当是该年的周末。"}) from None
        now = self._clock.now()
        async with transaction():
            values = {"table_json": msgspec.json.encode(table).decode(), "source": table.source[:160], "imported_at": now}
            await CalendarYear.update_or_create(year=table.year, defaults=values)
            await audit.record("catalog", "calendar.imported", at=now, actor=actor, data={"year": table.year})
        return await self.refresh()

    def deadline(self, start: date, working_days: int, pauses: Sequence[tuple[date, date]] = ()) -> tuple[date, bool]:
        """The last day, and whether it is provisional; `pauses` are closed, from a day up to and without another."""
        ledger = [Pause(from_on=first, to_on=until, reason="") for first, until in pauses]
        found = self.proof(start, working_days, ledger)
        return found.due_on, found.is_provisional

    def proof(self, start: date, working_days: int, pauses: Sequence[Pause] = ()) -> Deadline:
        """The deadline with every day that was counted; ClockPaused while an open pause stops it."""
        return add_working_days(start, working_days, self._calendar, pauses)

    def used(self, start: date, end: date, pauses: Sequence[Pause] = ()) -> int:
        return working_days_between(start, end, self._calendar, pauses)

    def left(self, today: date, last: date) -> int:
        """Working days from tomorrow to `last`; below zero for those that have gone by since."""
        return self.used(today, last) if last >= today else -self.used(last, today)

    def is_working_day(self, day: date) -> bool:
        return self._calendar.is_working_day(day)

    def working_days_from(self, first: date, last: date) -> list[date]:
        """The working days of a range, both ends included."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in days if self._calendar.is_working_day(day)]
