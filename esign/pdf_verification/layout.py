"""The bytes of an update that brings validation data: objects, table and trailer without a gap, so that nothing hides between them.

Nobody signed these bytes, so a reader that rebuilds a broken table, or another format in the same file, must find nothing else here.
"""

from __future__ import annotations

import re
from typing import Any

from esign.pdf_verification.verdict import Doubt, Sub

_PLAIN = re.compile(rb"(\d{1,10}) (\d{1,5}) obj\s[^%]*?\sendobj\s+")
_STREAM = re.compile(rb"(\d{1,10}) (\d{1,5}) obj\s*<<\s*/Length (\d{1,8})\s*>>\s*stream\r?\n")
_STREAM_END = re.compile(rb"\r?\nendstream\s+endobj\s+")
_SPACE = re.compile(rb"\s*")
_TABLE = re.compile(
    rb"xref\s+(?:\d{1,10} \d{1,10}\s*\n(?:\d{10} \d{5} [nf][ \r][\r\n])+)+"
    rb"trailer\s*<<[^%]*?>>\s*startxref\s+(\d{1,10})\s+%%EOF(?:\r\n|\r|\n|\Z)"
)


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.CHANGED_AFTER_SIGNING, detail)


def _end_of_object(pdf: bytes, start: int, number: tuple[int, int]) -> int:
    stream = _STREAM.match(pdf, start)
    header = stream or _PLAIN.match(pdf, start)
    if header is None or (int(header[1]), int(header[2])) != number:
        raise Doubt(Sub.CHANGED_AFTER_SIGNING, "an update holds something between its objects")
    if stream is None:
        _need(b"stream" not in header[0], "an update holds something between its objects")
        return header.end()
    end = _STREAM_END.match(pdf, stream.end() + int(stream[3]))
    if end is None:
        raise Doubt(Sub.CHANGED_AFTER_SIGNING, "an update holds something between its objects")
    return end.end()


def check_layout(pdf: bytes, reader: Any, revision: int, start: int) -> int:
    """The update's bytes from `start`, the end of the one before, are its objects and its table. Returns its end. Raises Doubt."""
    xrefs = reader.xrefs
    found = [(xrefs.get_historical_ref(item, revision), item) for item in xrefs.explicit_refs_in_revision(revision)]
    _need(all(isinstance(offset, int) for offset, _ in found), "an update keeps objects inside a stream")
    space = _SPACE.match(pdf, start)
    position = start if space is None else space.end()
    for offset, item in sorted((offset, (item.idnum, item.generation)) for offset, item in found):
        _need(offset == position, "an update holds something between its objects")
        position = _end_of_object(pdf, position, item)
    table = _TABLE.match(pdf, position)
    is_own = table is not None and xrefs.get_startxref_for_revision(revision) == position and int(table[1]) == position
    _need(is_own, "an update's table of contents is not where it should be")
    return table.end() if table is not None else position
