"""The table of the verification's life."""

from __future__ import annotations

from core.actor import Actor, Role
from identity.liveness.flow import FLOW

CITIZEN = Actor(Role.CITIZEN, "account_1")


def test_the_table_is_sound() -> None:
    assert FLOW.problems() == []


def test_a_citizen_is_never_without_the_counter_until_it_is_done() -> None:
    assert "book_counter" in FLOW.allowed_actions("created", CITIZEN, {"is_locked": True})
    assert "book_counter" in FLOW.allowed_actions("expired", CITIZEN, {"is_locked": True})
    for outcome in ("reject", "manual_review"):
        assert "book_counter" in FLOW.allowed_actions("decided", CITIZEN, {"outcome": outcome, "is_locked": True})
    assert FLOW.allowed_actions("decided", CITIZEN, {"outcome": "accept", "is_usable": True}) == ["assert"]
    assert FLOW.allowed_actions("consumed", CITIZEN, {"outcome": "accept"}) == []


def test_a_locked_citizen_is_not_sent_round_again() -> None:
    assert "start_again" in FLOW.allowed_actions("decided", CITIZEN, {"outcome": "reject"})
    assert "start_again" not in FLOW.allowed_actions("decided", CITIZEN, {"outcome": "reject", "is_locked": True})
    assert FLOW.allowed_actions("created", CITIZEN, {"is_locked": True}) == ["book_counter"]
