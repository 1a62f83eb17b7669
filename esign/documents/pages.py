"""Our own PDFs as pictures, page by page: a phone shows them without a PDF reader, and a screen reader gets the text.

PDFium may be used by one thread at a time (pypdfium2, "Thread incompatibility"), so everything here is behind one lock, off the event loop.
Only documents that we made are drawn; uploads never come here.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import re
import threading
from collections import OrderedDict

import msgspec
import pypdfium2 as pdfium
from PIL import Image

from core.errors import NotFound

SCALE = 2.0
"""Pixels a point: an A4 page is 1191 × 1684 pixels, sharp on a phone when enlarged twice."""
COLOURS = 64
"""Enough for ink, seal red and soft edges; an octree keeps the few red pixels of a seal that a median cut averages away."""
KEPT_DOCUMENTS = 8
_NAME = re.compile(r"([1-9][0-9]{0,2})\.png")
_pdfium = threading.Lock()


class DocumentPage(msgspec.Struct, frozen=True):
    """`number` counts from 1; width and height in pixels of the picture; `text` is all that the page says, for screen readers."""

    number: int
    width: int
    height: int
    text: str


class DocumentPages(msgspec.Struct, frozen=True):
    """`sha256` is the hash of the PDF file whose pages these are; the pictures are at `pages/<number>.png`."""

    sha256: str
    pages: list[DocumentPage]


class _Drawn:
    def __init__(self, pages: DocumentPages) -> None:
        self.pages = pages
        self.pictures: dict[int, bytes] = {}


class PagePictures:
    """Keeps the few documents that are being read, so that turning a page draws nothing twice."""

    def __init__(self, kept: int = KEPT_DOCUMENTS) -> None:
        self._kept = kept
        self._drawn: OrderedDict[str, _Drawn] = OrderedDict()

    async def pages(self, pdf: bytes) -> DocumentPages:
        return (await self._of(pdf)).pages

    async def picture(self, pdf: bytes, name: str) -> bytes:
        """The page called `1.png`, `2.png` …; NotFound for one that the document has not."""
        drawn, asked = await self._of(pdf), _NAME.fullmatch(name)
        number = int(asked[1]) if asked else 0
        if not 1 <= number <= len(drawn.pages.pages):
            raise NotFound()
        if number not in drawn.pictures:
            drawn.pictures[number] = await asyncio.to_thread(_draw, pdf, number)
        return drawn.pictures[number]

    async def _of(self, pdf: bytes) -> _Drawn:
        sha256 = hashlib.sha256(pdf).hexdigest()
        if sha256 not in self._drawn:
            found = _Drawn(DocumentPages(sha256, await asyncio.to_thread(_read, pdf)))
            self._drawn.setdefault(sha256, found)
        self._drawn.move_to_end(sha256)
        drawn = self._drawn[sha256]
        while len(self._drawn) > self._kept:
            self._drawn.popitem(last=False)
        return drawn


def _pixels(points: float) -> int:
    return math.ceil(points * SCALE)


def _read(pdf: bytes) -> list[DocumentPage]:
    with _pdfium, pdfium.PdfDocument(pdf) as document:
        found = []
        for number, page in enumerate(document, 1):
            text = page.get_textpage().get_text_range().replace("\r\n", "\n").strip()
            found.append(DocumentPage(number, _pixels(page.get_width()), _pixels(page.get_height()), text))
        return found


def _draw(pdf: bytes, number: int) -> bytes:
    with _pdfium, pdfium.PdfDocument(pdf) as document:
        document.init_forms()  # signatures and seals are form fields: without this they stay invisible
        picture = document[number - 1].render(scale=SCALE).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.quantize(colors=COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
