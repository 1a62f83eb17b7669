"""The clocks: aware, in UTC, and the manual one moves only when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.clock import BEIJING, Clock, ManualClock, SystemClock


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING))])
def test_now_is_aware_and_in_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC and clock.now() <= clock.now()


def test_the_system_clock_tells_the_time() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=2)


def test_the_manual_clock_stands_still() -> None:
    clock = ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING))
    assert clock.now() == datetime(2026, 11, 23, 1, 0, tzinfo=UTC) == clock.now()
    assert clock.advance(days=1, seconds=5) == datetime(2026, 11, 24, 1, 0, 5, tzinfo=UTC) == clock.now()


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 11, 23, 9, 0))
