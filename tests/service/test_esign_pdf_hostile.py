"""Files made to deceive or to break: later changes that other validators let pass, and input that makes the parser raise."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils import generic as pdf_objects
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from core.isolation import Isolated
from esign.pdf_verification import (
    PdfVerdict,
    Verdict,
    inspect_pdf,
    isolated_facts,
    verify_pdf,
)
from tests.factories.hostile_pdfs import CIRCULAR, DEEP, LAUNCHING, PLAIN, SCRIPTED, assembled, bomb
from tests.factories.pdf_edits import tear, updated
from tests.factories.signed_documents import Signers

generic: Any = pdf_objects
name = generic.pdf_name


@pytest.fixture(scope="module")
def signers() -> Signers:
    return Signers()


@pytest.fixture(scope="module")
def once(signers: Signers) -> bytes:
    return asyncio.run(signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥"))


@pytest.fixture(scope="module")
def licence(signers: Signers) -> bytes:
    return asyncio.run(signers.licence())


def _verify(signers: Signers, pdf: bytes) -> PdfVerdict:
    return verify_pdf(pdf, anchors=[signers.authority.root], at=signers.later)


def _second_field(writer: Any) -> Any:
    return next(item for item in writer.root["/AcroForm"]["/Fields"] if item.get_object()["/T"] == "signer-2")


def _touch_page(writer: Any) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page[name("/Rotate")] = generic.NumberObject(90)
    writer.update_container(page)


def _add_annotation(writer: Any) -> None:
    note = writer.add_object(generic.DictionaryObject({name("/Type"): name("/Annot"), name("/Subtype"): name("/Text")}))
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), note)


def _move_field(writer: Any) -> None:
    reference = _second_field(writer)
    reference.get_object()[name("/Rect")] = generic.ArrayObject(map(generic.FloatObject, (0, 0, 500, 800)))
    writer.mark_update(reference)


def _redraw_first(writer: Any) -> None:
    reference = next(item for item in writer.root["/AcroForm"]["/Fields"] if item.get_object()["/T"] == "signer-1")
    field = reference.get_object()
    field[name("/AP")] = generic.DictionaryObject({name("/N"): writer.add_object(generic.StreamObject(stream_data=b"0 0 99 99 re f"))})
    writer.mark_update(reference)


def _add_catalog_action(writer: Any) -> None:
    writer.root[name("/OpenAction")] = generic.DictionaryObject(
        {name("/S"): name("/JavaScript"), name("/JS"): generic.pdf_string("app.alert(1)")}
    )
    writer.update_root()


def _add_unused(writer: Any) -> None:
    writer.add_object(generic.NumberObject(7))


EDITS = [_touch_page, _add_annotation, _move_field, _redraw_first, _add_catalog_action, _add_unused]


@pytest.mark.parametrize("edit", EDITS)
def test_no_update_is_accepted_after_a_signature(signers: Signers, once: bytes, edit: Callable[[Any], None]) -> None:
    verdict = _verify(signers, updated(once, edit))
    assert (verdict.verdict, verdict.subindication) == (Verdict.TOTAL_FAILED, "CHANGED_AFTER_SIGNING")


@pytest.mark.parametrize("edit", EDITS)
def test_no_update_is_accepted_between_two_signatures(signers: Signers, once: bytes, edit: Callable[[Any], None]) -> None:
    twice = asyncio.run(signers.sign(updated(once, edit), "signer-2", "林喆"))
    verdict = _verify(signers, twice)
    assert (verdict.verdict, verdict.subindication) == (Verdict.TOTAL_FAILED, "CHANGED_AFTER_SIGNING")


@pytest.mark.parametrize("edit", EDITS)
def test_no_change_can_ride_along_with_the_second_signature(
    signers: Signers, once: bytes, edit: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second signer's own update also touches something else: the cryptography is right, the file is refused."""
    from esign import pades

    opened = pades.open_quietly

    def open_and_edit(pdf: bytes) -> Any:
        writer: Any = opened(pdf)
        edit(writer)
        return writer

    monkeypatch.setattr(pades, "open_quietly", open_and_edit)
    twice = asyncio.run(signers.sign(once, "signer-2", "林喆"))
    verdict = _verify(signers, twice)
    assert (verdict.verdict, verdict.subindication) == (Verdict.TOTAL_FAILED, "CHANGED_AFTER_SIGNING")


def test_an_object_that_was_referred_to_but_missing_may_not_appear_later(signers: Signers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shadow laid out before signing: the page names an object that only the second update brings."""
    blank = signers.blank_commitment()
    size = int(PdfFileReader(BytesIO(blank)).trailer["/Size"])

    def plant(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        targets = [generic.IndirectObject(number, 0, writer) for number in range(size + 20, size + 80)]
        page[name("/Shadow")] = generic.ArrayObject(targets)
        writer.update_container(page)

    once = asyncio.run(signers.sign(updated(blank, plant), "signer-1", "陈𠮷祥"))
    twice = asyncio.run(signers.sign(once, "signer-2", "林喆"))
    assert _verify(signers, twice).verdict is not Verdict.TOTAL_PASSED


def test_a_signature_copied_into_another_file_fails(signers: Signers) -> None:
    seal = signers.authority.seal()
    licence, other = (asyncio.run(signers.licence(signer=seal, owner=owner)) for owner in ("陈𠮷祥", "林喆"))
    (start, end), (begin, stop) = ((pdf.rindex(b"/Contents <"), pdf.rindex(b"/ByteRange")) for pdf in (licence, other))
    assert stop - begin == end - start
    verdict = _verify(signers, other[:begin] + licence[start:end] + other[stop:])
    assert (verdict.verdict, verdict.subindication) == (Verdict.TOTAL_FAILED, "HASH_FAILURE")


def test_a_rewritten_copy_of_a_signed_file_fails(signers: Signers, licence: bytes) -> None:
    out = BytesIO()
    rewritten: Any = copy_into_new_writer(PdfFileReader(BytesIO(licence)))
    rewritten.write(out)
    assert _verify(signers, out.getvalue()).verdict is Verdict.TOTAL_FAILED


@pytest.mark.parametrize(
    ("pdf", "problem"),
    [
        (assembled(PLAIN), ""),
        (b"", "unreadable"),
        (b"%PDF-1.7\n%%EOF\n", "unreadable"),
        (b"GIF89a" + bytes(100), "unreadable"),
        (assembled(PLAIN)[:-40], "truncated"),
        (assembled([*PLAIN[:1], b"<</Type/Pages/Kids[]/Count 0>>"]), "no_pages"),
        (assembled(CIRCULAR), "unreadable"),
        (assembled(PLAIN, b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>"), "encrypted"),
        (bomb(), "too_complex"),
    ],
)
def test_an_upload_is_looked_into(pdf: bytes, problem: str) -> None:
    facts = inspect_pdf(pdf)
    assert facts.problem == problem
    assert facts.is_usable == (problem == "")


def test_what_acts_by_itself_is_seen() -> None:
    assert inspect_pdf(assembled(SCRIPTED)).has_javascript
    assert inspect_pdf(assembled(LAUNCHING)).has_active_content
    assert not inspect_pdf(assembled(PLAIN)).has_javascript


def test_a_signed_licence_inspects_as_what_it_is(licence: bytes) -> None:
    facts = inspect_pdf(licence)
    assert (facts.problem, facts.pages, facts.is_signed, facts.has_attachments, facts.has_javascript) == ("", 1, True, True, False)


@pytest.mark.parametrize("pdf", [b"", b"\0" * 5000, assembled(PLAIN), assembled(DEEP), assembled(CIRCULAR), bomb()])
def test_hostile_input_is_indeterminate_and_never_raises(signers: Signers, pdf: bytes) -> None:
    verdict = _verify(signers, pdf)
    assert verdict.verdict is Verdict.INDETERMINATE
    assert verdict.subindication and verdict.reasons


def test_torn_files_never_raise_and_never_pass(signers: Signers, licence: bytes) -> None:
    chosen = random.Random(41)
    for _ in range(150):
        data = bytearray(licence)
        for _ in range(chosen.randrange(1, 6)):
            tear(data, chosen.randrange(len(data)), chosen)
        assert bytes(data) == licence or _verify(signers, bytes(data)).verdict is not Verdict.TOTAL_PASSED
        inspect_pdf(bytes(data))


async def test_inspection_runs_in_a_child_process(licence: bytes) -> None:
    inspector = Isolated("esign.pdf_verification:inspect_isolated", timeout_seconds=20, memory_bytes=1 << 30)
    try:
        assert isolated_facts(await inspector.call(licence)) == inspect_pdf(licence)
        assert isolated_facts(await inspector.call(bomb())).problem == "too_complex"
    finally:
        await inspector.close()
    assert isolated_facts(None).problem == "too_complex"
