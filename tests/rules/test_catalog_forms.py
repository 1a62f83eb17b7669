"""What people fill in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall.catalog.forms import is_id_number, is_uscc, validate_form
from hall.catalog.item import Choice, FormField
from tests.factories.catalog import catering, catering_form


def field(type_: Any, **options: Any) -> FormField:
    return FormField(name="x", label="某项", type=type_, **options)


@pytest.mark.parametrize(
    ("one", "good", "bad"),
    [
        (field("text", min=2, max=4), "面馆", "面"),
        (field("text", min=2, max=4), " 面馆 ", "五个字太长"),
        (field("text"), "面\n馆", "面\x00馆"),
        (field("text", pattern=r"[A-Z]{2}"), "AB", "ABC"),
        (field("number", min=1, max=150), 150, 150.01),
        (field("number"), 0.5, float("nan")),
        (field("number"), -3, float("inf")),
        (field("number"), 1, True),
        (field("number"), 1, "1"),
        (field("number"), 10**12, 10**13),
        (field("money", min=0), 1_250, 12.5),
        (field("money", min=0), 0, -1),
        (field("date", min="2026-01-01"), "2026-01-01", "2026-02-30"),
        (field("date"), "2026-01-01", "2026/01/01"),
        (field("date"), "2026-01-01", 20260101),
        (field("choice", choices=(Choice(value="a", label="甲"),)), "a", "甲"),
        (field("choice", choices=(Choice(value="a", label="甲"),)), "a", ["a"]),
        (field("bool"), False, "false"),
        (field("uscc"), "91510100MA6A2B3C49", "91510100MA6A2B3C45"),
        (field("id_number"), "110101199003077213", "110101199003077214"),
        (field("phone"), "13800138000", "12345"),
        (field("phone"), "028-55501201", "1380013800０"),
        (field("address"), "锦川市老巷 12 号", "老巷"),
        (field("text"), "x", {"a": 1}),
    ],
)
def test_each_type_takes_the_good_and_refuses_the_bad(one: FormField, good: Any, bad: Any) -> None:
    if isinstance(one.min, str):
        one = FormField(name="x", label="某项", type=one.type)
    assert validate_form([one], {"x": good}) == {}
    assert list(validate_form([one], {"x": bad})) == ["x"]
    assert list(validate_form([one], {"x": bad}, partial=True)) == ["x"], "a draft may be incomplete, not wrong"


def test_a_draft_may_miss_fields_and_a_submission_may_not() -> None:
    schema = catering().form
    assert validate_form(schema, {}, partial=True) == {}
    assert set(validate_form(schema, {})) >= {"shop_name", "uscc", "business_address", "opens_on"}
    assert validate_form(schema, catering_form()) == {}


def test_blank_text_is_not_an_answer() -> None:
    assert list(validate_form([field("text")], {"x": "   "})) == ["x"]


def test_what_depends_on_another_answer() -> None:
    schema = catering().form
    assert list(validate_form(schema, catering_form(platform_names=None))) == ["platform_names"]
    assert validate_form(schema, catering_form(platform_names=None, sells_online=False)) == {}
    assert list(validate_form(schema, catering_form(lease_until=None))) == ["lease_until"]
    assert validate_form(schema, catering_form(lease_until=None, premises="own")) == {}


def test_required_if_wins_over_is_required() -> None:
    schema = [field("bool"), FormField(name="y", label="乙", type="text", is_required=False, required_if={"eq": ["x", True]})]
    assert list(validate_form(schema, {"x": True})) == ["y"]
    assert validate_form(schema, {"x": False}) == {}


def test_unknown_fields_are_refused_without_repeating_them() -> None:
    hostile = "<script>" + "a" * 500
    found = validate_form(catering().form, catering_form(**{hostile: "x"}))
    assert list(found) == [hostile[:64]]
    assert "script" not in found[hostile[:64]]


def test_messages_do_not_repeat_personal_values() -> None:
    found = validate_form([field("id_number")], {"x": "110101199003077214"})
    assert "1990" not in found["x"]


@pytest.mark.parametrize("text", ["", "11010119900307721", "110101199013077213", "11010119900307721x", "０10101199003077213", "1" * 18])
def test_bad_id_numbers(text: str) -> None:
    """GB 11643: length, a real date and the check character."""
    assert not is_id_number(text)


@pytest.mark.parametrize("text", ["", "91510100MA6A2B3C4", "91510100 MA6A2B3C4", "91510100ma6a2b3c49", "O1510100MA6A2B3C4H"])
def test_bad_credit_codes(text: str) -> None:
    """GB 32100: length, alphabet and the check character."""
    assert not is_uscc(text)


@settings(suppress_health_check=[HealthCheck.too_slow])  # says only that the machine was busy at the start
@given(
    st.dictionaries(
        st.sampled_from([one.name for one in catering().form]), st.none() | st.booleans() | st.floats() | st.text() | st.integers()
    )
)
def test_no_input_makes_validation_fail_otherwise(values: dict[str, Any]) -> None:
    assert set(validate_form(catering().form, values, partial=True)) <= set(values)


@pytest.mark.parametrize(
    "char", [*"\x00\x07\x1b\x1c\x7f\x85\xad", *"\u200b\u200e\u200f\u202a\u202e\u2028\u2029\u2066\u2069\ufeff\ud800\U000e0041"]
)
@pytest.mark.parametrize("type_", ["text", "address"])
def test_what_nobody_sees_is_refused_wherever_it_stands(type_: str, char: str) -> None:
    for value in (f"锦川市老巷{char} 12 号", f"{char}锦川市老巷 12 号", f"锦川市老巷 12 号{char}"):
        assert list(validate_form([field(type_)], {"x": value})) == ["x"]
    assert validate_form([field(type_)], {"x": "锦川市老巷\t12 号\r\n𠮷 é 二楼"}) == {}
