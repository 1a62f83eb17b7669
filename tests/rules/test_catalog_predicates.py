"""Conditions as data."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hall.catalog.predicates import fields_of, holds, problems


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (None, True),
        ({"eq": ["area", 150]}, True),
        ({"eq": ["area", 150.0]}, True),
        ({"ne": ["area", 150]}, False),
        ({"gt": ["area", 150]}, False),
        ({"ge": ["area", 150]}, True),
        ({"lt": ["area", 151]}, True),
        ({"le": ["area", 149]}, False),
        ({"in": ["kind", ["a", "b"]]}, True),
        ({"in": ["kind", ["c"]]}, False),
        ({"eq": ["is_lit", True]}, True),
        ({"eq": ["is_lit", 1]}, False),
        ({"in": ["is_lit", [1]]}, False),
        ({"gt": ["on", "2026-01-01"]}, True),
        ({"eq": ["absent", 1]}, False),
        ({"ne": ["absent", 1]}, False),
        ({"not": {"eq": ["absent", 1]}}, True),
        ({"lt": ["kind", 5]}, False),
        ({"all": [{"eq": ["kind", "a"]}, {"gt": ["area", 1]}]}, True),
        ({"any": [{"eq": ["kind", "z"]}, {"gt": ["area", 1]}]}, True),
    ],
)
def test_evaluation(predicate: Any, expected: bool) -> None:
    answers = {"area": 150, "kind": "a", "is_lit": True, "on": date(2026, 3, 1)}
    assert holds(predicate, answers) is expected


def nested(depth: int) -> Any:
    return {"eq": ["area", 1]} if depth == 0 else {"not": nested(depth - 1)}


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        [],
        "area > 1",
        {"eq": ["area", 1], "ne": ["area", 2]},
        {"like": ["area", 1]},
        {"eq": ["nowhere", 1]},
        {"eq": ["area"]},
        {"in": ["area", 5]},
        {"all": []},
        {"not": {"all": "x"}},
        nested(30),
    ],
)
def test_malformed_conditions_are_found(predicate: Any) -> None:
    assert problems(predicate, {"area": None})


def test_sound_conditions_and_their_fields() -> None:
    predicate = {"any": [{"not": {"eq": ["area", 1]}}, {"in": ["kind", ["a"]]}]}
    assert problems(predicate, {"area": None, "kind": None}) == []
    assert list(fields_of(predicate)) == ["area", "kind"]
    with pytest.raises(ValueError, match="unknown operator"):
        holds({"like": ["area", 1]}, {"area": 1})
