"""The attack set of issue 5 (R53, R54): named files made by code from clean signed ones, and the verdict each must get.

Sources of the kinds: Mladenov et al., "1 Trillion Dollar Refund" (CCS 2019: incremental saving, wrapping, universal forgery);
Mainka et al., "Shadow Attacks" (NDSS 2021: hide, replace, hide-and-replace); Rohlmann et al., "Breaking the Specification"
(S&P 2021: certified files).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Generic, TypeVar

from pyhanko.pdf_utils.reader import PdfFileReader

from tests.factories.pdf_edits import Clean, generic, name, redefined, rewritten_range, text, updated, with_token_of

Files = TypeVar("Files")


@dataclass(frozen=True)
class Attack(Generic[Files]):
    """`build` makes the hostile file; `verdict` and `sub` are what the verifier must say of it."""

    build: Callable[[Files], bytes]
    verdict: str
    sub: str


def failed(build: Callable[[Files], bytes], sub: str) -> Attack[Files]:
    return Attack(build, "TOTAL_FAILED", sub)


def unclear(build: Callable[[Files], bytes], sub: str) -> Attack[Files]:
    return Attack(build, "INDETERMINATE", sub)


def flip(pdf: bytes, at: int, mask: int = 0x01) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ mask]) + pdf[at + 1 :]


def _digit(clean: Clean) -> bytes:
    """One digit of the signature value's hexadecimal text."""
    start, _ = clean.gap(clean.licence)
    at = start + 1500
    return clean.licence[:at] + (b"0" if clean.licence[at : at + 1] != b"0" else b"1") + clean.licence[at + 1 :]


def page_of(writer: Any) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def _field(writer: Any, called: str) -> Any:
    return next(item for item in writer.root["/AcroForm"]["/Fields"] if item.get_object()["/T"] == called).get_object()


def _drawing(content: bytes) -> Any:
    return generic.StreamObject(stream_data=content)


def overlay(writer: Any) -> None:
    page = page_of(writer)
    page[name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(_drawing(b"0 0 600 800 re f"))])
    writer.update_container(page)


def add_annotation(writer: Any) -> None:
    box = generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 600, 800)])
    note = {name("/Type"): name("/Annot"), name("/Subtype"): name("/FreeText"), name("/Rect"): box, name("/Contents"): text("作废")}
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(generic.DictionaryObject(note)))


def redraw(writer: Any) -> None:
    field = _field(writer, "seal")
    field[name("/AP")] = generic.DictionaryObject({name("/N"): writer.add_object(_drawing(b"0 0 99 99 re f"))})
    writer.update_container(field)


def _move(writer: Any) -> None:
    field = _field(writer, "seal")
    field[name("/Rect")] = generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 600, 800)])
    writer.update_container(field)


def _revalue(writer: Any) -> None:
    field = _field(writer, "amount")
    field[name("/V")] = text("9000000")
    writer.update_container(field)


def _drop_page(writer: Any) -> None:
    pages = writer.root["/Pages"]
    pages[name("/Kids")] = generic.ArrayObject([pages["/Kids"].raw_get(0)])
    pages[name("/Count")] = generic.NumberObject(1)
    writer.update_container(pages)


def _swap_pages(writer: Any) -> None:
    pages = writer.root["/Pages"]
    pages[name("/Kids")] = generic.ArrayObject([pages["/Kids"].raw_get(1), pages["/Kids"].raw_get(0)])
    writer.update_container(pages)


def add_open_action(writer: Any) -> None:
    action = {name("/S"): name("/JavaScript"), name("/JS"): text("app.alert(1)")}
    writer.root[name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def _named_script(writer: Any) -> None:
    action = generic.DictionaryObject({name("/S"): name("/JavaScript"), name("/JS"): text("app.alert(1)")})
    names = generic.ArrayObject([text("x"), writer.add_object(action)])
    writer.root["/Names"][name("/JavaScript")] = generic.DictionaryObject({name("/Names"): names})
    writer.update_root()


def attach(writer: Any) -> None:
    stream = writer.add_object(_drawing(b"another credential"))
    specification = {name("/Type"): name("/Filespec"), name("/F"): text("more.cwt"), name("/UF"): text("more.cwt")}
    specification[name("/EF")] = generic.DictionaryObject({name("/F"): stream})
    files = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    files.extend([text("more.cwt"), writer.add_object(generic.DictionaryObject(specification))])
    writer.update_root()


def _swap_credential(writer: Any) -> None:
    """The attached credential of the licence, not its picture."""
    embedded = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]
    embedded[name("/F")] = writer.add_object(_drawing(b"another credential"))
    writer.update_container(embedded)


def _clear_signature(writer: Any) -> None:
    """The seal stays in the picture; the signature behind it is gone."""
    field = _field(writer, "seal")
    del field["/V"]
    writer.update_container(field)


def _signature_as_picture(writer: Any) -> None:
    """A field that points at the genuine signature of another field: two fields, one signature."""
    field = _field(writer, "signer-2")
    field[name("/V")] = _field(writer, "signer-1").raw_get("/V")
    writer.update_container(field)


def _show_hidden(writer: Any) -> None:
    """Shadow "hide": the rectangle that covered the small print when it was signed becomes nothing."""
    reference = page_of(writer)["/Contents"].raw_get(1)
    writer.objects[reference.generation, reference.idnum] = _drawing(b"")


def _replace_font(writer: Any) -> None:
    """Shadow "replace": what looks like a helper resource draws other figures."""
    fonts = page_of(writer)["/Resources"]["/Font"]
    reference = next(fonts.raw_get(key) for key in fonts)
    writer.objects[reference.generation, reference.idnum] = generic.DictionaryObject(
        {name("/Type"): name("/Font"), name("/Subtype"): name("/Type1"), name("/BaseFont"): name("/ZapfDingbats")}
    )


def _wrapped(clean: Clean) -> bytes:
    """Signature wrapping: the signed tail moves to the end, and where its xref was stands another, with another page and byte range."""
    pdf = clean.licence
    gap, resume = clean.gap(pdf)
    tail = pdf[resume:]
    table = int(tail.rsplit(b"startxref\n", 1)[1].split()[0])
    reader: Any = PdfFileReader(BytesIO(pdf))
    (field,) = reader.root["/AcroForm"]["/Fields"]
    number, content = field.get_object().raw_get("/V").idnum, reader.root["/Pages"]["/Kids"][0].raw_get("/Contents").idnum
    size, root = int(reader.trailer["/Size"]), reader.trailer.raw_get("/Root").idnum
    contents = pdf[gap:resume]
    for moved in range(table, table + 2 * len(pdf)):
        forged = b"%d 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents %s/ByteRange[0 %d %d %d]>>\nendobj\n"
        signature = forged % (number, contents, gap, moved, len(tail))
        page = b"%d 0 obj\n<</Length 16>>stream\n0 0 600 800 re f\nendstream\nendobj\n" % content
        trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (size, root, reader.xrefs.get_startxref_for_revision(0))
        entries = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n"
        head = len(entries % (content, 0, number, 0)) + len(trailer)
        forgery = entries % (content, table + head, number, table + head + len(page)) + trailer + page + signature
        if table + len(forgery) <= moved:
            return (pdf[:resume].ljust(table) + forgery).ljust(moved) + tail
    raise AssertionError("no place found")


def _hide_and_replace(clean: Clean) -> bytes:
    """Shadow "hide-and-replace": both pages are under the signature; afterwards an xref alone chooses the other one."""
    return redefined(clean.two_faced)


def _two_tables(clean: Clean) -> bytes:
    """An xref stream beside the xref table (hybrid file): one reader follows the one, another the other."""
    return updated(clean.licence, overlay, stream_xrefs=True)


def _duplicate(clean: Clean) -> bytes:
    """The catalogue's number a second time, behind the signature, without an xref: a reader that rebuilds the table takes the last."""
    root = PdfFileReader(BytesIO(clean.licence)).trailer.raw_get("/Root").idnum
    return clean.licence + b"%d 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n" % root


def _second_contents(clean: Clean) -> bytes:
    """/Contents twice in the dictionary, the forged one in the place that the byte range leaves out."""
    gap, resume = clean.gap(clean.licence)
    space = resume - gap
    forged = b"<00>/Contents<" + clean.licence[gap + 1 : resume - 1]
    return clean.licence[:gap] + forged[: space - 1] + b">" + clean.licence[resume:]


def _swapped_signature(clean: Clean) -> bytes:
    (gap, resume), (other_gap, other_resume) = clean.gap(clean.licence), clean.gap(clean.other)
    cms = clean.other[other_gap + 1 : other_resume - 1].rstrip(b"0")
    return clean.licence[: gap + 1] + cms.ljust(resume - gap - 2, b"0") + clean.licence[resume - 1 :]


def _emptied(clean: Clean) -> bytes:
    """Universal forgery: the signature's contents are nothing but zeros."""
    gap, resume = clean.gap(clean.licence)
    return clean.licence[: gap + 1] + b"0" * (resume - gap - 2) + clean.licence[resume - 1 :]


ATTACKS: dict[str, Attack[Clean]] = {
    # one bit in each region of the file
    "flip in the header": failed(lambda clean: flip(clean.licence, 5), "HASH_FAILURE"),
    "flip in the body": failed(lambda clean: flip(clean.licence, 20_000), "HASH_FAILURE"),
    "flip in the seal's appearance": failed(lambda clean: flip(clean.licence, clean.licence.rindex(b"/AP") + 9), "HASH_FAILURE"),
    "flip just before the gap": failed(lambda clean: flip(clean.licence, clean.gap(clean.licence)[0] - 1), "HASH_FAILURE"),
    "flip of the gap's first byte": failed(lambda clean: flip(clean.licence, clean.gap(clean.licence)[0]), "FORMAT_FAILURE"),
    "flip of the gap's last byte": failed(lambda clean: flip(clean.licence, clean.gap(clean.licence)[1] - 1), "FORMAT_FAILURE"),
    "flip just behind the gap": failed(lambda clean: flip(clean.licence, clean.gap(clean.licence)[1]), "HASH_FAILURE"),
    "flip in the signature": failed(_digit, "SIG_CRYPTO_FAILURE"),
    "flip in the signature's padding": failed(lambda clean: flip(clean.licence, clean.gap(clean.licence)[1] - 9), "FORMAT_FAILURE"),
    "flip in the xref": failed(lambda clean: flip(clean.licence, clean.licence.rindex(b"\nxref") + 30), "HASH_FAILURE"),
    "flip in the trailer": failed(lambda clean: flip(clean.licence, clean.licence.rindex(b"/Root") + 6), "HASH_FAILURE"),
    "flip of the last byte": failed(lambda clean: flip(clean.licence, len(clean.licence) - 1), "HASH_FAILURE"),
    "flip under the first of two signatures": failed(lambda clean: flip(clean.twice, 20_000), "HASH_FAILURE"),
    # added behind the signature
    "bytes behind the end": failed(lambda clean: clean.licence + b"\n% nothing to see\n", "CHANGED_AFTER_SIGNING"),
    "another file behind the end": unclear(lambda clean: clean.licence + clean.other, "UNREADABLE"),
    "overlay": failed(lambda clean: updated(clean.licence, overlay), "CHANGED_AFTER_SIGNING"),
    "overlay after two signatures": failed(lambda clean: updated(clean.twice, overlay), "CHANGED_AFTER_SIGNING"),
    "overlay between two signatures": failed(lambda clean: clean.signed_again(updated(clean.once, overlay)), "CHANGED_AFTER_SIGNING"),
    "annotation": failed(lambda clean: updated(clean.licence, add_annotation), "CHANGED_AFTER_SIGNING"),
    "seal redrawn": failed(lambda clean: updated(clean.licence, redraw), "CHANGED_AFTER_SIGNING"),
    "seal moved": failed(lambda clean: updated(clean.licence, _move), "CHANGED_AFTER_SIGNING"),
    "seal without its signature": unclear(lambda clean: updated(clean.licence, _clear_signature), "NO_SIGNATURE"),
    "two fields, one signature": failed(lambda clean: updated(clean.once, _signature_as_picture), "CHANGED_AFTER_SIGNING"),
    "form value changed": failed(lambda clean: updated(clean.form, _revalue), "CHANGED_AFTER_SIGNING"),
    "page removed": failed(lambda clean: updated(clean.two_pages, _drop_page), "CHANGED_AFTER_SIGNING"),
    "pages swapped": failed(lambda clean: updated(clean.two_pages, _swap_pages), "CHANGED_AFTER_SIGNING"),
    "open action": failed(lambda clean: updated(clean.licence, add_open_action), "CHANGED_AFTER_SIGNING"),
    "named script": failed(lambda clean: updated(clean.licence, _named_script), "CHANGED_AFTER_SIGNING"),
    "attachment": failed(lambda clean: updated(clean.licence, attach), "CHANGED_AFTER_SIGNING"),
    "credential swapped": failed(lambda clean: updated(clean.licence, _swap_credential), "CHANGED_AFTER_SIGNING"),
    "xref stream overrides": failed(_two_tables, "CHANGED_AFTER_SIGNING"),
    "object number twice": failed(_duplicate, "CHANGED_AFTER_SIGNING"),
    # prepared before signing
    "shadow hide": failed(lambda clean: updated(clean.covered, _show_hidden), "CHANGED_AFTER_SIGNING"),
    "shadow replace": failed(lambda clean: updated(clean.licence, _replace_font), "CHANGED_AFTER_SIGNING"),
    "shadow hide-and-replace": failed(_hide_and_replace, "CHANGED_AFTER_SIGNING"),
    "shadow under the second signature": failed(lambda clean: clean.signed_again(redefined(clean.two_faced)), "CHANGED_AFTER_SIGNING"),
    # the signature itself
    "signature wrapping": failed(_wrapped, "FORMAT_FAILURE"),
    "signature of another file": failed(_swapped_signature, "HASH_FAILURE"),
    "signature emptied": failed(_emptied, "FORMAT_FAILURE"),
    "contents twice": failed(_second_contents, "FORMAT_FAILURE"),
    "timestamps exchanged": unclear(lambda clean: with_token_of(clean.once, clean.twice), "TIMESTAMP_FAILURE"),
    # the byte range, with the rest of the file as it was
    "range does not start at 0": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (1, a - 1, b, c)), "FORMAT_FAILURE"),
    "range leaves a larger gap": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, a - 40, b, c)), "FORMAT_FAILURE"),
    "range is negative": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, a, -b, c)), "FORMAT_FAILURE"),
    "range overlaps": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, b + 10, b, c)), "FORMAT_FAILURE"),
    "range has three numbers": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, a, b)), "FORMAT_FAILURE"),
    "range has six numbers": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, a, b, 9, b + 9, c - 9)), "FORMAT_FAILURE"),
    "range does not reach the end": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, a, b, c - 7)), "HASH_FAILURE"),
    "range reaches beyond the end": failed(lambda clean: rewritten_range(clean, lambda a, b, c: (0, a, b, c + 7)), "FORMAT_FAILURE"),
    "range is missing": failed(lambda clean: rewritten_range(clean, lambda a, b, c: ()), "FORMAT_FAILURE"),
}
