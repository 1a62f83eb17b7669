"""Issue 2, must show 3: after any one byte of the signed file is changed (letter case of a hexadecimal digit aside) it never passes."""

from __future__ import annotations

import asyncio
import random

import pytest

from esign.pdf_verification import Verdict, verify_pdf
from tests.factories.signed_documents import Signers

HEX = b"0123456789abcdef"


@pytest.fixture(scope="module")
def signers() -> Signers:
    return Signers()


@pytest.fixture(scope="module")
def licence(signers: Signers) -> bytes:
    return asyncio.run(signers.licence())


def _changed(pdf: bytes, position: int, value: int) -> bytes:
    return pdf[:position] + bytes([value]) + pdf[position + 1 :]


def _gap(pdf: bytes) -> tuple[int, int]:
    start = pdf.rindex(b"/Contents <") + len(b"/Contents ")
    return start, pdf.index(b">", start) + 1


def _survivors(pdf: bytes, signers: Signers, changes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    anchors, at = [signers.authority.root], signers.clock.now()
    return [
        change
        for change in changes
        if change[1] != pdf[change[0]] and verify_pdf(_changed(pdf, *change), anchors=anchors, at=at).verdict is Verdict.TOTAL_PASSED
    ]


def test_the_untouched_file_passes(signers: Signers, licence: bytes) -> None:
    assert verify_pdf(licence, anchors=[signers.authority.root], at=signers.clock.now()).verdict is Verdict.TOTAL_PASSED


def test_every_digit_of_the_signature_counts(signers: Signers, licence: bytes) -> None:
    chosen = random.Random(20260305)
    start, end = _gap(licence)
    used = len(licence[start + 1 : end - 1].rstrip(b"0")) + 2
    digits = [(at, chosen.choice([item for item in HEX if item != licence[at] | 0x20])) for at in range(start + 1, start + 1 + used)]
    assert not _survivors(licence, signers, digits)


def test_every_byte_of_the_padding_and_around_the_signature_counts(signers: Signers, licence: bytes) -> None:
    start, end = _gap(licence)
    used = start + 1 + len(licence[start + 1 : end - 1].rstrip(b"0"))
    around = [*range(start - 64, start + 1), *range(used, end + 64)]
    values = [0x00, 0x20, 0x30, 0x31, 0x3C, 0x3E, 0x66, 0xFF]
    chosen = random.Random(64)
    everywhere = [(at, chosen.choice([value for value in values if value != licence[at]])) for at in around]
    edges = [(at, value) for at in (*range(start - 64, start + 4), *range(end - 4, end + 64)) for value in values]
    assert not _survivors(licence, signers, everywhere + edges)


def test_digits_replaced_by_something_else_than_digits_count(signers: Signers, licence: bytes) -> None:
    start, end = _gap(licence)
    chosen = random.Random(7)
    places = chosen.sample(range(start + 1, end - 1), 400)
    assert not _survivors(licence, signers, [(at, value) for at in places for value in (0x20, 0x0A, 0x3E, 0x67)])


def test_a_few_hundred_places_elsewhere_count(signers: Signers, licence: bytes) -> None:
    chosen = random.Random(2026)
    start, end = _gap(licence)
    places = [at for at in chosen.sample(range(len(licence)), 600) if not start <= at < end]
    assert not _survivors(licence, signers, [(at, licence[at] ^ (1 << chosen.randrange(8))) for at in places])


@pytest.mark.slow
def test_every_digit_with_every_value(signers: Signers, licence: bytes) -> None:
    start, end = _gap(licence)
    used = len(licence[start + 1 : end - 1].rstrip(b"0")) + 2
    changes = [(at, value) for at in range(start + 1, start + 1 + used, 3) for value in HEX if value != licence[at] | 0x20]
    assert not _survivors(licence, signers, changes)


def test_the_letter_case_of_a_digit_does_not_matter(signers: Signers, licence: bytes) -> None:
    start, end = _gap(licence)
    shouted = licence[:start] + licence[start:end].lower() + licence[end:]
    assert shouted != licence
    assert verify_pdf(shouted, anchors=[signers.authority.root], at=signers.clock.now()).verdict is Verdict.TOTAL_PASSED


@pytest.mark.parametrize("extra", [b"\n", b"%", b"\0", b"%%EOF\n"])
def test_bytes_added_or_taken_away_count(signers: Signers, licence: bytes, extra: bytes) -> None:
    for candidate in (licence + extra, extra + licence, licence[: -len(extra)], licence[:-200]):
        assert verify_pdf(candidate, anchors=[signers.authority.root], at=signers.clock.now()).verdict is not Verdict.TOTAL_PASSED
