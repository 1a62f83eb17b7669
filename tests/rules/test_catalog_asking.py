"""Which field is shown and which question comes next: decided by the answers, here and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.catalog.forms import shown_fields, shown_values, validate_form
from hall.catalog.item import FormField
from hall.catalog.rules import answer_problems, carried_over, next_question
from tests.factories.catalog import catering, catering_answers, catering_form, item_with


def field(name: str, **options: Any) -> FormField:
    return FormField(name=name, label=name, type="text", **options)


CHAIN = (
    field("a"),
    field("b", shown_if={"eq": ["a", "yes"]}),
    field("c", shown_if={"eq": ["b", "yes"]}),
    field("early", shown_if={"eq": ["c", "yes"]}),
)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "a"),
        ({"a": "yes"}, "a b"),
        ({"a": "yes", "b": "yes", "c": "yes"}, "a b c early"),
        ({"a": "no", "b": "yes", "c": "yes", "early": "x"}, "a"),
        ({"b": "yes"}, "a"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_what_stands_in_a_hidden_field_shows_nothing(values: dict[str, Any], shown: str, order: int) -> None:
    """Also where a condition looks at a later field."""
    assert {one.name for one in shown_fields(CHAIN[::order], values)} == set(shown.split())
    assert shown_values(CHAIN, values | {"stranger": 1}).keys() == (values.keys() & set(shown.split())) | {"stranger"}


def test_fields_that_hide_each_other_come_to_rest() -> None:
    knot = (field("x", shown_if={"not": {"eq": ["y", "1"]}}), field("y", shown_if={"not": {"eq": ["x", "1"]}}))
    assert shown_fields(knot, {"x": "1", "y": "1"}) == []
    assert len(shown_fields(knot, {})) == 2


def test_a_hidden_field_is_never_in_the_way() -> None:
    """R24: a gap that nobody sees could not be mended."""
    form = catering_form(premises="own", lease_until="1999-99-99", sells_online=False, platform_names="", food_kind="noodles")
    assert "lease_until" in validate_form(catering().form, form)
    assert validate_form(catering().form, shown_values(catering().form, form)) == {}


def test_what_was_answered_is_not_asked_again_in_the_form() -> None:
    """R30: the form starts with the answers it has a field for; neither stray answers nor those that the field refuses get in."""
    told = {"applicant_kind": "company", "area_sqm": 86, "premises": "rent", "makes_cold_dishes": False, "sells_online": True}
    assert carried_over(catering(), catering_answers()) == told
    hidden = catering_answers(makes_high_risk_food=True, makes_cold_dishes=True)
    assert "makes_cold_dishes" not in carried_over(catering(), hidden)
    assert "area_sqm" not in carried_over(catering(), catering_answers(area_sqm=400))


def test_every_question_is_asked_once_in_order() -> None:
    answers: dict[str, Any] = {}
    full = catering_answers()
    for number in range(1, len(full) + 1):
        question, place, total = next_question(catering(), answers)
        assert question is not None and (place, question.name) == (number, list(full)[number - 1]) and total >= number
        answers[question.name] = full[question.name]
    assert next_question(catering(), answers) == (None, 8, 8)


@pytest.mark.parametrize(("answers", "asked"), [({}, "q"), ({"q": None}, "last"), ({"q": "x"}, "last"), ({"q": "", "last": "y"}, None)])
def test_an_optional_question_may_be_left_out_once_it_was_asked(answers: dict[str, Any], asked: str | None) -> None:
    item = item_with(scenario=(field("q", is_required=False), field("last")))
    question, _, total = next_question(item, answers)
    assert (question.name if question else None, total) == (asked, 2)


@given(
    st.fixed_dictionaries({}, optional={name: st.sampled_from([value, None, "", True, 7]) for name, value in catering_answers().items()})
)
def test_the_end_of_the_questions_is_a_complete_set_of_answers(answers: dict[str, Any]) -> None:
    """R24: when no question is left, nothing is missing; while something is missing, a question is left."""
    question, number, total = next_question(catering(), answers)
    assert 0 <= number <= total
    missing = {name for name, text in answer_problems(catering(), answers).items() if text.startswith("请填写")}
    assert (question is None) == (not missing) and (question is None or question.name in missing)
