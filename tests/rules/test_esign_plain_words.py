"""R53, R54: the words of a verdict. Somebody in a shop must never take a forgery, a dead licence or another paper for a good licence."""

from __future__ import annotations

import msgspec
import pytest

from esign.plain_words import facts_zh, verdict_zh
from esign.report import Issuer, Report
from tests.factories.credentials import CLAIMS, CODE, NAME, NOW

GOOD = Report("TOTAL_PASSED", "valid", None, (), "qr", Issuer(CODE, NAME), CLAIMS, (), NOW)


def test_a_good_licence_is_called_good_and_says_what_to_compare() -> None:
    word = verdict_zh(GOOD)
    assert (word.label, word.tone) == ("有效", "ok") and "名称和地址" in word.advice
    facts = {fact.label: fact.text for fact in facts_zh(GOOD)}
    assert facts["发证机关"] == NAME and facts["持有人"] == CLAIMS.holder_name and facts["有效期至"] == "2031年2月28日"


@pytest.mark.parametrize(
    ("status", "label", "tone"), [("revoked", "已撤销", "danger"), ("suspended", "已暂停", "warn"), ("expired", "已过期", "warn")]
)
def test_a_licence_out_of_force_is_called_so_and_its_facts_stay(status: str, label: str, tone: str) -> None:
    report = msgspec.structs.replace(GOOD, verdict="TOTAL_FAILED", status=status, subindication=status.upper())
    assert (verdict_zh(report).label, verdict_zh(report).tone) == (label, tone) and facts_zh(report)


def test_a_forgery_is_called_one_and_nothing_it_says_is_shown() -> None:
    report = msgspec.structs.replace(GOOD, verdict="TOTAL_FAILED", status="unknown", subindication="SIG_CRYPTO_FAILURE")
    assert (verdict_zh(report).label, verdict_zh(report).tone) == ("不是真的", "danger") and facts_zh(report) == ()


def test_an_old_shown_code_asks_for_a_new_one() -> None:
    report = msgspec.structs.replace(GOOD, verdict="TOTAL_FAILED", status="unknown", subindication="PRESENTATION_EXPIRED")
    assert verdict_zh(report).label == "已过期" and "重新点“出示证照”" in verdict_zh(report).advice


@pytest.mark.parametrize("subindication", ["STATUS_UNKNOWN", "NOT_RECOGNISED", "NO_SIGNING_CERTIFICATE_FOUND", "SECOND_OPINION", None])
def test_what_cannot_be_judged_is_never_called_good(subindication: str | None) -> None:
    report = msgspec.structs.replace(GOOD, verdict="INDETERMINATE", status="unknown", subindication=subindication)
    word = verdict_zh(report)
    assert (word.label, word.tone) == ("无法确认", "unsure") and (
        "再查" in word.advice or "再查一次" in word.advice or "查一次" in word.advice
    )


def test_another_signed_paper_is_not_called_a_valid_licence() -> None:
    report = msgspec.structs.replace(GOOD, status="not_applicable", licence=None, kind="pdf")
    assert verdict_zh(report).label != "有效" and "不是证照" in verdict_zh(report).advice and facts_zh(report) == ()
