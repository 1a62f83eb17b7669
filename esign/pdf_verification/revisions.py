"""Where signatures and document timestamps sit in a file, and the bytes they speak of. What came after them: `updates`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from esign.pdf_verification.cms import is_token
from esign.pdf_verification.der import read_header
from esign.pdf_verification.verdict import Doubt, Sub

MAX_SIGNATURES = 8
MAX_TIMESTAMPS = 24
_HEX = frozenset(b"0123456789abcdefABCDEF")
_SIGNATURE = ("/Sig", "/Adobe.PPKLite", "/ETSI.CAdES.detached")
_TIMESTAMP = ("/DocTimeStamp", "/Adobe.PPKLite", "/ETSI.RFC3161")
_TIMESTAMP_KEYS = frozenset({"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents"})
_KEYS = frozenset(
    {"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents", "/M", "/Reason", "/Location", "/Name", "/ContactInfo", "/Reference"}
)


@dataclass(frozen=True)
class PlacedSignature:
    """A signature dictionary and the bytes it speaks of. `end` is where its revision ends. `is_timestamp`: of the document, by nobody."""

    field: str
    field_reference: Any
    revision: int
    cms: bytes
    digest: bytes
    end: int
    signed_at: datetime | None
    is_timestamp: bool = False


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
            return PlacedSignature("", None, 0, cms, _digest(pdf, gap, resume, len(pdf)), len(pdf), None, is_token(cms))
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
    if not isinstance(signature, generic.DictionaryObject):
        raise _failed("the signature is not a dictionary")
    kind = (signature.get("/Type"), signature.get("/Filter"), signature.get("/SubFilter"))
    if kind not in (_SIGNATURE, _TIMESTAMP):
        raise _failed("not a PAdES signature")
    if not set(signature) <= (_KEYS if kind == _SIGNATURE else _TIMESTAMP_KEYS):
        raise _failed("the signature dictionary has unexpected entries")
    contents = signature.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if not isinstance(contents, generic.TextStringObject | generic.ByteStringObject):
        raise _failed("the signature has no contents")
    gap, resume, end = _range(signature, len(pdf))
    cms = _contents(pdf, gap, resume, contents.original_bytes)
    revision = reader.xrefs.get_last_change(value.reference)
    digest, claimed = _digest(pdf, gap, resume, end), _claimed_time(signature)
    return PlacedSignature(str(name), field_reference.reference, revision, cms, digest, end, claimed, kind == _TIMESTAMP)


def place_signatures(pdf: bytes, reader: PdfFileReader) -> list[PlacedSignature]:
    """Every filled signature field, document timestamps too, in the order of making. Raises Doubt."""
    found = [(name, reference) for name, _, reference in enumerate_sig_fields(reader, filled_status=True)]
    if len(found) > MAX_SIGNATURES + MAX_TIMESTAMPS:
        raise Doubt(Sub.PROCESSING_LIMIT, "too many signatures")
    placed = sorted((_place(pdf, reader, name, reference) for name, reference in found), key=lambda item: item.end)
    if all(item.is_timestamp for item in placed):
        raise Doubt(Sub.NO_SIGNATURE)
    if sum(not item.is_timestamp for item in placed) > MAX_SIGNATURES:
        raise Doubt(Sub.PROCESSING_LIMIT, "too many signatures")
    return placed
