"""What an uploaded file really is."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from PIL import Image

from hall.cases.errors import MaterialRejected, MaterialTooLarge
from hall.cases.uploads import MAX_BYTES, MAX_PDF_PAGES, Sniffed, sniff

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


async def one_page(data: bytes) -> int:
    return 1


async def no_pdf_expected(data: bytes) -> int:
    raise AssertionError("the PDF reader was asked about something else")


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 100 if mode in {"L", "1"} else (10, 120, 90)).save(out, kind, **options)
    return out.getvalue()


def moving_png() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (10, 200)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A few hundred bytes that unfold to gigabytes: a decompression bomb."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "declared", "found"),
    [
        (picture("JPEG"), "image/jpeg", "image/jpeg"),
        (picture("JPEG"), "IMAGE/JPG; charset=binary", "image/jpeg"),
        (picture("JPEG"), "", "image/jpeg"),
        (picture("JPEG", mode="L"), "application/octet-stream", "image/jpeg"),
        (picture("PNG", mode="1"), "image/png", "image/png"),
        (PDF, "application/pdf", "application/pdf"),
    ],
)
async def test_a_good_file_is_what_it_says(data: bytes, declared: str, found: str) -> None:
    assert await sniff(data, declared, one_page) == Sniffed(found, 1)


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (picture("PNG"), "application/pdf"),
        (picture("PNG"), "image/jpeg"),
        (picture("JPEG"), "image/png"),
        (picture("JPEG"), "text/html"),
        (PDF, "image/png"),
    ],
)
async def test_a_file_that_lies_about_its_type_is_refused(data: bytes, declared: str) -> None:
    with pytest.raises(MaterialRejected) as refused:
        await sniff(data, declared, one_page)
    assert "不一致" in refused.value.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"hello",
        zipped(),
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture("WEBP"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"MZ" + bytes(200),
        b"\n" + PDF,
    ],
    ids=["empty", "nul", "text", "zip", "gif", "bmp", "tiff", "webp", "svg", "html", "exe", "pdf later on"],
)
@pytest.mark.parametrize("declared", ["application/pdf", "image/png"])
async def test_other_kinds_are_refused_whatever_they_say(data: bytes, declared: str) -> None:
    with pytest.raises(MaterialRejected):
        await sniff(data, declared, no_pdf_expected)


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG", (400, 300))[:-800],
        picture("PNG", (400, 300))[:200],
        picture("PNG")[:8],
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0" + bytes(500),
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        png_claiming(40_000, 40_000),
        png_claiming(8_000, 8_000),
        png_claiming(0, 0),
        moving_png(),
    ],
    ids=["jpeg cut", "png cut", "png head", "jpeg head", "jpeg noise", "png noise", "bomb", "too many pixels", "no pixels", "animated"],
)
async def test_a_broken_moving_or_swelling_picture_is_refused(data: bytes) -> None:
    with pytest.raises(MaterialRejected):
        await sniff(data, "", no_pdf_expected)


async def test_size_is_looked_at_before_anything_else() -> None:
    with pytest.raises(MaterialTooLarge):
        await sniff(b"%PDF-" + bytes(MAX_BYTES), "application/pdf", no_pdf_expected)
    assert (await sniff(b"%PDF-" + bytes(MAX_BYTES - 5), "application/pdf", one_page)).pages == 1


@pytest.mark.parametrize(("pages", "is_accepted"), [(0, False), (1, True), (MAX_PDF_PAGES, True), (MAX_PDF_PAGES + 1, False)])
async def test_a_pdf_has_between_one_and_two_hundred_pages(pages: int, is_accepted: bool) -> None:
    async def count(data: bytes) -> int:
        return pages

    if is_accepted:
        assert await sniff(PDF, "application/pdf", count) == Sniffed("application/pdf", pages)
    else:
        with pytest.raises(MaterialRejected):
            await sniff(PDF, "application/pdf", count)


async def test_a_pdf_that_its_reader_cannot_take_is_refused() -> None:
    async def broken(data: bytes) -> int:
        raise ValueError("not readable in time")

    with pytest.raises(MaterialRejected):
        await sniff(PDF, "application/pdf", broken)
