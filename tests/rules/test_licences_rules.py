"""Numbers, identifiers and states of licences; the states of an envelope."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum.iso7064 import mod_37_36

from core.actor import SYSTEM, Actor, Role
from core.flow import IllegalMove
from esign.envelopes.flow import ENVELOPE, SIGNER
from hall.cases.progress import years_later
from hall.licences.flow import FLOW, REVOKE
from hall.licences.rules import LOOKING, ROOT, is_identifier, licence_identifier, licence_number, may_look

CLERK = Actor(Role.CLERK, "staff_1", frozenset({REVOKE}), "office")


def by_hand(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36, as the standard's hybrid system is written down, independent of the library."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    product = 36
    for character in text:
        total = (product + alphabet.index(character)) % 36 or 36
        product = total * 2 % 37
    return alphabet[(1 - product) % 36]


def test_whose_work_it_is_to_look_at_a_licence() -> None:
    assert all(may_look({permission, "appointment.serve"}) for permission in LOOKING)
    assert not may_look(()) and not may_look({"appointment.serve", "feedback.handle", "identity.counter"})


def test_a_number_as_printed() -> None:
    assert licence_number("锦餐备", date(2026, 11, 23), 123) == "锦餐备〔2026〕000123号"


def test_the_check_character_worked_out_on_paper() -> None:
    """R55. "1A7001": 1→2, A→24, 7→25, 0→13, 0→26, 1→17 (the running product), so the check value is 1-17+36 = 20, which is K."""
    assert licence_identifier("1", "A", "7", 1) == f"{ROOT}.1.A.7.001.K"
    assert by_hand("1A7001") == "K"


def test_the_check_character_of_a_published_example() -> None:
    """R55: the Global Release Identifier A1-2425G-ABC1234002-M uses the same system."""
    assert by_hand("A12425GABC1234002") == mod_37_36.calc_check_digit("A12425GABC1234002") == "M"


def test_a_real_identifier_fits_and_checks() -> None:
    """R55."""
    identifier = licence_identifier("510131016001", "11519900MB1A2C345F", "202600000123", 1)
    assert (
        identifier == f"{ROOT}.510131016001.11519900MB1A2C345F.202600000123.001.{by_hand('51013101600111519900MB1A2C345F202600000123001')}"
    )
    assert is_identifier(identifier) and len(identifier) <= 96


@pytest.mark.parametrize("at", range(15, 60))
def test_one_wrong_character_is_noticed(at: int) -> None:
    """R55: the reason for a check character."""
    identifier = licence_identifier("510131016001", "11519900MB1A2C345F", "202600000123", 1)
    if identifier[at] == ".":
        return
    other = "7" if identifier[at] != "7" else "8"
    assert not is_identifier(identifier[:at] + other + identifier[at + 1 :])


@pytest.mark.parametrize("parts", [("", "A", "1"), ("a", "A", "1"), ("1", "A-B", "1"), ("1", "A", "一"), ("1", "A.B", "1")])
def test_a_part_has_digits_and_capital_letters_only(parts: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError):
        licence_identifier(*parts, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ROOT,
        f"{ROOT}.",
        f"x{ROOT}.1.A.7.001.K",
        f"{ROOT}.1.a.7.001.K",
        f"{ROOT}.١.A.7.001.K",
        f"{ROOT}.1.A.7.001.K.K",
        "1.2.3.1.A.7.001.K",
    ],
)
def test_what_is_no_identifier(text: str) -> None:
    assert not is_identifier(text)


@pytest.mark.parametrize(
    ("day", "years", "until"),
    [
        (date(2026, 11, 23), 3, date(2029, 11, 22)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
    ],
)
def test_the_last_day_of_a_licence(day: date, years: int, until: date) -> None:
    assert years_later(day, years) == until


@pytest.mark.parametrize("flow", [FLOW, ENVELOPE, SIGNER], ids=lambda flow: flow.name)
def test_the_tables_are_sound(flow: object) -> None:
    assert flow.problems() == []  # type: ignore[attr-defined]


def test_a_revoked_licence_stays_revoked() -> None:
    """R55."""
    assert FLOW.move("valid", "suspend", CLERK).target == "suspended"
    assert FLOW.move("suspended", "restore", CLERK).target == "valid"
    assert FLOW.move("suspended", "revoke", CLERK).target == "revoked"
    assert FLOW.allowed_actions("revoked", CLERK) == FLOW.allowed_actions("revoked", SYSTEM) == []


@pytest.mark.parametrize(
    ("state", "action", "actor"),
    [
        ("drafted", "revoke", CLERK),
        ("drafted", "issue", CLERK),
        ("valid", "issue", SYSTEM),
        ("valid", "restore", CLERK),
        ("valid", "revoke", Actor(Role.CLERK, "staff_2")),
        ("valid", "revoke", Actor(Role.CITIZEN, "account_1")),
    ],
)
def test_a_move_of_a_licence_that_is_refused(state: str, action: str, actor: Actor) -> None:
    with pytest.raises(IllegalMove):
        FLOW.move(state, action, actor)
