"""Camera frames of two demo people, made by code from the packaged pictures.

Person "a" is the photograph (see SOURCE.md), person "b" the invented one of `make_morph`. Every frame is another pose: a small turn of the
head in the picture plane, another distance, another place, other light, sensor noise, a half-closed eye, a widening smile. The variations
come from a fixed table and a seeded generator, so that the same call always gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

from sandbox.faces import shape
from sandbox.faces.warp import Floats, Picture, affine, sample, thin_plate

FRAME_SIZE = (640, 480)
PORTRAIT_SIZE = (480, 600)
JPEG_QUALITY = 88
_FILES = {"a": "collins.jpg", "b": "morph.jpg"}


@dataclass(frozen=True)
class Pose:
    """How one frame differs: degrees, factor, pixels, pixels, factor, 0–1 (lids closed), −1–1 (mouth narrower to wider)."""

    tilt: float = 0.0
    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    light: float = 1.0
    blink: float = 0.0
    smile: float = 0.0


_POSES = (
    Pose(),
    Pose(tilt=1.8, scale=1.02, right=6, down=-3, light=1.03, smile=0.4),
    Pose(tilt=-2.2, scale=0.98, right=-8, down=4, light=0.97, blink=0.45),
    Pose(tilt=3.1, scale=1.04, right=11, down=2, light=1.05, smile=-0.5),
    Pose(tilt=-1.2, scale=0.96, right=-4, down=-6, light=0.95, smile=0.7),
    Pose(tilt=0.7, scale=1.01, right=9, down=6, light=1.01, blink=0.25, smile=-0.2),
)


@lru_cache(maxsize=2)
def picture_of(person: str) -> tuple[Picture, Floats]:
    """Pixels and points of person "a" or "b"; KeyError for anybody else."""
    points = shape.photographed()
    with Image.open(shape.HERE / _FILES[person]) as stored:
        pixels = np.asarray(stored.convert("RGB").resize(shape.WORKING_SIZE, Image.Resampling.LANCZOS))
    return pixels, points if person == "a" else shape.flipped(shape.invented(points))


def _expression(picture: Picture, points: Floats, pose: Pose) -> Picture:
    if not pose.blink and not pose.smile:
        return picture
    moved = points.copy()
    for lid, below in shape.UPPER_LIDS.items():
        moved[lid] += (points[below] - points[lid]) * pose.blink
    middle = points[shape.MOUTH].mean(0)
    moved[shape.MOUTH] = middle + (points[shape.MOUTH] - middle) * np.array([1 + 0.06 * pose.smile, 1 + 0.05 * pose.smile])
    still = shape.anchors()
    return thin_plate(picture, np.vstack([points, still]), np.vstack([moved, still]))


def _shot(person: str, pose: Pose, size: tuple[int, int], seed: int) -> Picture:
    """What a camera of `size` (width, height) sees when the face is held before it."""
    picture, points = picture_of(person)
    expressive = _expression(picture, points, pose)
    angle, zoom = np.deg2rad(pose.tilt), pose.scale
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / zoom
    face = points.mean(0) + np.array([0.0, 10.0])
    middle = np.array([size[0] / 2 + pose.right, size[1] / 2 + pose.down])
    inverse = np.hstack([turn, (face - turn @ middle)[:, None]])
    noise = np.random.default_rng(seed).normal(0, 1.6, (size[1], size[0], 3))
    lit = affine(expressive, size, inverse) * pose.light + noise
    return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)


def _jpeg(picture: Picture) -> bytes:
    stored = BytesIO()
    Image.fromarray(picture).save(stored, "JPEG", quality=JPEG_QUALITY)
    return stored.getvalue()


@lru_cache(maxsize=2)
def portrait(person: str) -> bytes:
    """The document portrait of a person, as an authority keeps it: 480×600 JPEG."""
    return _jpeg(_shot(person, Pose(scale=1.1), PORTRAIT_SIZE, seed=99))


@lru_cache(maxsize=8)
def _frames(person: str, n: int) -> tuple[bytes, ...]:
    return tuple(_jpeg(_shot(person, _POSES[i % len(_POSES)], FRAME_SIZE, seed=i)) for i in range(n))


def frames(person: str, n: int = 6) -> list[bytes]:
    """`n` different 640×480 JPEG frames of a person before a camera."""
    return list(_frames(person, n))


def no_face() -> bytes:
    """A 640×480 JPEG frame of the room without anybody in it."""
    picture, _ = picture_of("a")
    wall = picture[0:120, 620:760]
    ys, xs = np.mgrid[0 : FRAME_SIZE[1], 0 : FRAME_SIZE[0]].astype(np.float64)
    empty = sample(wall, xs * wall.shape[1] / FRAME_SIZE[0], ys * wall.shape[0] / FRAME_SIZE[1])
    noise = np.random.default_rng(7).normal(0, 1.6, empty.shape)
    return _jpeg(np.asarray(np.clip(empty + noise, 0, 255), dtype=np.uint8))


def two_faces() -> bytes:
    """A 640×480 JPEG frame with both people side by side."""
    half = (FRAME_SIZE[0] // 2, FRAME_SIZE[1])
    both = np.hstack([_shot("a", Pose(scale=0.85), half, seed=11), _shot("b", Pose(scale=0.85), half, seed=12)])
    return _jpeg(both)


def dark(person: str) -> bytes:
    """A frame taken in a room with hardly any light."""
    return _jpeg(_shot(person, Pose(light=0.22), FRAME_SIZE, seed=13))


def blurred(person: str) -> bytes:
    """A frame out of focus."""
    sharp = Image.fromarray(_shot(person, Pose(), FRAME_SIZE, seed=14))
    return _jpeg(np.asarray(sharp.filter(ImageFilter.GaussianBlur(7))))


def far_away(person: str) -> bytes:
    """A frame in which the face is too small to be compared."""
    near = Image.fromarray(_shot(person, Pose(), FRAME_SIZE, seed=15))
    room = Image.new("RGB", FRAME_SIZE, (176, 170, 166))
    room.paste(near.resize((FRAME_SIZE[0] // 2, FRAME_SIZE[1] // 2), Image.Resampling.LANCZOS), (160, 160))
    return _jpeg(np.asarray(room))
