"""Plans, the slots of a day, and check-in codes."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import msgspec
import pytest

from core.actor import SYSTEM, Actor, Role
from core.flow import GuardRefused, IllegalMove
from hall.appointments.flow import FLOW, SERVE
from hall.appointments.planning import packaged_plans
from hall.appointments.rules import Plan, Session, active_key, plan_problems, qr_text, read_code, slots_on

MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)


def plan(**changes: Any) -> Plan:
    base = Plan(
        id="plan_x",
        office_id="office_x",
        purpose="identity_check",
        weekdays=(1, 2, 3, 4, 5),
        sessions=(Session(time(9), time(10, 15)), Session(time(13), time(14))),
        slot_minutes=30,
        capacity=2,
        valid_from=date(2026, 1, 1),
    )
    return msgspec.structs.replace(base, **changes)


def starts(one: Plan, day: date, *, works: bool = True) -> list[str]:
    return [f"{slot.starts_at:%H:%M}" for slot in slots_on(one, day, lambda _day: works)]


def test_the_flow_is_sound() -> None:
    assert FLOW.problems() == []


@pytest.mark.parametrize("one", packaged_plans(), ids=lambda one: one.id)
def test_packaged_plans_are_sound(one: Plan) -> None:
    assert plan_problems(one) == {}


def test_a_remainder_is_not_offered() -> None:
    assert starts(plan(), MONDAY) == ["09:00", "09:30", "13:00", "13:30"]


@pytest.mark.parametrize(
    ("changes", "day", "works", "runs"),
    [
        ({}, MONDAY, False, False),
        ({}, SATURDAY, False, False),
        ({}, SATURDAY, True, True),  # a make-up day
        ({"weekdays": (2,)}, MONDAY, True, False),
        ({"weekdays": (6,)}, SATURDAY, False, False),
        ({"weekdays": (6,), "on_days_off": True}, SATURDAY, False, True),
        ({"weekdays": (6,), "on_days_off": True}, SATURDAY, True, False),  # the weekday plans run instead
        ({"on_days_off": True}, MONDAY, False, True),  # a public holiday on which the office is open
        ({"valid_from": date(2026, 11, 24)}, MONDAY, True, False),
        ({"valid_to": date(2026, 11, 22)}, MONDAY, True, False),
        ({"valid_to": MONDAY}, MONDAY, True, True),
    ],
)
def test_the_days_on_which_a_plan_runs(changes: dict[str, Any], day: date, works: bool, runs: bool) -> None:
    assert bool(starts(plan(**changes), day, works=works)) is runs


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (1, 1)}, "weekdays"),
        ({"weekdays": (0,)}, "weekdays"),
        ({"slot_minutes": 0}, "slot_minutes"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 501}, "capacity"),
        ({"valid_to": date(2025, 1, 1)}, "valid_to"),
        ({"sessions": ()}, "sessions"),
        ({"sessions": (Session(time(10), time(9)),)}, "sessions"),
        ({"sessions": (Session(time(9), time(12)), Session(time(11), time(13)))}, "sessions"),
    ],
)
def test_senseless_plans_are_found(changes: dict[str, Any], field: str) -> None:
    assert list(plan_problems(plan(**changes))) == [field]


APPOINTMENT = "appt_" + "0" * 26


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("012345", (None, "012345")),
        (" 012345 ", (None, "012345")),
        (qr_text(APPOINTMENT, "012345"), (APPOINTMENT, "012345")),
        ("12345", None),
        ("1234567", None),
        ("１２３４５６", None),
        ("ZTC1.appt_x.012345", None),
        (f"ZTC2.{APPOINTMENT}.012345", None),
        (f"{qr_text(APPOINTMENT, '012345')}x", None),
    ],
)
def test_codes_as_read(text: str, found: object) -> None:
    assert read_code(text) == found


def test_one_living_appointment_for_a_person_purpose_and_case() -> None:
    keys = {active_key("a", "p", None), active_key("a", "p", "c"), active_key("a", "q", "c"), active_key("b", "p", "c")}
    assert len(keys) == 4


def test_who_may_do_what() -> None:
    person, server, other = Actor(Role.CITIZEN, "a"), Actor(Role.CLERK, "c", frozenset({SERVE})), Actor(Role.CLERK, "d")
    assert FLOW.allowed_actions("held", person, {"is_live": True}) == ["confirm", "cancel"]
    assert FLOW.allowed_actions("checked_in", other) == []
    with pytest.raises(IllegalMove):
        FLOW.move("confirmed", "check_in", person, {"is_the_day": True})
    with pytest.raises(GuardRefused):
        FLOW.move("confirmed", "check_in", server, {"is_the_day": False})
    with pytest.raises(IllegalMove):
        FLOW.move("checked_in", "expire", SYSTEM)
