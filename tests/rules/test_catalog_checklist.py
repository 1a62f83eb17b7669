"""From answers to one complete checklist."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from hall.catalog.checklist import Checklist
from hall.catalog.item import Fee
from hall.catalog.rules import answer_problems, digest_of, fee_text, personal_checklist, reduction_percent
from tests.factories.catalog import catering, catering_answers, item_with


def codes(checklist: Checklist) -> set[str]:
    return {material.code for material in checklist.materials}


def ask(held: Any = (), **changes: Any) -> Checklist:
    return personal_checklist(catering(), catering_answers(**changes), held=held)


def test_same_answers_give_the_same_checklist() -> None:
    """R24: deterministic, whatever the order in which answers arrive; another answer gives another list."""
    first = ask()
    shuffled = list(catering_answers().items())
    random.Random(7).shuffle(shuffled)
    assert personal_checklist(catering(), dict(shuffled)) == first
    assert len(first.digest) == 64
    assert digest_of(first) == first.digest
    assert ask(premises="own").digest != first.digest


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"premises": "rent"}, "M07"),
        ({"premises": "own"}, "M08"),
        ({"makes_cold_dishes": True}, "M11"),
        ({"has_cooking_fumes": True}, "M12"),
        ({"sells_online": True}, "M13"),
        ({"handled_by": "agent"}, "M14"),
    ],
)
def test_each_answer_brings_its_material(change: dict[str, Any], code: str) -> None:
    """R24: the answers decide which papers are needed, and every paper of the guide is needed by somebody."""
    plain = {"premises": "none", "makes_cold_dishes": False, "has_cooking_fumes": False, "sells_online": False, "handled_by": "self"}
    assert code in codes(ask(**{**plain, **change}))
    assert code not in codes(ask(**plain))


def test_a_company_needs_its_shareholder_and_a_sole_trader_does_not() -> None:
    assert ask().signers == ("legal_person", "shareholder")
    assert ask(applicant_kind="individual").signers == ("legal_person",)
    assert "M05" not in codes(ask(applicant_kind="individual"))


def test_too_large_a_shop_is_pointed_elsewhere() -> None:
    """A wrong item lists no papers; 150 m² is still small, 150.5 is not."""
    assert ask(area_sqm=150).is_applicable
    checklist = ask(area_sqm=150.5)
    assert not checklist.is_applicable
    assert checklist.materials == ()
    assert "食品经营许可" in checklist.not_applicable_reason
    both = ask(area_sqm=400, makes_high_risk_food=True, makes_cold_dishes=None)
    assert len(both.refusals) == 2, "all reasons at once"


def test_what_the_hall_holds_is_not_asked_for() -> None:
    """国务院令第716号, R55: a licence on file is exempt; an identity document is replaced by the identity check."""
    by_code = {material.code: material for material in ask().materials}
    assert by_code["M03"].is_required
    assert by_code["M04"].is_exempt and not by_code["M04"].is_required
    assert by_code["M01"].is_generated and not by_code["M01"].is_required
    held = {material.code: material for material in ask(held={"business_licence"}).materials}
    assert held["M03"].is_exempt and not held["M03"].is_required


def test_a_hidden_question_is_neither_needed_nor_counted() -> None:
    hidden = catering_answers(makes_high_risk_food=True, makes_cold_dishes=True)
    assert answer_problems(catering(), hidden) == {}
    assert "makes_cold_dishes" not in {answer.name for answer in personal_checklist(catering(), hidden).answers}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"area_sqm": None}, "area_sqm"),
        ({"area_sqm": "86"}, "area_sqm"),
        ({"area_sqm": 0}, "area_sqm"),
        ({"premises": "stolen"}, "premises"),
        ({"sells_online": "yes"}, "sells_online"),
        ({"extra": 1}, "extra"),
    ],
)
def test_bad_answers_are_named(changes: dict[str, Any], field: str) -> None:
    assert list(answer_problems(catering(), catering_answers(**changes))) == [field]


def test_it_holds_everything_a_citizen_needs() -> None:
    checklist = ask()
    for name in (
        "conditions",
        "legal_basis",
        "next_steps",
        "channels",
        "deliveries",
        "results",
        "signing",
        "commitment",
        "remedies",
        "remarks",
    ):
        assert getattr(checklist, name), name
    assert [answer.text for answer in checklist.answers][:3] == ["有限责任公司", "86 平方米", "租用"]
    assert checklist.limits.promised_text == "3 个工作日"
    assert checklist.fee_text == "不收费"
    assert all(material.because and material.source for material in checklist.materials)
    assert msgspec.json.decode(msgspec.json.encode(checklist), type=Checklist) == checklist


def test_the_reduction_is_computed() -> None:
    """R19."""
    assert ask().limits.reduction_percent == 85
    assert reduction_percent(3, 2) == 33, "never rounded up"
    assert reduction_percent(0, 0) == 0


def test_fees_are_exact() -> None:
    assert fee_text(item_with(fees=(Fee(name="工本费", amount_fen=1005),))) == "工本费 10.05 元"
