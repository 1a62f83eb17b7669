"""The check character and the birth date of Chinese ID numbers (GB 11643-1999)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.id_numbers import born_on, day_of
from tests.factories.id_numbers import with_check


def test_the_examples_of_the_standard() -> None:
    assert born_on("11010519491231002X") == date(1949, 12, 31)
    assert born_on("440524188001010014") == date(1880, 1, 1)


@given(st.integers(100_000, 999_999), st.dates(), st.integers(0, 999))
def test_only_the_one_check_character_is_right(area: int, day: date, order: int) -> None:
    number = with_check(f"{area}{day.year:04}{day:%m%d}{order:03}")
    right = {last for last in "0123456789X" if born_on(number[:-1] + last) is not None}
    assert right == {number[-1]} and born_on(number) == day


@pytest.mark.parametrize(
    "text",
    ["", "11010519491231002", "11010519491231002x", "11010519491231002X\n", " 11010519491231002X", "０10105194912310022", "1" * 18],
)
def test_other_texts_are_no_numbers(text: str) -> None:
    assert born_on(text) is None


@pytest.mark.parametrize("day", ["19810229", "19851301", "19850631", "00000101"])
def test_days_that_there_are_not(day: str) -> None:
    assert day_of(day) is None and born_on(with_check(f"110105{day}002")) is None
