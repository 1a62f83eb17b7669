"""Turn untrusted bytes into a small RGB array: two formats, bounded pixels, upright, nothing written anywhere."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from identity.liveness.errors import FrameInvalid, FrameTooLarge, FrameTooManyPixels, FrameTooSmall, FrameTypeUnsupported
from identity.liveness.ports import Gray, Rgb

MAX_BYTES = 2 * 1024 * 1024
MAX_SIDE = 4096
MIN_SIDE = 80
WORKING_SIDE = 640
"""Pictures are analysed with this many pixels on the longer side."""
_SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}


def decode(data: bytes, *, enlarge: bool = False) -> Rgb:
    """The picture upright, at most WORKING_SIDE on its longer side; with `enlarge` exactly that (small document portraits).

    FrameInvalid, FrameTooLarge, FrameTypeUnsupported, FrameTooManyPixels, FrameTooSmall. The size is refused before any pixel is decoded.
    """
    return np.asarray(_opened(data, "RGB", enlarge))


def decode_gray(data: bytes) -> Gray:
    """`decode`, gray values only: of a JPEG the colours are not even unpacked."""
    return np.asarray(_opened(data, "L", False))


def _opened(data: bytes, mode: str, enlarge: bool) -> Image.Image:
    if not data:
        raise FrameInvalid()
    if len(data) > MAX_BYTES:
        raise FrameTooLarge()
    kind = next((kind for signature, kind in _SIGNATURES.items() if data.startswith(signature)), None)
    if kind is None:
        raise FrameTypeUnsupported()
    try:
        with Image.open(BytesIO(data), formats=(kind,)) as picture:
            if max(picture.size) > MAX_SIDE:
                raise FrameTooManyPixels()
            if min(picture.size) < MIN_SIDE:
                raise FrameTooSmall()
            picture.draft(mode, (WORKING_SIDE, WORKING_SIDE))
            picture.load()
            return _working_size(_upright(picture), enlarge).convert(mode)
    except (FrameTooManyPixels, FrameTooSmall):
        raise
    except Image.DecompressionBombError:
        raise FrameTooManyPixels() from None
    except MemoryError:
        raise
    except Exception:
        # A parser of hostile bytes may raise anything; its text could quote them.
        raise FrameInvalid() from None


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:
        # A broken EXIF block does not spoil the pixels.
        return picture


def _working_size(picture: Image.Image, enlarge: bool) -> Image.Image:
    factor = WORKING_SIDE / max(picture.size)
    if factor > 1 and not enlarge:
        return picture
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    shown = picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
    return shown.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def gray(picture: Rgb) -> Gray:
    """Luma (ITU-R BT.601)."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def scaled(picture: Gray, width: int, height: int) -> Gray:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))


def cut_planes(i420: bytes, size: tuple[int, int], box: tuple[int, int, int, int]) -> tuple[Gray, Gray, Gray]:
    """The part of planar 4:2:0 values of `size` (width, height; even) within `box` (left, top even): luma, then chroma at half size."""
    width, height = size
    values = np.frombuffer(i420, np.uint8)
    left, top, right, bottom = box
    luma = values[: width * height].reshape(height, width)[top:bottom, left:right]
    chroma = values[width * height :].reshape(2, height // 2, width // 2)[:, top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2]
    return luma.copy(), chroma[0].copy(), chroma[1].copy()


def planes_to_rgb(luma: Gray, blue: Gray, red: Gray) -> Rgb:
    """Colours from what `cut_planes` gave."""
    height, width = luma.shape
    fuller = [Image.fromarray(plane).resize((plane.shape[1] * 2, plane.shape[0] * 2)).crop((0, 0, width, height)) for plane in (blue, red)]
    return np.asarray(Image.merge("YCbCr", [Image.fromarray(luma), *fuller]).convert("RGB"))
