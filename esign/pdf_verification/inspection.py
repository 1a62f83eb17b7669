"""A look into an uploaded PDF before it is kept: is it whole, is it locked, does it carry something that acts by itself."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import msgspec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

MAX_PAGES = 2000
MAX_OBJECTS = 200_000
_SCRIPTS = {"/JavaScript", "/JS"}
_ACTIONS = {"/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/RichMedia"}


class PdfFacts(msgspec.Struct, frozen=True):
    """What a PDF is. `problem` is empty for a usable file, else one of unreadable, truncated, encrypted, no_pages, too_complex."""

    problem: str = ""
    pages: int = 0
    is_encrypted: bool = False
    is_signed: bool = False
    has_javascript: bool = False
    has_active_content: bool = False
    """Launches programs, submits or imports forms, plays media, XFA."""
    has_attachments: bool = False

    @property
    def is_usable(self) -> bool:
        return self.problem == ""


class _TooComplex(Exception):
    pass


def _count_pages(node: Any, seen: set[int], depth: int = 0) -> int:
    """Pages under a node of the page tree, with every page's content decoded within pyHanko's limits."""
    if depth > 40 or len(seen) > MAX_PAGES * 2:
        raise _TooComplex
    if id(node) in seen:
        raise ValueError("a page tree that bites its tail")
    seen.add(id(node))
    if "/Kids" in node:
        return sum(_count_pages(node["/Kids"][index], seen, depth + 1) for index in range(len(node["/Kids"])))
    if node["/Type"] != "/Page":
        raise ValueError("not a page")
    contents = node.get("/Contents", ())
    for part in contents if isinstance(contents, generic.ArrayObject) else [contents]:
        stream = part.get_object() if isinstance(part, generic.IndirectObject) else part  # type: ignore[no-untyped-call]
        if isinstance(stream, generic.StreamObject):
            stream.data  # noqa: B018 - decoding is the check
    return 1


def _names_in(reader: PdfFileReader) -> set[str]:
    """Every dictionary key and every /S or /Subtype value reachable from the trailer."""
    names: set[str] = set()
    seen: set[tuple[int, int]] = set()
    pending: list[Any] = [reader.trailer.flatten()]
    steps = 0
    while pending:
        steps += 1
        if steps > MAX_OBJECTS:
            raise _TooComplex
        item = pending.pop()
        if isinstance(item, generic.IndirectObject):
            if (item.idnum, item.generation) not in seen:
                seen.add((item.idnum, item.generation))
                pending.append(item.get_object())  # type: ignore[no-untyped-call]
        elif isinstance(item, generic.DictionaryObject):
            for key in item:
                value = item.raw_get(key)
                names.add(str(key))
                if key in {"/S", "/Subtype", "/Type"} and isinstance(value, generic.NameObject):
                    names.add(str(value))
                pending.append(value)
        elif isinstance(item, generic.ArrayObject):
            pending.extend(item.raw_get(index) for index in range(len(item)))
    return names


def _inspect(data: bytes) -> PdfFacts:
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        return PdfFacts("unreadable")
    if b"%%EOF" not in data[-2048:]:
        return PdfFacts("truncated")
    reader = PdfFileReader(BytesIO(data), strict=False, decode_limits=DecodeLimits())
    if "/Encrypt" in reader.trailer:
        return PdfFacts("encrypted", is_encrypted=True)
    pages = _count_pages(reader.root["/Pages"], set())
    if not 0 < pages <= MAX_PAGES:
        return PdfFacts("no_pages" if pages == 0 else "too_complex")
    names = _names_in(reader)
    return PdfFacts(
        pages=pages,
        is_signed=any(True for _ in enumerate_sig_fields(reader, filled_status=True)),
        has_javascript=bool(names & _SCRIPTS),
        has_active_content=bool(names & (_ACTIONS | {"/XFA"})),
        has_attachments="/EmbeddedFiles" in names or "/EF" in names,
    )


def inspect_pdf(data: bytes) -> PdfFacts:
    """Facts about an uploaded PDF. Never raises: a file that the parser cannot take has `problem` set."""
    try:
        return _inspect(data)
    except (_TooComplex, PdfDecodeLimitError, RecursionError, MemoryError):
        return PdfFacts("too_complex")
    except Exception:  # hostile files make the parser raise anything
        return PdfFacts("unreadable")


def inspect_isolated(payload: bytes) -> bytes:
    """Target of `core.isolation.Isolated`: a PDF in, encoded PdfFacts out."""
    return msgspec.msgpack.encode(inspect_pdf(payload))


def isolated_facts(answer: bytes | None) -> PdfFacts:
    """The facts in an answer of `inspect_isolated`; None, where the child had to be killed, is too_complex."""
    return PdfFacts("too_complex") if answer is None else msgspec.msgpack.decode(answer, type=PdfFacts)
