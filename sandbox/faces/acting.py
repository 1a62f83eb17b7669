"""The packaged people move: blinks, open mouths, nods and turns of the head, drawn frame by frame at 640×480.

A head turns in three dimensions: each of the 68 points has a depth, the points are rotated about the neck, and the picture follows them
through a thin-plate spline, so that the nose moves against the plane of eyes and mouth as a real one does. What a flat picture does when it
is tilted is `tilted`: a perspective map of the whole frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from sandbox.faces import shape
from sandbox.faces.frames import FRAME_SIZE, picture_of
from sandbox.faces.warp import Floats, Picture, Spline, sample

GRID = 8
_PIVOT_BEHIND = 1.15
"""The axis of the neck, in eye distances behind the tip of the nose."""
_LOWER_LIP = (55, 56, 57, 58, 59, 65, 66, 67)
_CHIN = (5, 6, 7, 8, 9, 10, 11)


@dataclass(frozen=True)
class Moment:
    """How the face is at one instant. Degrees: `yaw` to the right of the picture, `pitch` down, `roll` clockwise; `mouth` and `blink` 0–1;
    `zoom` a factor, `right` and `down` in pixels, `light` a factor."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    mouth: float = 0.0
    blink: float = 0.0
    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0
    light: float = 1.0


@dataclass(frozen=True)
class Act:
    """One movement in a film: what, when it begins and how long it takes (seconds)."""

    action: str
    start: float
    seconds: float = 0.0
    size: float = 1.0


_SECONDS = {"blink": 0.3, "mouth": 0.9, "nod": 1.1, "turn_left": 1.3, "turn_right": 1.3}
_SIZES = {"blink": 0.65, "mouth": 0.65, "nod": 15.0, "turn_left": 14.0, "turn_right": -14.0}


def moments(acts: Sequence[Act], seconds: float, fps: float = 15.0, seed: int = 1) -> list[Moment]:
    """A film's course: the acts one over the other, with the small unrest of a living head. `turn_left` is to the person's own left."""
    return [moment(acts, number / fps, seed) for number in range(round(seconds * fps))]


def moment(acts: Sequence[Act], t: float, seed: int = 1) -> Moment:
    """How the face is after `t` seconds of such a film."""
    phases = _phases(seed)
    at = Moment(
        yaw=0.9 * np.sin(1.7 * t + phases[0]),
        pitch=0.7 * np.sin(1.3 * t + phases[1]),
        roll=0.8 * np.sin(0.9 * t + phases[2]),
        zoom=1 + 0.012 * np.sin(0.8 * t + phases[3]),
        right=3.0 * np.sin(0.7 * t + phases[4]),
        down=2.5 * np.sin(1.1 * t + phases[5]),
        light=1 + 0.01 * np.sin(2.1 * t),
    )
    for act in acts:
        at = _with(at, act, t)
    return at


@lru_cache(maxsize=256)
def _phases(seed: int) -> tuple[float, ...]:
    return tuple(np.random.default_rng(seed).uniform(0, 2 * np.pi, 6))


def doing(act: Act, t: float) -> Moment:
    """How the face is `t` seconds into a film in which only this happens, the head otherwise still."""
    # Not quite straight: only a head that is turned at all is drawn as a camera nearby sees it.
    return _with(Moment(yaw=0.01), act, t)


def _with(at: Moment, act: Act, t: float) -> Moment:
    share = (t - act.start) / (act.seconds or _SECONDS[act.action])
    if not 0 < share < 1:
        return at
    # A slow start, a rest at the far end, a slow return.
    course = float(np.clip(1.35 * np.sin(np.pi * share), 0, 1))
    size = course * act.size * _SIZES[act.action]
    if act.action == "blink":
        return replace(at, blink=min(1.0, at.blink + size))
    if act.action == "mouth":
        return replace(at, mouth=min(1.0, at.mouth + size))
    if act.action == "nod":
        return replace(at, pitch=at.pitch + size)
    return replace(at, yaw=at.yaw + size)


def _depths(points: Floats) -> Floats:
    """How far each point lies before the plane of the eyes, in pixels, for an average head."""
    unit = float(np.linalg.norm(points[42:48].mean(0) - points[36:42].mean(0)))
    depth = np.zeros(68)
    middle = points[27:31, 0].mean()
    across = np.abs(points[:17, 0] - middle)
    depth[:17] = 0.05 - 1.05 * (across / across.max()) ** 2
    depth[17:27] = 0.12
    depth[27:31] = (0.14, 0.24, 0.36, 0.50)
    depth[31:36] = (0.20, 0.26, 0.30, 0.26, 0.20)
    depth[36:48] = 0.0
    depth[[36, 45]] = -0.10
    depth[48:68] = 0.22
    depth[[48, 54, 60, 64]] = 0.10
    return depth * unit


def _moved(points: Floats, at: Moment) -> Floats:
    moved = points.copy()
    unit = float(np.linalg.norm(points[42:48].mean(0) - points[36:42].mean(0)))
    moved[list(_LOWER_LIP), 1] += at.mouth * 0.75 * float(np.linalg.norm(points[60] - points[64]))
    moved[list(_CHIN), 1] += at.mouth * 0.44 * unit * np.array([0.5, 0.8, 1, 1, 1, 0.8, 0.5])
    corners = [48, 54, 60, 64]
    moved[corners, 0] += (points[57, 0] - points[corners, 0]) * 0.12 * at.mouth
    moved[corners, 1] += at.mouth * 0.10 * unit
    yaw, pitch = np.deg2rad(at.yaw), np.deg2rad(at.pitch)
    if not yaw and not pitch:
        return moved
    pivot = np.array([points[27:31, 0].mean(), points[30, 1] + 0.9 * unit])
    x, y = (moved - pivot).T
    z = _depths(points) + (_PIVOT_BEHIND - 0.5) * unit
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    y, z = y * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)
    # A camera at arm's length sees what is nearer a little larger.
    nearness = 1 + (z - (_PIVOT_BEHIND - 0.5) * unit) / (9 * unit)
    return np.asarray(np.stack([x * nearness, y * nearness], axis=1) + pivot)


def draw(person: str, at: Moment, seed: int, size: tuple[int, int] = FRAME_SIZE) -> Picture:
    """One frame of person "a" or "b"; the same arguments give the same pixels."""
    picture, points = picture_of(person)
    still = shape.anchors()
    moved = _moved(points, at)
    if at.blink:
        picture = _blinked(picture, points, at.blink)
    spline = Spline(np.vstack([points, still]), np.vstack([moved, still]), float(max(picture.shape[:2])))
    angle = np.deg2rad(at.roll)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / at.zoom
    face = points.mean(0) + np.array([0.0, 10.0])
    middle = np.array([size[0] / 2 + at.right, size[1] / 2 + at.down])
    gy, gx = np.mgrid[0 : size[1] + GRID : GRID, 0 : size[0] + GRID : GRID].astype(np.float64)
    places = np.stack([gx.ravel(), gy.ravel()], axis=1)
    origin = spline.at((places - middle) @ turn.T + face).reshape(*gx.shape, 2)
    shown = _mesh(picture, origin, size)
    if at.mouth > 0.1:
        _darken(shown, ((moved - face) @ np.linalg.inv(turn).T + middle)[60:68], at.mouth)
    seen = np.asarray(shown, dtype=np.float32)
    noise = np.random.default_rng(seed).normal(0, 1.6, (size[1], size[0], 1)).astype(np.float32)
    return np.asarray(np.clip(seen * np.float32(at.light) + noise, 0, 255), dtype=np.uint8)


def _blinked(picture: Picture, points: Floats, blink: float) -> Picture:
    """The picture with the lids `blink` of the way down: skin over the eye, and the lashes at its edge."""
    lidded = picture.copy()
    for upper, lower in (((36, 37, 38, 39), (36, 41, 40, 39)), ((42, 43, 44, 45), (42, 47, 46, 45))):
        columns = np.arange(round(points[upper[0], 0]) - 2, round(points[upper[3], 0]) + 3)
        tops = np.interp(columns, points[list(upper), 0], points[list(upper), 1]) - 3
        bottoms = np.interp(columns, points[list(lower), 0], points[list(lower), 1]) + 1
        for x, top, bottom in zip(columns, tops, bottoms, strict=True):
            edge = round(top + (bottom - top) * blink)
            first, beside = round(top), slice(x - 3, x + 4)
            above = picture[first - 7 : first - 3, beside].mean((0, 1))
            below = picture[round(bottom) + 6 : round(bottom) + 10, beside].mean((0, 1))
            share = np.linspace(0, 0.6, max(1, edge - first))[:, None]
            lidded[first : first + len(share), x] = above * (1 - share) + below * share
            lidded[edge : edge + 2, x] = above * 0.35
    return lidded


def _darken(shown: Image.Image, lips: Floats, openness: float) -> None:
    """What is behind the teeth of an open mouth. `lips`: points 60–67."""
    upper = lips[[0, 1, 2, 3, 4]] + np.array([0.0, 0.25]) * (lips[[0, 7, 6, 5, 4], 1] - lips[[0, 1, 2, 3, 4], 1])[:, None]
    mask = Image.new("L", shown.size)
    outline = [(float(x), float(y)) for x, y in np.vstack([upper, lips[[5, 6, 7]]])]
    ImageDraw.Draw(mask).polygon(outline, fill=round(255 * min(1.0, 0.4 + openness)))
    shown.paste((58, 22, 26), mask=mask)


def _mesh(picture: Picture, origin: Floats, size: tuple[int, int]) -> Image.Image:
    """The picture through a mesh: each square of GRID pixels shows the quadrilateral of the picture at its corners' `origin`."""
    height, width = picture.shape[:2]
    inside = np.clip(origin, 0, (width - 1.001, height - 1.001))
    corners = np.concatenate([inside[:-1, :-1], inside[1:, :-1], inside[1:, 1:], inside[:-1, 1:]], axis=-1).reshape(-1, 8)
    boxes = [(x, y, x + GRID, y + GRID) for y in range(0, size[1], GRID) for x in range(0, size[0], GRID)]
    mesh = list(zip(boxes, corners.tolist(), strict=True))
    return Image.fromarray(picture).transform(size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def film(person: str, acts: Sequence[Act], seconds: float, fps: float = 15.0, seed: int = 1) -> Iterator[Picture]:
    """Frames of 640×480 of a person who does `acts`. Another `seed` is another take: no frame in common."""
    for number, at in enumerate(moments(acts, seconds, fps, seed)):
        yield draw(person, at, seed * 100_003 + number)


def jpegs(frames: Iterable[Picture], quality: int = 80) -> list[bytes]:
    return [_jpeg(frame, quality) for frame in frames]


def _jpeg(frame: Picture, quality: int) -> bytes:
    stored = BytesIO()
    Image.fromarray(frame).save(stored, "JPEG", quality=quality)
    return stored.getvalue()


def tilted(frame: Picture, *, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, zoom: float = 1.0, distance: float = 2.2) -> Picture:
    """The frame as a flat print, turned before the camera by these degrees: a plane perspective map. `distance` in frame widths."""
    height, width = frame.shape[:2]
    a, b, c = np.deg2rad([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    rotation = about_z @ about_y @ about_x
    focal = distance * width
    lens = np.array([[focal * zoom, 0, width / 2], [0, focal * zoom, height / 2], [0, 0, 1]])
    onto = np.column_stack([rotation[:, 0], rotation[:, 1], rotation[:, 2] * 0 + np.array([0, 0, distance * width])])
    back = np.linalg.inv(lens @ onto)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float64)
    w = back[2, 0] * xs + back[2, 1] * ys + back[2, 2]
    px = (back[0, 0] * xs + back[0, 1] * ys + back[0, 2]) / w + width / 2
    py = (back[1, 0] * xs + back[1, 1] * ys + back[1, 2]) / w + height / 2
    return sample(frame, px, py)
