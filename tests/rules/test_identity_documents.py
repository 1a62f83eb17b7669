"""Numbers of identity documents of all kinds that an account can be opened with (R52)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.accounts.documents import parse_number
from tests.factories.id_numbers import with_check

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("number", "kind", "born"),
    [
        (with_check("51010419920315001"), "resident_id_card", date(1992, 3, 15)),
        (with_check("81000019850601002"), "hmt_residence_permit", date(1985, 6, 1)),
        (with_check("82000020010930115"), "hmt_residence_permit", date(2001, 9, 30)),
        (with_check("83000019770707007"), "hmt_residence_permit", date(1977, 7, 7)),
        (with_check("91184019800229001"), "permanent_residence_card", date(1980, 2, 29)),
        ("USA310080022901", "permanent_residence_card", date(1980, 2, 29)),
        ("GBR510010010112", "permanent_residence_card", date(2010, 1, 1)),
    ],
)
def test_each_kind_of_number_tells_its_document_and_the_birth_date(number: str, kind: str, born: date) -> None:
    found = parse_number(number)
    assert found is not None
    assert (found.kind, found.born_by(TODAY), found.number) == (kind, born, number) and found.is_plausible(TODAY)


@pytest.mark.parametrize(
    "body",
    [
        "84000019850601002",  # no such area
        "80000019850601002",  # no such area
        "99984019800229001",  # no such province
        "91100019800229001",  # no such country
        "91184019810229001",  # 29 February of a common year
        "81000019851301002",  # month 13
        "51999919920315001",  # no such county
    ],
)
def test_a_sound_check_character_does_not_save_a_number_nobody_issues(body: str) -> None:
    assert parse_number(with_check(body)) is None


@pytest.mark.parametrize(
    "number", ["USA990080022901", "USA310081022901", "USA310080133201", "US1310080022901", "USA31008002290", "H12345678"]
)
def test_older_permanent_residence_cards_that_cannot_be(number: str) -> None:
    assert parse_number(number) is None


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), st.sampled_from(["510104", "810000", "830000", "911840"]))
def test_one_wrong_digit_is_always_found(born: date, order: int, area: str) -> None:
    number = with_check(f"{area}{born:%Y%m%d}{order:03}")
    assert parse_number(number) is not None
    for place in range(6, 17):
        other = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert parse_number(other) is None


def test_nobody_is_born_tomorrow_or_a_hundred_and_fifty_years_ago() -> None:
    for born, is_plausible in ((TODAY, True), (TODAY + timedelta(days=1), False), (date(1900, 1, 1), True), (date(1876, 1, 1), False)):
        found = parse_number(with_check(f"510104{born:%Y%m%d}001"))
        assert found is not None and found.is_plausible(TODAY) is is_plausible, born


def test_a_county_may_be_younger_than_its_people_but_not_gone_before_they_were_born() -> None:
    """锦江区 (510104) was founded in 1990, 南汇县 (310225) dissolved in 2001."""
    for body, is_known in (("51010419600101001", True), ("31022519990101001", True), ("31022520080101001", False)):
        assert (parse_number(with_check(body)) is not None) is is_known, body
