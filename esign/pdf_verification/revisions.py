"""Where signatures sit in a file, what they cover, and what came after them.

Accepted after a signature: nothing, or further signatures that each fill one field which stood empty when the one before was made.
Any other incremental update is a change, also where common validators let it pass (shadow replacement; a signed field's /Rect, /AP).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from esign.pdf_verification.der import read_header
from esign.pdf_verification.verdict import Doubt, Sub

MAX_SIGNATURES = 8
_HEX = frozenset(b"0123456789abcdefABCDEF")
_KEYS = frozenset(
    {"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents", "/M", "/Reason", "/Location", "/Name", "/ContactInfo", "/Reference"}
)


@dataclass(frozen=True)
class PlacedSignature:
    """A signature dictionary and the bytes it speaks of. `end` is where its revision ends."""

    field: str
    field_reference: Any
    revision: int
    cms: bytes
    digest: bytes
    end: int
    signed_at: datetime | None


def _failed(detail: str) -> Doubt:
    return Doubt(Sub.FORMAT_FAILURE, detail)


def _range(signature: Any, size: int) -> tuple[int, int, int]:
    """(start of `<`, end of `>`, end of the revision)."""
    ranges = signature.raw_get("/ByteRange") if "/ByteRange" in signature else None
    if not isinstance(ranges, generic.ArrayObject) or len(ranges) != 4 or not all(type(item) is generic.NumberObject for item in ranges):
        raise _failed("the byte range is not four numbers")
    start, gap, resume, rest = (int(item) for item in ranges)
    if start != 0 or not 0 < gap < resume or rest <= 0 or resume + rest > size:
        raise _failed("the byte range is impossible")
    return gap, resume, resume + rest


def _contents(pdf: bytes, gap: int, resume: int, declared: bytes | None = None) -> bytes:
    """The DER in the gap, which must be `<`, hexadecimal digits, `>`, with zeros after the DER and nothing else."""
    digits = pdf[gap + 1 : resume - 1]
    if pdf[gap : gap + 1] != b"<" or pdf[resume - 1 : resume] != b">" or len(digits) % 2 or not _HEX.issuperset(digits):
        raise _failed("the gap in the byte range is not one hexadecimal string")
    content = bytes.fromhex(digits.decode("ascii"))
    if declared is not None and content != declared:
        raise _failed("the gap in the byte range is not this signature's")
    _, _, length = read_header(content, 0, len(content))
    if content[length:].strip(b"\0"):
        raise _failed("something other than zeros follows the signature")
    return content[:length]


_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")


def last_by_its_bytes(pdf: bytes) -> PlacedSignature | None:
    """The signature whose byte range ends where the file ends, found without parsing the PDF; None where there is none.

    It lets a changed file be called changed although the change broke the parser, and costs a stranger's upload little. Raises Doubt.
    """
    for match in list(_BYTE_RANGE.finditer(pdf))[-MAX_SIGNATURES:]:
        gap, resume, rest = (int(item) for item in match.groups())
        if 0 < gap < resume and resume + rest == len(pdf):
            cms = _contents(pdf, gap, resume)
            return PlacedSignature("", None, 0, cms, _digest(pdf, gap, resume, len(pdf)), len(pdf), None)
    return None


def _digest(pdf: bytes, gap: int, resume: int, end: int) -> bytes:
    digest = hashlib.sha256(memoryview(pdf)[:gap])
    digest.update(memoryview(pdf)[resume:end])
    return digest.digest()


def _claimed_time(signature: Any) -> datetime | None:
    if "/M" not in signature:
        return None
    claimed: datetime = generic.parse_pdf_date(signature["/M"], strict=True)
    return claimed if claimed.tzinfo is not None else None


def _place(pdf: bytes, reader: PdfFileReader, name: str, field_reference: Any) -> PlacedSignature:
    value = field_reference.get_object().raw_get("/V")
    if not isinstance(value, generic.IndirectObject):
        raise _failed("the signature is not an object of its own")
    signature = value.get_object()  # type: ignore[no-untyped-call]
    if not isinstance(signature, generic.DictionaryObject) or not set(signature) <= _KEYS:
        raise _failed("the signature dictionary has unexpected entries")
    if (
        signature.get("/Type") != "/Sig"
        or signature.get("/Filter") != "/Adobe.PPKLite"
        or signature.get("/SubFilter") != "/ETSI.CAdES.detached"
    ):
        raise _failed("not a PAdES signature")
    contents = signature.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if not isinstance(contents, generic.TextStringObject | generic.ByteStringObject):
        raise _failed("the signature has no contents")
    gap, resume, end = _range(signature, len(pdf))
    cms = _contents(pdf, gap, resume, contents.original_bytes)
    revision = reader.xrefs.get_last_change(value.reference)
    return PlacedSignature(
        str(name), field_reference.reference, revision, cms, _digest(pdf, gap, resume, end), end, _claimed_time(signature)
    )


def place_signatures(pdf: bytes, reader: PdfFileReader) -> list[PlacedSignature]:
    """Every filled signature field, in signing order. Raises Doubt."""
    found = [(name, reference) for name, _, reference in enumerate_sig_fields(reader, filled_status=True)]
    if not found:
        raise Doubt(Sub.NO_SIGNATURE)
    if len(found) > MAX_SIGNATURES:
        raise Doubt(Sub.PROCESSING_LIMIT, "too many signatures")
    return sorted((_place(pdf, reader, name, reference) for name, reference in found), key=lambda item: item.end)


def _written(value: Any) -> bytes:
    out = BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()


def _references(value: Any) -> Iterator[tuple[int, int]]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, generic.IndirectObject):
            yield item.idnum, item.generation
        elif isinstance(item, generic.DictionaryObject):
            pending.extend(item.raw_get(key) for key in item)
        elif isinstance(item, generic.ArrayObject):
            pending.extend(item.raw_get(index) for index in range(len(item)))


def _changed(detail: str) -> Doubt:
    return Doubt(Sub.CHANGED_AFTER_SIGNING, detail)


def _check_field(before: Any, after: Any, new: set[tuple[int, int]]) -> None:
    if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
        raise _changed("a field is not a dictionary")
    if "/V" in before or "/V" not in after:
        raise _changed("a field that was not empty changed")
    kept, now = set(before) - {"/AP"}, set(after) - {"/AP", "/V"}
    if kept != now or any(_written(before.raw_get(key)) != _written(after.raw_get(key)) for key in kept):
        raise _changed("a reserved field changed its place or kind")
    drawn = [] if "/AP" not in after else list(_references(after.raw_get("/AP")))
    if "/AP" in after and _written(after.raw_get("/AP")) != _written(before.raw_get("/AP") if "/AP" in before else generic.NullObject()):
        appearance = after.raw_get("/AP")
        if not isinstance(appearance, generic.DictionaryObject) or set(appearance) != {"/N"} or not set(drawn) <= new:
            raise _changed("a reserved field shows something that was there before")
    if not set(_references(after.raw_get("/V"))) <= new:
        raise _changed("a reserved field holds something that was there before")


def _check_step(reader: PdfFileReader, signature: PlacedSignature) -> None:
    """The update that brought `signature` filled its field and did nothing else."""
    xrefs, revision = reader.xrefs, signature.revision
    before, after = reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
    if xrefs.refs_freed_in_revision(revision):
        raise _changed("objects were freed")
    size = int(before.trailer_view.raw_get("/Size"))
    new: set[tuple[int, int]] = set()
    for reference in xrefs.explicit_refs_in_revision(revision):
        if reference.idnum >= size:
            new.add((reference.idnum, reference.generation))
        elif (reference.idnum, reference.generation) != (signature.field_reference.idnum, signature.field_reference.generation):
            raise _changed("an object outside the reserved field was replaced")
    for key in ("/Root", "/Info", "/Encrypt"):
        old, now = (view.trailer_view.raw_get(key) if key in view.trailer_view else generic.NullObject() for view in (before, after))
        if _written(old) != _written(now):
            raise _changed("the document's root was replaced")
    known = {item for earlier in range(revision) for item in xrefs.explicit_refs_in_revision(earlier)}
    for reference in known:
        if any(target in new for target in _references(before.get_object(reference))):
            raise _changed("an object that was missing appeared")
    field = generic.Reference(signature.field_reference.idnum, signature.field_reference.generation)
    _check_field(before.get_object(field), after.get_object(field), new)


def check_coverage(pdf: bytes, reader: PdfFileReader, signatures: list[PlacedSignature]) -> None:
    """Together the signatures cover the file without a rest, and nothing but them came after the first. Raises Doubt."""
    if reader.xrefs.hybrid_xrefs_present:
        raise _failed("the file has two tables of contents")
    if signatures[-1].end != len(pdf) or signatures[-1].revision != reader.total_revisions - 1:
        raise _changed("something was added after the last signature")
    for earlier, later in zip(signatures, signatures[1:], strict=False):
        if later.revision != earlier.revision + 1:
            raise _changed("something was added between two signatures")
        if not pdf[: earlier.end].rstrip(b"\r\n").endswith(b"%%EOF"):
            raise _failed("a signature ends in the middle of its revision")
        if reader.xrefs.get_xref_container_info(earlier.revision).end_location > earlier.end:
            raise _failed("a signature does not cover its own table of contents")
        _check_step(reader, later)
