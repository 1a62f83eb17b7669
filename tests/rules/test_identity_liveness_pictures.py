"""Untrusted bytes become a small upright picture, or a refusal with a code."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from core.errors import DomainError
from identity.liveness.pictures import MAX_BYTES, decode
from sandbox import faces


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def a_zip() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("face.jpg", faces.no_face())
    return stream.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 4096)) + chunk(b"IEND", b"")


def eight_k() -> bytes:
    return encoded(Image.new("RGB", (7680, 4320)), "JPEG")


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "no bytes": (lambda: b"", "liveness.frame_invalid"),
    "a zip named jpg": (a_zip, "liveness.frame_type_unsupported"),
    "a GIF": (lambda: encoded(Image.new("P", (200, 200)), "GIF"), "liveness.frame_type_unsupported"),
    "a TIFF": (lambda: encoded(Image.new("RGB", (200, 200)), "TIFF"), "liveness.frame_type_unsupported"),
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "liveness.frame_type_unsupported"),
    "a truncated JPEG": (lambda: faces.frames("a")[0][:20_000], "liveness.frame_invalid"),
    "only a JPEG signature": (lambda: b"\xff\xd8\xff\xe0", "liveness.frame_invalid"),
    "a truncated PNG": (lambda: encoded(Image.effect_noise((300, 300), 60), "PNG")[:9000], "liveness.frame_invalid"),
    "8K": (eight_k, "liveness.frame_too_many_pixels"),
    "a bomb": (lambda: png_claiming(60_000, 60_000), "liveness.frame_too_many_pixels"),
    "a long strip": (lambda: encoded(Image.new("L", (4000, 20)), "PNG"), "liveness.frame_too_small"),
    "a thumbnail": (lambda: encoded(Image.new("RGB", (64, 48)), "JPEG"), "liveness.frame_too_small"),
    "over 2 MB": (lambda: b"\xff\xd8\xff" + bytes(MAX_BYTES), "liveness.frame_too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_bytes_are_refused_by_code(name: str) -> None:
    make, code = BAD[name]
    with pytest.raises(DomainError) as refusal:
        decode(make())
    assert refusal.value.code == code
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16")])
def test_every_colour_mode_becomes_rgb(kind: str, mode: str) -> None:
    assert decode(encoded(Image.new(mode, (320, 240)), kind)).shape == (240, 320, 3)


def test_a_large_picture_is_scaled_to_the_working_size() -> None:
    assert decode(encoded(Image.new("RGB", (3000, 4000)), "JPEG")).shape == (640, 480, 3)
    assert decode(encoded(Image.new("RGB", (4096, 4096)), "PNG")).shape == (640, 640, 3)


def test_a_small_picture_grows_only_when_asked() -> None:
    small = encoded(Image.new("RGB", (102, 126)), "JPEG")
    assert decode(small).shape == (126, 102, 3)
    assert decode(small, enlarge=True).shape == (640, 518, 3)


def test_the_camera_rotation_is_undone() -> None:
    upright = Image.fromarray(decode(faces.frames("a")[0]))
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = encoded(upright.rotate(90, expand=True), "JPEG", exif=exif, quality=95)
    restored = decode(sideways)
    assert restored.shape == (480, 640, 3)
    assert np.abs(restored.astype(int) - np.asarray(upright)).mean() < 4


def test_a_broken_exif_block_does_not_spoil_the_picture() -> None:
    picture = encoded(Image.new("RGB", (320, 240)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert decode(picture).shape == (240, 320, 3)
