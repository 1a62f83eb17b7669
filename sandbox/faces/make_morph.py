"""Make the second demo person out of the first: `python -m sandbox.faces.make_morph` writes `morph.jpg`.

The invented person has other proportions (see `shape.invented`), dark hair, a darker skin, heavier brows, a shadow of a beard and a blue
suit, and is a mirror image. Nobody real looks like this; the recognition network puts the two well apart.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from sandbox.faces import shape
from sandbox.faces.warp import Floats, Picture, thin_plate

STORED_SIZE = (690, 495)
WIDTH, HEIGHT = shape.WORKING_SIZE
_DARK_HAIR = np.array([0.42, 0.38, 0.345])
_DARK_SKIN = np.array([1.27, 1.35, 1.42])
_BEARD = 0.22 * np.array([0.9, 0.85, 0.8])
_BROW_COLOUR, _BROW_HALF_HEIGHT, _BROW_STRENGTH = np.array([52.0, 40.0, 34.0]), 5.0, 0.75


def _soft_polygons(polygons: list[Floats], blur: float) -> Floats:
    """A mask from 0 to 1 (h×w) that is 1 inside the polygons, with a soft edge of `blur` pixels."""
    mask = Image.new("L", shape.WORKING_SIZE, 0)
    pen = ImageDraw.Draw(mask)
    for polygon in polygons:
        pen.polygon([(float(x), float(y)) for x, y in polygon], fill=255)
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float64) / 255


def _blurred(mask: Floats, blur: float) -> Floats:
    picture = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(picture, dtype=np.float64) / 255


def _blend(picture: Floats, other: Floats, mask: Floats) -> Floats:
    return picture * (1 - mask[..., None]) + other * mask[..., None]


def _recolour_suit(picture: Floats) -> Floats:
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    below_the_head = np.clip((np.arange(HEIGHT)[:, None] - 300) / 20, 0, 1)
    orange = np.clip((red - blue - 70) / 50, 0, 1) * np.clip((red - 1.25 * green - 10) / 40, 0, 1) * below_the_head
    return _blend(picture, picture.mean(-1, keepdims=True) * np.array([0.45, 0.6, 0.85]), orange)


def _face_mask(points: Floats) -> Floats:
    forehead = [[points[16, 0], points[24, 1] - 10], *(points[[24, 22, 21, 19]] - [0, 22]), [points[0, 0], points[19, 1] - 10]]
    return _soft_polygons([np.vstack([points[shape.JAW], np.array(forehead)])], 6)


def _hair_mask(picture: Floats, points: Floats, face: Floats) -> Floats:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    centre = points[27:31, 0].mean()
    head = np.clip((1.06 - np.hypot((columns - centre) / 160, (rows - 150) / 130)) * 12, 0, 1)
    warm = picture[..., 0] - picture[..., 2]
    brown_or_dark = np.maximum(np.clip((warm - 28) / 20, 0, 1), np.clip((130 - picture.mean(-1)) / 60, 0, 1))
    neck_and_ears = np.clip((picture[..., 0] - 150) / 30, 0, 1) * np.clip((rows - 170) / 20, 0, 1)
    return _blurred(head * (1 - face) * brown_or_dark * np.clip((330 - rows) / 30, 0, 1) * (1 - neck_and_ears), 1.5)


def _skin_mask(picture: Floats, points: Floats, face: Floats, hair: Floats) -> Floats:
    centre, eyes, chin = points[27:31, 0].mean(), points[36:48, 1].mean(), points[8, 1]
    corners = [[centre - 110, eyes - 20], [centre + 110, eyes - 20], [centre + 85, chin + 30], [centre - 85, chin + 30]]
    neck = _soft_polygons([np.array(corners)], 5)
    return np.asarray(np.maximum(face, neck) * np.clip((picture[..., 0] - 90) / 40, 0, 1) * (1 - hair))


def _paint(picture: Picture, points: Floats) -> Picture:
    painted = _recolour_suit(picture.astype(np.float64))
    face = _face_mask(points)
    hair = _hair_mask(painted, points, face)
    painted = _blend(painted, painted.mean(-1, keepdims=True) * _DARK_HAIR, hair)
    painted = _blend(painted, 255 * (painted / 255) ** _DARK_SKIN, _skin_mask(painted, points, face, hair))
    cheeks = np.vstack([points[3:14], points[[54, 53, 52, 51, 50, 49, 48]] - [0, 8]])
    shadow = _soft_polygons([cheeks], 14) * (1 - _soft_polygons([points[48:60]], 4))
    painted = painted * (1 - shadow[..., None] * _BEARD)
    half = np.array([0.0, _BROW_HALF_HEIGHT])
    brows = _soft_polygons([np.vstack([points[brow] - half, (points[brow] + half)[::-1]]) for brow in shape.BROWS], 2.5)
    painted = _blend(painted, np.broadcast_to(_BROW_COLOUR, painted.shape), brows * _BROW_STRENGTH)
    return np.asarray(np.clip(painted, 0, 255), dtype=np.uint8)


def morph() -> Image.Image:
    """The second person at STORED_SIZE."""
    with Image.open(shape.HERE / "collins.jpg") as photograph:
        picture = np.asarray(photograph.convert("RGB").resize(shape.WORKING_SIZE, Image.Resampling.LANCZOS))
    points, still = shape.photographed(), shape.anchors()
    target = shape.invented(points)
    warped = thin_plate(picture, np.vstack([points, still]), np.vstack([target, still]))
    return Image.fromarray(_paint(warped, target)[:, ::-1].copy()).resize(STORED_SIZE, Image.Resampling.LANCZOS)


def main() -> None:
    stored = BytesIO()
    morph().save(stored, "JPEG", quality=88, optimize=True)
    (shape.HERE / "morph.jpg").write_bytes(stored.getvalue())


if __name__ == "__main__":
    main()
