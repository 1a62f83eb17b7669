"""The flow engine: moves, guards, and every kind of defect a table can have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.actor import ANONYMOUS, Actor, Role
from core.flow import Flow, GuardRefused, IllegalMove, Transition

CITIZEN = Actor(Role.CITIZEN, "account_a")
DECIDER = Actor(Role.CLERK, "staff_a", frozenset({"case.decide"}))
TRAINEE = Actor(Role.CLERK, "staff_b")
ADMIN = Actor(Role.ADMIN, "staff_c")

SUBMIT = Transition("submit", ("draft", "returned"), "review", ("citizen",), "提交", guard="is_complete", emits="CaseSubmitted")
RETURN = Transition("return", ("review",), "returned", ("case.decide",), "退回")
DECIDE = Transition("decide", ("review",), "decided", ("case.decide",), "决定")
FLOW = Flow(
    name="case",
    title="办件",
    initial="draft",
    states={"draft": "草稿", "review": "审查", "returned": "已退回", "decided": "已决定"},
    transitions=(SUBMIT, RETURN, DECIDE),
    final=frozenset({"decided"}),
    guards={"is_complete": lambda facts: bool(facts.get("complete"))},
)


def test_a_move_that_is_allowed() -> None:
    assert FLOW.problems() == []
    assert FLOW.move("draft", "submit", CITIZEN, {"complete": True}) is SUBMIT
    assert FLOW.move("returned", "submit", CITIZEN, {"complete": True}).target == "review"
    assert FLOW.move("review", "decide", DECIDER) is DECIDE


@pytest.mark.parametrize(
    ("state", "action", "actor"),
    [
        ("decided", "submit", CITIZEN),
        ("review", "submit", CITIZEN),
        ("draft", "no_such_action", CITIZEN),
        ("no_such_state", "submit", CITIZEN),
        ("draft", "submit", ANONYMOUS),
        ("draft", "submit", DECIDER),
        ("review", "decide", TRAINEE),
        ("review", "decide", CITIZEN),
        ("review", "decide", Actor(Role.CLERK, "staff_d", frozenset({"case.accept"}))),
    ],
)
def test_an_illegal_move(state: str, action: str, actor: Actor) -> None:
    with pytest.raises(IllegalMove) as caught:
        FLOW.move(state, action, actor, {"complete": True})
    assert caught.value.status == 409


def test_a_guard_refuses_and_says_which() -> None:
    for facts in ({"complete": False}, {}, None):
        with pytest.raises(GuardRefused) as caught:
            FLOW.move("draft", "submit", CITIZEN, facts)
        assert caught.value.fields == {"guard": "is_complete"}


def test_the_actor_is_judged_before_the_guard() -> None:
    """Somebody who may not act at all learns nothing about the state of the matter."""
    with pytest.raises(IllegalMove):
        FLOW.move("draft", "submit", TRAINEE, {"complete": False})


def test_allowed_actions_are_those_a_move_would_accept() -> None:
    assert FLOW.allowed_actions("draft", CITIZEN, {"complete": True}) == ["submit"]
    assert FLOW.allowed_actions("draft", CITIZEN) == []
    assert FLOW.allowed_actions("review", DECIDER) == ["return", "decide"]
    assert FLOW.allowed_actions("review", ADMIN) == ["return", "decide"]
    assert FLOW.allowed_actions("review", TRAINEE) == FLOW.allowed_actions("decided", DECIDER) == []


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (replace(FLOW, transitions=(*FLOW.transitions, Transition("lose", ("review",), "lost", ("citizen",), ""))), "unknown state lost"),
        (replace(FLOW, transitions=(*FLOW.transitions, Transition("find", ("lost",), "review", ("citizen",), ""))), "unknown state lost"),
        (replace(FLOW, initial="nowhere"), "unknown initial state nowhere"),
        (replace(FLOW, final=frozenset({"decided", "gone"})), "unknown final state gone"),
        (replace(FLOW, guards={}), "unknown guard is_complete"),
        (replace(FLOW, transitions=(*FLOW.transitions, Transition("x", ("draft",), "review", ("boss",), ""))), "unknown role boss"),
        (
            replace(FLOW, transitions=(*FLOW.transitions, Transition("decide", ("review",), "draft", ("citizen",), ""))),
            "ambiguous review --decide",
        ),
        (replace(FLOW, states={**FLOW.states, "island": "孤岛"}), "unreachable state island"),
        (replace(FLOW, final=frozenset()), "dead end decided"),
    ],
)
def test_each_kind_of_defect_is_found(broken: Flow, problem: str) -> None:
    assert problem in broken.problems()


def test_a_circle_that_nothing_leads_into_is_unreachable() -> None:
    """Two states that lead to each other look alive one by one."""
    circle = (Transition("to", ("a",), "b", ("citizen",), ""), Transition("fro", ("b",), "a", ("citizen",), ""))
    broken = replace(FLOW, states={**FLOW.states, "a": "", "b": ""}, transitions=(*FLOW.transitions, *circle))
    assert broken.problems() == ["unreachable state a", "unreachable state b"]


def test_the_drawing_has_every_state_and_arrow() -> None:
    lines = FLOW.mermaid().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> draft"]
    assert "    draft --> review : 提交" in lines and "    returned --> review : 提交" in lines
    assert "    review : 审查" in lines and "    decided --> [*]" in lines
    assert len(lines) == 2 + len(FLOW.states) + 4 + 1


def test_the_table_has_a_row_for_each_transition() -> None:
    rows = FLOW.markdown().splitlines()
    assert len(rows) == 2 + 3
    assert rows[2] == "| `submit` 提交 | `draft`, `returned` | `review` | citizen | is_complete | CaseSubmitted |"
