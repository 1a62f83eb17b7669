"""Levels, tags and figures."""

from __future__ import annotations

import pytest

from hall.feedback.flow import FLOW
from hall.feedback.rules import (
    LEVEL_NAMES,
    Level,
    is_bad,
    rating_problems,
    satisfaction_percent,
    tags_of,
    was_contacted,
)


def test_the_flow_is_sound() -> None:
    assert FLOW.problems() == []


def test_five_levels_of_which_two_are_bad() -> None:
    """GB/T 39734: 非常满意, 满意, 基本满意, 不满意, 非常不满意."""
    assert list(LEVEL_NAMES.values()) == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    assert [level for level in Level if is_bad(level)] == [Level.DISSATISFIED, Level.VERY_DISSATISFIED]


@pytest.mark.parametrize(
    ("level", "tags", "comment", "fields"),
    [
        (5, ["fast"], "很快", set()),
        (5, ["late"], "", {"tags"}),
        (1, ["fast"], "", {"tags"}),
        (3, ["fast", "late"], "", set()),
        (1, ["late", "late"], "", {"tags"}),
        (1, ["<script>"], "", {"tags"}),
        (3, ["fast", "late", "kind", "unkind", "charged", "no_trip"], "", {"tags"}),
        (0, [], "", {"level"}),
        (6, [], "", {"level"}),
        (-5, [], "", {"level"}),
        (4, [], "好" * 501, {"comment"}),
        (4, [], "好\x00", {"comment"}),
        (4, [], "第一行\n第二行", set()),
    ],
)
def test_what_may_be_sent(level: int, tags: list[str], comment: str, fields: set[str]) -> None:
    assert set(rating_problems(level, tags, comment)) == fields


def test_every_level_offers_tags() -> None:
    assert all(tags_of(level) for level in Level)


def test_contact_is_a_talk_or_three_honest_tries() -> None:
    assert was_contacted(1, 0)
    assert not was_contacted(0, 2)
    assert was_contacted(0, 3)


def test_satisfaction() -> None:
    assert satisfaction_percent({Level.SATISFIED: 2, Level.DISSATISFIED: 1}) == 66.7
    assert satisfaction_percent({Level.FAIR: 1}) == 100.0
    assert satisfaction_percent({}) is None
