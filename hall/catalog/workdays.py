"""Working days (行政许可法 第八十二条: 期限以工作日计算，不含法定节假日). Pure, replayable, and it shows its work.

The day on which a period starts is not counted (民法典 第二百零一条). Known years come from the yearly notices of the State Council as
packaged in `chinesecalendar`, and from official tables imported on top of them. Beyond these, Monday to Friday is assumed and the
result is *provisional*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version

import msgspec
from chinese_calendar import constants

_LONGEST_SPAN = timedelta(days=3660)


class YearTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One official yearly notice, named by `source`: `days_off` are weekdays without work, `make_up_days` weekend days with work."""

    year: int
    days_off: tuple[date, ...]
    make_up_days: tuple[date, ...]
    source: str


class Calendar(msgspec.Struct, frozen=True):
    """`version` names exactly this set of tables; a deadline records it, so that it can be recomputed later."""

    version: str
    years: frozenset[int]
    days_off: frozenset[date]
    make_up_days: frozenset[date]

    def knows(self, day: date) -> bool:
        return day.year in self.years

    def is_working_day(self, day: date) -> bool:
        if day in self.make_up_days:
            return True
        return day.weekday() < 5 and day not in self.days_off


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the pause ledger (补正, 特别程序 of 行政许可法 第四十五条). Days from `from_on` up to and without `to_on` are not counted;
    `to_on` is None while the pause lasts."""

    from_on: date
    to_on: date | None
    reason: str

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day < self.to_on)


class Deadline(msgspec.Struct, frozen=True):
    """The last day of a period, and the proof: `counted` lists the working days that were counted, `paused` those that were not."""

    due_on: date
    is_provisional: bool
    calendar_version: str
    counted: tuple[date, ...] = ()
    paused: tuple[date, ...] = ()


class ClockPaused(ValueError):
    """The period stands still: there is no deadline until the open pause ends. `remaining` working days are left."""

    def __init__(self, counted: tuple[date, ...], remaining: int) -> None:
        self.counted, self.remaining = counted, remaining
        super().__init__(f"paused with {remaining} working days left")


@cache
def packaged_calendar() -> Calendar:
    """The calendar of the installed `chinesecalendar`."""
    days_off = frozenset(day for day in constants.holidays if day.weekday() < 5)
    years = frozenset(day.year for day in constants.holidays)
    return Calendar(f"chinesecalendar-{version('chinesecalendar')}", years, days_off, frozenset(constants.workdays))


def with_tables(calendar: Calendar, tables: Iterable[YearTable]) -> Calendar:
    """`calendar` with whole years added or replaced by official tables; ValueError names a table that contradicts itself."""
    for table in sorted(tables, key=lambda one: one.year):
        off, on = frozenset(table.days_off), frozenset(table.make_up_days)
        wrong = sorted(
            {day for day in off | on if day.year != table.year}
            | {day for day in off if day.weekday() > 4}
            | {day for day in on if day.weekday() < 5}
        )
        if wrong:
            raise ValueError(f"table {table.year}: {wrong[0]} does not belong")
        text = ",".join(day.isoformat() for part in (table.days_off, table.make_up_days) for day in (*sorted(part), date.min))
        calendar = Calendar(
            f"{calendar.version}+{table.year}:{hashlib.sha256(text.encode()).hexdigest()[:12]}",
            calendar.years | {table.year},
            frozenset(day for day in calendar.days_off if day.year != table.year) | off,
            frozenset(day for day in calendar.make_up_days if day.year != table.year) | on,
        )
    return calendar


def add_working_days(start: date, days: int, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Deadline:
    """The last day of a period of `days` working days that began on `start`; with 0 it is `start` itself.

    Raises ClockPaused when an open pause stops the period before its end, ValueError for a negative or absurd number of days.
    """
    if not 0 <= days <= 1000:
        raise ValueError("0 to 1000 working days")
    counted: list[date] = []
    paused: list[date] = []
    day = start
    while len(counted) < days:
        day += timedelta(days=1)
        holding = [pause for pause in pauses if pause.covers(day)]
        if any(pause.to_on is None for pause in holding):
            raise ClockPaused(tuple(counted), days - len(counted))
        if day - start > _LONGEST_SPAN:
            raise ValueError("the period does not end within ten years")
        if calendar.is_working_day(day):
            (paused if holding else counted).append(day)
    span = range(start.year, day.year + 1)
    return Deadline(day, not calendar.years.issuperset(span), calendar.version, tuple(counted), tuple(paused))


def working_days_between(start: date, end: date, calendar: Calendar, pauses: Sequence[Pause] = ()) -> int:
    """How many working days of a period that began on `start` have been used by the end of `end`; 0 when `end` is not later."""
    span = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(calendar.is_working_day(day) and not any(pause.covers(day) for pause in pauses) for day in span)


def replay(deadline: Deadline, start: date, days: int, calendar: Calendar, pauses: Sequence[Pause] = ()) -> bool:
    """Whether a recorded deadline follows from its start, its number of days, the calendar it names and the pause ledger."""
    if deadline.calendar_version != calendar.version:
        return False
    try:
        return add_working_days(start, days, calendar, pauses) == deadline
    except ClockPaused:
        return False
