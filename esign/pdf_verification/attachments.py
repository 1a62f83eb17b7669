"""The files attached to a PDF (ISO 32000-1 section 7.11.4), within limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from esign.pdf_verification.verdict import Doubt, Sub

MAX_ATTACHMENTS = 32
MAX_ATTACHMENT_BYTES = 8 * 1024 * 1024


def _specifications(node: Any, depth: int = 0) -> Iterator[Any]:
    if depth > 8:
        raise Doubt(Sub.PROCESSING_LIMIT, "attachments nested too deep")
    names = node.get("/Names", ())
    for index in range(1, len(names), 2):
        yield names[index]
    for kid in node.get("/Kids", ()):
        yield from _specifications(kid.get_object(), depth + 1)


def read_attachments(reader: PdfFileReader) -> dict[str, bytes]:
    """{file name: content}. Raises Doubt beyond the limits, and for two attachments of one name."""
    tree = reader.root.get("/Names", {}).get("/EmbeddedFiles")
    found: dict[str, bytes] = {}
    for specification in () if tree is None else _specifications(tree):
        name = str(specification["/UF"] if "/UF" in specification else specification["/F"])
        stream = specification["/EF"]["/F"]
        if not isinstance(stream, generic.StreamObject) or name in found or len(found) >= MAX_ATTACHMENTS:
            raise Doubt(Sub.PROCESSING_LIMIT, "unusable attachments")
        content = bytes(stream.data)
        if len(content) > MAX_ATTACHMENT_BYTES:
            raise Doubt(Sub.PROCESSING_LIMIT, "an attachment is too large")
        found[name] = content
    return found
