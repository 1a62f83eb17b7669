"""What an uploaded file really is. The name and the declared type are claims; only the bytes count, and they are read to the end."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PIL import Image

from hall.cases.errors import MaterialRejected, MaterialTooLarge

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""A 50-megapixel photo takes 150 MB decoded; more is a decompression bomb for our purposes."""
MAX_PDF_PAGES = 200
_DECLARED = {
    "application/pdf": {"application/pdf", "application/octet-stream", ""},
    "image/jpeg": {"image/jpeg", "image/jpg", "image/pjpeg", "application/octet-stream", ""},
    "image/png": {"image/png", "application/octet-stream", ""},
}


@dataclass(frozen=True)
class Sniffed:
    media_type: str
    pages: int


PdfPages = Callable[[bytes], Awaitable[int]]
"""Counts the pages of a PDF in a killable process; raises ValueError when it is broken, encrypted, active or takes too long."""


async def sniff(data: bytes, declared_type: str, pdf_pages: PdfPages) -> Sniffed:
    """Identify and fully read a file; MaterialTooLarge or MaterialRejected (whose `fields.file` says why in Chinese)."""
    if len(data) > MAX_BYTES:
        raise MaterialTooLarge()
    if not data:
        raise MaterialRejected("文件是空的，请重新选择。")
    if data.startswith(b"%PDF-"):
        found = Sniffed("application/pdf", await _pdf(data, pdf_pages))
    elif data.startswith(b"\xff\xd8\xff"):
        found = await asyncio.to_thread(_image, data, "JPEG", "image/jpeg")
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = await asyncio.to_thread(_image, data, "PNG", "image/png")
    else:
        raise MaterialRejected("只支持 PDF、JPG 和 PNG 文件，请换一个文件。")
    if declared_type.split(";")[0].strip().lower() not in _DECLARED[found.media_type]:
        raise MaterialRejected("文件内容和它的类型不一致，请换一个文件。")
    return found


async def _pdf(data: bytes, pdf_pages: PdfPages) -> int:
    try:
        pages = await pdf_pages(data)
    except ValueError:
        raise MaterialRejected("这个 PDF 打不开或有密码，请重新导出后再上传。") from None
    if not 1 <= pages <= MAX_PDF_PAGES:
        raise MaterialRejected(f"PDF 不能超过 {MAX_PDF_PAGES} 页。")
    return pages


def _image(data: bytes, kind: str, media_type: str) -> Sniffed:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise MaterialRejected("照片尺寸太大，请压缩后再上传。")
                if getattr(picture, "n_frames", 1) != 1:
                    raise MaterialRejected("不支持动态图片，请换一张照片。")
                picture.load()
    except MaterialRejected:
        raise
    except Exception:
        # Pillow raises many kinds for damaged or hostile files; all mean the same to the sender.
        raise MaterialRejected("这张图片已损坏或不完整，请重新拍一张。") from None
    return Sniffed(media_type, 1)
