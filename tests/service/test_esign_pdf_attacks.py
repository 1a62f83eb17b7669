"""Issue 5, must show 2 (R53, R54): none of the attack set passes, and each file gets the verdict it deserves; the clean ones pass."""

from __future__ import annotations

import random

import pytest

from esign.pdf_verification import Verdict, verify_pdf
from tests.factories.attacks import ATTACKS
from tests.factories.attacks_long_term import ATTACKS as LONG_TERM_ATTACKS
from tests.factories.attacks_long_term import Kept
from tests.factories.pdf_edits import Clean, tear

CLEAN = ["licence", "other", "once", "twice", "form", "two_pages", "covered", "two_faced"]


@pytest.fixture(scope="module")
def clean() -> Clean:
    return Clean()


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.mark.parametrize("kind", CLEAN)
def test_the_clean_ones_pass(clean: Clean, kind: str) -> None:
    """Else an attack on them would fail for a wrong reason."""
    verdict = verify_pdf(getattr(clean, kind), anchors=[clean.signers.authority.root], at=clean.signers.later)
    assert (verdict.verdict, verdict.reasons) == (Verdict.TOTAL_PASSED, ())


def test_the_set_is_large_enough_and_its_files_differ(clean: Clean) -> None:
    files = {attack.build(clean) for attack in ATTACKS.values()}
    assert len(files) == len(ATTACKS) >= 25
    assert not files & {getattr(clean, kind) for kind in CLEAN}


@pytest.mark.parametrize("kind", ATTACKS)
def test_no_attack_passes(clean: Clean, kind: str) -> None:
    attack = ATTACKS[kind]
    verdict = verify_pdf(attack.build(clean), anchors=[clean.signers.authority.root], at=clean.signers.later)
    assert (verdict.verdict.value, verdict.subindication) == (attack.verdict, attack.sub), verdict.reasons
    assert verdict.reasons and all(reason.text for reason in verdict.reasons)


@pytest.mark.parametrize("kind", ["kept", "archived", "other", "at_once"])
def test_the_clean_ones_with_validation_data_pass(kept: Kept, kind: str) -> None:
    verdict = verify_pdf(getattr(kept, kind), anchors=[kept.signers.authority.root], at=kept.signers.later)
    assert (verdict.verdict, verdict.reasons) == (Verdict.TOTAL_PASSED, ())


@pytest.mark.parametrize("kind", LONG_TERM_ATTACKS)
def test_no_attack_on_validation_data_passes(kept: Kept, kind: str) -> None:
    attack = LONG_TERM_ATTACKS[kind]
    pdf = attack.build(kept)
    assert pdf not in (kept.kept, kept.archived, kept.licence)
    verdict = verify_pdf(pdf, anchors=[kept.signers.authority.root], at=kept.signers.later)
    assert (verdict.verdict.value, verdict.subindication) == (attack.verdict, attack.sub), verdict.reasons


@pytest.mark.parametrize("kind", ["kept", "archived", "at_once"])
def test_torn_files_with_validation_data_never_raise_and_never_pass(kept: Kept, kind: str) -> None:
    pdf: bytes = getattr(kept, kind)
    chosen = random.Random(kind)
    # The last trailer of a file at B-LT is under no signature: another file identifier in it changes nothing.
    signed = pdf.rindex(b"trailer") if kind == "kept" else len(pdf)
    for _ in range(60):
        data = bytearray(pdf)
        # Half of the tears where the validation data is.
        start = chosen.randrange(len(kept.licence) if chosen.random() < 0.5 and kind != "at_once" else 0, len(data))
        tear(data, start, chosen)
        if bytes(data) == pdf:
            continue
        verdict = verify_pdf(bytes(data), anchors=[kept.signers.authority.root], at=kept.signers.later)
        assert bytes(data[:signed]) == pdf[:signed] or verdict.verdict is not Verdict.TOTAL_PASSED
