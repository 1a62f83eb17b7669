"""Working days, checked against the State Council's notices for 2025 and 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ManualClock
from hall.catalog.calendars import WorkingDays
from hall.catalog.workdays import (
    ClockPaused,
    Pause,
    YearTable,
    add_working_days,
    packaged_calendar,
    replay,
    with_tables,
    working_days_between,
)

CALENDAR = packaged_calendar()


def pause(from_on: date, to_on: date | None) -> Pause:
    return Pause(from_on=from_on, to_on=to_on, reason="现场踏勘")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 9, 28), True),  # Sunday, made up for National Day (国办发明电〔2024〕12号)
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # Saturday, made up
        (date(2025, 10, 12), False),
        (date(2026, 1, 1), False),
    ],
)
def test_official_days(day: date, works: bool) -> None:
    assert CALENDAR.is_working_day(day) is works


def test_the_day_of_the_start_is_not_counted() -> None:
    """民法典 art. 201; 行政许可法 art. 82."""
    monday = date(2026, 11, 23)
    assert add_working_days(monday, 1, CALENDAR).due_on == date(2026, 11, 24)
    assert add_working_days(monday, 5, CALENDAR).due_on == date(2026, 11, 30)
    assert add_working_days(monday, 0, CALENDAR).due_on == monday


def test_a_holiday_with_make_up_days() -> None:
    """Five working days from Friday 26 September 2025: 28, 29, 30 September, then 9 and 10 October."""
    found = add_working_days(date(2025, 9, 26), 5, CALENDAR)
    assert found.due_on == date(2025, 10, 10)
    assert found.counted == (date(2025, 9, 28), date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 9), date(2025, 10, 10))
    assert not found.is_provisional


def test_beyond_the_table_is_provisional_until_the_table_comes() -> None:
    start = date(2026, 12, 28)
    guess = add_working_days(start, 10, CALENDAR)
    assert guess.is_provisional
    table = YearTable(year=2027, days_off=(date(2027, 1, 1),), make_up_days=(date(2027, 1, 3),), source="测试用表")
    known = with_tables(CALENDAR, [table])
    certain = add_working_days(start, 10, known)
    assert not certain.is_provisional
    assert date(2027, 1, 3) in certain.counted and date(2027, 1, 1) not in certain.counted
    assert certain.calendar_version != guess.calendar_version


def test_the_same_table_has_the_same_version_and_another_has_another() -> None:
    one = YearTable(year=2027, days_off=(date(2027, 1, 1), date(2027, 5, 3)), make_up_days=(), source="a")
    same = YearTable(year=2027, days_off=(date(2027, 5, 3), date(2027, 1, 1)), make_up_days=(), source="b")
    moved = YearTable(year=2027, days_off=(date(2027, 1, 1),), make_up_days=(), source="a")
    versions = [with_tables(CALENDAR, [table]).version for table in (one, same, moved)]
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.parametrize(
    ("off", "on"),
    [((date(2026, 1, 1),), ()), ((date(2027, 1, 2),), ()), ((), (date(2027, 1, 4),))],
    ids=["another year", "a Saturday off", "a Monday made up"],
)
def test_a_table_that_contradicts_itself_is_refused(off: tuple[date, ...], on: tuple[date, ...]) -> None:
    with pytest.raises(ValueError, match="2027"):
        with_tables(CALENDAR, [YearTable(year=2027, days_off=off, make_up_days=on, source="x")])


def test_a_pause_moves_the_deadline_and_is_shown() -> None:
    """行政许可法 art. 45: the survey on Wednesday and Thursday is not counted."""
    monday = date(2026, 11, 23)
    pauses = [pause(date(2026, 11, 25), date(2026, 11, 27))]
    found = add_working_days(monday, 3, CALENDAR, pauses)
    assert found.due_on == date(2026, 11, 30)
    assert found.paused == (date(2026, 11, 25), date(2026, 11, 26))
    assert replay(found, monday, 3, CALENDAR, pauses)
    assert not replay(found, monday, 3, CALENDAR), "without the pause ledger it does not follow"


def test_an_open_pause_has_no_deadline() -> None:
    with pytest.raises(ClockPaused) as caught:
        add_working_days(date(2026, 11, 23), 5, CALENDAR, [pause(date(2026, 11, 25), None)])
    assert caught.value.remaining == 4
    assert caught.value.counted == (date(2026, 11, 24),)


def test_an_open_pause_after_the_end_changes_nothing() -> None:
    assert add_working_days(date(2026, 11, 23), 1, CALENDAR, [pause(date(2026, 11, 25), None)]).due_on == date(2026, 11, 24)


@pytest.mark.parametrize("days", [-1, 1001])
def test_absurd_lengths_are_refused(days: int) -> None:
    with pytest.raises(ValueError, match="working days"):
        add_working_days(date(2026, 11, 23), days, CALENDAR)


DAYS = st.dates(date(2024, 1, 1), date(2026, 11, 1))


@given(DAYS, st.integers(0, 60), st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=3))
def test_a_deadline_proves_itself(start: date, days: int, gaps: list[tuple[date, int]]) -> None:
    """The counted days are working days, none of them paused, as many as asked for; counting forward gives the same number."""
    pauses = [pause(first, first + timedelta(days=length)) for first, length in gaps]
    found = add_working_days(start, days, CALENDAR, pauses)
    assert len(found.counted) == days
    assert all(CALENDAR.is_working_day(day) and not any(one.covers(day) for one in pauses) for day in found.counted)
    assert found.due_on == (found.counted[-1] if days else start)
    assert working_days_between(start, found.due_on, CALENDAR, pauses) == days


def test_days_left_count_both_ways() -> None:
    """From tomorrow to the last day; below zero for the working days that went by since."""
    days = WorkingDays(clock=ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))
    friday = date(2026, 11, 27)
    assert [days.left(date(2026, 11, day), friday) for day in (23, 26, 27, 28, 29, 30)] == [4, 1, 0, 0, 0, -1]
