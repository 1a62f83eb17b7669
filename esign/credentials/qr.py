"""QR codes: made with a fixed mask and mixed modes, read from a photo or a scan with bounded work."""

from __future__ import annotations

import io
import warnings
from typing import Any

import segno
import zxingcpp
from PIL import Image

from esign.credentials import packing
from esign.errors import CredentialTooLarge, QrUnreadable

MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
_MASK = 4
"""Trying all eight masks (ISO/IEC 18004 section 7.8) takes most of the time and changes nothing that a camera would notice."""
_LARGEST_VERSION = 25
_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def make(credential: bytes, host: str) -> segno.QRCode:
    """The code for a credential at level M: the address as bytes, then the digits as numbers. Raises CredentialTooLarge."""
    try:
        head, digits = packing.address(credential, host).split("#")
        segments: Any = [head + "#", digits]  # segno takes segments, its type hints don't
        code = segno.make(segments, error="m", mask=_MASK, micro=False, boost_error=False)
    except ValueError as error:
        raise CredentialTooLarge from error
    if int(code.version) > _LARGEST_VERSION:
        raise CredentialTooLarge
    return code


def png(credential: bytes, host: str, *, scale: int = 6) -> bytes:
    out = io.BytesIO()
    make(credential, host).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def svg(credential: bytes, host: str) -> str:
    """Without an XML declaration, to stand inside a page or a typst document."""
    out = io.BytesIO()
    make(credential, host).save(out, kind="svg", border=4, xmldecl=False, svgclass=None, lineclass=None, omitsize=True)
    return out.getvalue().decode()


def read_qr(image: bytes) -> str:
    """The text of the one QR code in a PNG or JPEG of at most 25 megapixels. Among several codes the one credential is taken.

    Raises QrUnreadable for anything else: no code, several credentials, another format, a bomb, a file cut short.
    """
    if len(image) > MAX_IMAGE_BYTES:
        raise QrUnreadable
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise QrUnreadable
                grey = picture.convert("L")
        found = {code.text for code in zxingcpp.read_barcodes(grey, formats=_FORMATS) if code.valid and code.text}
    except QrUnreadable:
        raise
    except Exception as error:  # Pillow raises many kinds on hostile images, Exception itself among them
        raise QrUnreadable from error
    ours = {text for text in found if packing.is_address(text)}
    candidates = ours or found
    if len(candidates) != 1:
        raise QrUnreadable
    return candidates.pop()
