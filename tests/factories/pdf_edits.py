"""Clean signed files, and the tools with which attacks are made from them."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from functools import cached_property
from io import BytesIO
from typing import Any, cast

from asn1crypto import cms
from pyhanko.pdf_utils import generic as pdf_objects
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject

from esign.pades import open_quietly
from tests.factories.signed_documents import Signers

generic: Any = pdf_objects
name = generic.pdf_name
text = generic.pdf_string
Edit = Callable[[Any], None]


class Clean:
    """Files that pass, each made once: with one signature, with two, and with what an attacker prepares before anybody signs."""

    def __init__(self) -> None:
        self.signers = Signers()
        self.seal = self.signers.authority.seal()

    def _signed(self, pdf: bytes, field: str = "signer-1") -> bytes:
        return asyncio.run(self.signers.sign(pdf, field, "陈𠮷祥"))

    @cached_property
    def licence(self) -> bytes:
        return asyncio.run(self.signers.licence(signer=self.seal))

    @cached_property
    def other(self) -> bytes:
        return asyncio.run(self.signers.licence(signer=self.seal, owner="林喆"))

    @cached_property
    def blank(self) -> bytes:
        return self.signers.blank_commitment()

    @cached_property
    def once(self) -> bytes:
        return self._signed(self.blank)

    @cached_property
    def twice(self) -> bytes:
        return self.signed_again(self.once)

    @cached_property
    def form(self) -> bytes:
        return self._signed(updated(self.blank, _add_text_field))

    @cached_property
    def two_pages(self) -> bytes:
        return self._signed(updated(self.blank, _add_page))

    @cached_property
    def covered(self) -> bytes:
        return self._signed(updated(self.blank, _cover))

    @cached_property
    def two_faced(self) -> bytes:
        return self._signed(updated(updated(self.blank, _other_face), _first_face))

    def signed_again(self, pdf: bytes) -> bytes:
        return self._signed(pdf, "signer-2")

    @staticmethod
    def gap(pdf: bytes) -> tuple[int, int]:
        """(offset of `<`, offset behind `>`) of the last signature's contents."""
        start = pdf.rindex(b"/Contents <") + len(b"/Contents ")
        return start, pdf.index(b">", start) + 1


def updated(pdf: bytes, edit: Edit, *, stream_xrefs: bool | None = None) -> bytes:
    """`pdf` with one incremental update of exactly what `edit` does: no new date or producer by which it would be noticed."""
    writer: Any = open_quietly(pdf)
    if stream_xrefs is not None:
        writer.stream_xrefs = stream_xrefs
    edit(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _add_text_field(writer: Any) -> None:
    box = generic.ArrayObject([generic.NumberObject(number) for number in (50, 50, 200, 70)])
    field = {name("/FT"): name("/Tx"), name("/T"): text("amount"), name("/V"): text("90"), name("/Rect"): box}
    field |= {name("/Type"): name("/Annot"), name("/Subtype"): name("/Widget")}
    reference = writer.add_object(generic.DictionaryObject(field))
    writer.root["/AcroForm"]["/Fields"].append(reference)
    writer.update_container(writer.root["/AcroForm"]["/Fields"])
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), reference)


def _add_page(writer: Any) -> None:
    first, make = writer.root["/Pages"]["/Kids"][0], cast(Any, PageObject)
    page = make(contents=writer.add_object(generic.StreamObject(stream_data=b"0 0 9 9 re f")), media_box=first["/MediaBox"])
    writer.insert_page(page)


def _cover(writer: Any) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    cover = writer.add_object(generic.StreamObject(stream_data=b"1 g 0 0 600 800 re f"))
    page[name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), cover])
    writer.update_container(page)


def _draw(writer: Any, content: bytes) -> None:
    reference = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
    writer.objects[reference.generation, reference.idnum] = generic.StreamObject(stream_data=content)


def _other_face(writer: Any) -> None:
    _draw(writer, b"% the face nobody signed knowingly\n0 0 600 800 re f")


def _first_face(writer: Any) -> None:
    _draw(writer, b"0 0 9 9 re f")


def redefined(pdf: bytes) -> bytes:
    """An xref and a trailer alone, which point the page's content back at the face it had before the last one."""
    reader = PdfFileReader(BytesIO(pdf))
    content = reader.root["/Pages"]["/Kids"][0].raw_get("/Contents").idnum
    hidden = pdf.index(b"% the face")
    offset = pdf.rindex(b"%d 0 obj" % content, 0, hidden)
    previous = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    size, root, info = int(reader.trailer["/Size"]), reader.trailer.raw_get("/Root").idnum, reader.trailer.raw_get("/Info").idnum
    table = b"xref\n%d 1\n%010d 00000 n \n" % (content, offset)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, info, previous, len(pdf))
    return pdf + table + trailer


_RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\] *")


def rewritten_range(clean: Clean, change: Callable[[int, int, int], tuple[int, ...]]) -> bytes:
    """The licence with another byte range written over its own; no offset moves. No numbers at all: the entry is taken out."""
    match = list(_RANGE.finditer(clean.licence))[-1]
    numbers = change(*(int(item) for item in match.groups()))
    entry = b"/ByteRange [%s]" % b" ".join(b"%d" % number for number in numbers) if numbers else b""
    assert len(entry) <= len(match.group())
    return clean.licence[: match.start()] + entry.ljust(len(match.group())) + clean.licence[match.end() :]


def _message(pdf: bytes) -> Any:
    gap, resume = Clean.gap(pdf)
    return cms.ContentInfo.load(bytes.fromhex(pdf[gap + 1 : resume - 1].decode()))


def with_token_of(pdf: bytes, other: bytes) -> bytes:
    """The last signature of `pdf` with the timestamp of the last signature of `other`."""
    message, gap, resume = _message(pdf), *Clean.gap(pdf)
    message["content"]["signer_infos"][0]["unsigned_attrs"] = _message(other)["content"]["signer_infos"][0]["unsigned_attrs"]
    digits = message.dump(force=True).hex().encode().ljust(resume - gap - 2, b"0")
    return pdf[: gap + 1] + digits + pdf[resume - 1 :]


def tear(data: bytearray, start: int, chosen: random.Random) -> None:
    """Take bytes away at `start`, put random ones there, or some from elsewhere in the file."""
    match chosen.randrange(3):
        case 0:
            del data[start : start + chosen.randrange(1, 400)]
        case 1:
            data[start:start] = chosen.randbytes(chosen.randrange(1, 60))
        case _:
            data[start : start + 40] = data[chosen.randrange(len(data)) :][:40]
