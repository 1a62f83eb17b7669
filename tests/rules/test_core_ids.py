"""Public identifiers: what they look like, that they sort by time, and that nothing else passes for one."""

from __future__ import annotations

import time

import pytest

from core.ids import digits, is_id, new_id


def test_shape_and_prefix() -> None:
    made = new_id("case")
    assert is_id(made, "case") and len(made) == len("case_") + 26
    assert not is_id(made, "licence") and not is_id(made, "cas")


def test_later_ids_sort_later(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for milliseconds in (1, 31, 32, 33_000, 1_790_000_000_000, 1_790_000_000_001, 2**49):
        monkeypatch.setattr(time, "time_ns", lambda at=milliseconds: at * 1_000_000)
        made.append(new_id("case"))
    assert made == sorted(made)


def test_ids_of_one_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_790_000_000_000_000_000)
    made = {new_id("case") for _ in range(2_000)}
    assert len(made) == 2_000 and len({one[:15] for one in made}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "", "case", "case_", "case_123", "case_" + "0" * 25, "case_" + "0" * 27, "case_" + "0" * 26 + "\n", "Case_" + "0" * 26,
        "case_" + "O" * 26, "case_" + "i" * 26, " case_" + "0" * 26, "case_" + "０" * 26, "case_' OR 1=1 --" + "0" * 15,
    ],
)  # fmt: skip
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text, "case")


@pytest.mark.parametrize("length", [1, 4, 6])
def test_digits_have_their_length(length: int) -> None:
    made = {digits(length) for _ in range(400)}
    assert all(len(code) == length and code.isdigit() and code.isascii() for code in made)
    assert len(made) > (5 if length == 1 else 100)


def test_leading_zeros_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ids.secrets.randbelow", lambda _limit: 7)
    assert digits(6) == "000007"
