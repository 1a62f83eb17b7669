"""What a signature field shows: a person's handwriting from recorded strokes or from a picture, or a seal, with caption lines."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from PIL import Image, UnidentifiedImageError

from esign.documents.render import TEMPLATE_FOLDER, render_picture

APPEARANCE = TEMPLATE_FOLDER / "appearance.typ"
INK = "#10223f"
MAX_STROKES = 500
MAX_POINTS = 20_000
MAX_PIXELS = 4_000_000
MIN_POINTS, MIN_EXTENT, MIN_INK = 8, 20.0, 40.0
"""The least that is taken for a name: distinct points, width plus height, and length of all lines, in the units of the strokes."""


class BadHandwriting(ValueError):
    """The strokes or the picture cannot be drawn: empty, too large, not numbers, not a PNG."""


class StrokePoint(msgspec.Struct, frozen=True, array_like=True):
    """`x`, `y` in any unit with y downwards, `t` in milliseconds since the first touch, `pressure` 0–1."""

    x: float
    y: float
    t: float = 0.0
    pressure: float = 0.5


Strokes = Sequence[Sequence[StrokePoint]]


class SignatureAppearance(msgspec.Struct, frozen=True):
    """One drawing, and the captions under it. Exactly one of `strokes`, `picture_png` and `drawing_svg` (a seal) is set."""

    strokes: tuple[tuple[StrokePoint, ...], ...] = ()
    picture_png: bytes = b""
    drawing_svg: str = ""
    captions: tuple[str, ...] = ()


def require_handwriting(strokes: Strokes) -> None:
    """Raises BadHandwriting for what cannot be drawn, and for a dot, a tap or a tick that nobody would take for a written name."""
    strokes_svg(strokes)
    points = {(point.x, point.y) for stroke in strokes for point in stroke}
    extent = sum(max(values) - min(values) for values in zip(*points, strict=True))
    ink = sum(math.hypot(end.x - start.x, end.y - start.y) for stroke in strokes for start, end in itertools.pairwise(stroke))
    if len(points) < MIN_POINTS or extent < MIN_EXTENT or ink < MIN_INK:
        raise BadHandwriting("too little for a signature")


def strokes_svg(strokes: Strokes) -> str:
    """Strokes as an SVG drawing, cropped to the ink, the line as wide as the pressure. Raises BadHandwriting."""
    if len(strokes) > MAX_STROKES or not all(strokes):
        raise BadHandwriting("a signature has at most 500 strokes, none of them empty")
    points = [point for stroke in strokes for point in stroke]
    if not points or len(points) > MAX_POINTS:
        raise BadHandwriting("a signature has between 1 and 20000 points")
    if not all(math.isfinite(value) and abs(value) < 1e6 for point in points for value in (point.x, point.y, point.pressure)):
        raise BadHandwriting("a point is not a usable number")
    left, top = min(point.x for point in points), min(point.y for point in points)
    width, height = max(point.x for point in points) - left, max(point.y for point in points) - top
    nib = max(width, height, 1.0) / 55
    parts: list[str] = []
    for stroke in strokes:
        if len(stroke) == 1:
            parts.append(f'<circle cx="{stroke[0].x - left:.2f}" cy="{stroke[0].y - top:.2f}" r="{nib * 0.6:.2f}" fill="{INK}"/>')
        for start, end in zip(stroke, stroke[1:], strict=False):
            line = nib * (0.45 + 1.1 * min(1.0, max(0.0, (start.pressure + end.pressure) / 2)))
            parts.append(
                f'<path d="M{start.x - left:.2f} {start.y - top:.2f}L{end.x - left:.2f} {end.y - top:.2f}" stroke-width="{line:.2f}"/>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-nib:.2f} {-nib:.2f} {width + 2 * nib:.2f} {height + 2 * nib:.2f}">'
        f'<g fill="none" stroke="{INK}" stroke-linecap="round" stroke-linejoin="round">{"".join(parts)}</g></svg>'
    )


def _clean_png(picture: bytes) -> bytes:
    """The picture re-encoded, so that only pixels (no chunk a stranger wrote) reach the document."""
    try:
        with Image.open(io.BytesIO(picture), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadHandwriting("the picture is too large")
            out = io.BytesIO()
            image.convert("RGBA").save(out, "PNG")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadHandwriting("the picture is not a readable PNG") from error
    return out.getvalue()


def appearance_pdf(appearance: SignatureAppearance, *, width: float, height: float, created_at: datetime) -> bytes:
    """A one-page PDF of exactly `width` × `height` points to import into a signature field. Raises BadHandwriting."""
    given = [bool(appearance.strokes), bool(appearance.picture_png), bool(appearance.drawing_svg)]
    if sum(given) != 1:
        raise BadHandwriting("an appearance is strokes, a picture or a drawing: exactly one")
    data: dict[str, Any] = {"width": width, "height": height, "captions": list(appearance.captions)}
    if appearance.picture_png:
        data["drawing_png"] = list(_clean_png(appearance.picture_png))
    else:
        data["drawing_svg"] = appearance.drawing_svg or strokes_svg(appearance.strokes)
    return render_picture(APPEARANCE, data, kind="pdf", created_at=created_at)
