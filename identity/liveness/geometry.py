"""One face, from its 68 points: how open eyes and mouth are, where the head points, and the planar invariant.

The planar invariant are the affine coordinates of the nose tip in the plane of the eyes and the mouth. A flat picture keeps them whatever
its tilt, turn, zoom or shear (an affine map keeps affine coordinates); the nose of a head that turns or nods moves against that plane.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RIGID = (36, 39, 42, 45, 27, 28, 29, 30, 31, 33, 35, 48, 54)
"""Points that hardly move against the skull: eye corners, bridge, tip and base of the nose, corners of the mouth (not the jaw)."""
_MODEL = np.array(
    [
        (-45, -37, -30), (-17, -36, -23), (17, -36, -23), (45, -37, -30),
        (0, -38, -14), (0, -26, -9), (0, -13, -4), (0, 0, 0),
        (-16, 10, -14), (0, 13, -10), (16, 10, -14),
        (-26, 36, -22), (26, 36, -22),
    ],
    dtype=np.float64,
)  # fmt: skip
"""An average adult face in millimetres from the nose tip: right in the picture, down, towards the camera."""
_CENTRED = _MODEL - _MODEL.mean(0)
_SOLVER = np.linalg.pinv(_CENTRED)
_LEFT_EYE, _RIGHT_EYE = slice(36, 42), slice(42, 48)


class Geometry(msgspec.Struct, frozen=True, array_like=True):
    """Angles in degrees. `yaw` is positive towards the right of the picture, `pitch` downwards, `roll` clockwise.

    `eye_left`, `eye_right`: eye aspect ratio (height by width) of the eye on the left and the right of the picture. `mouth`: the same of
    the inner lips. `nose_x`, `nose_y`: planar invariant, in eye distances and in distances eyes–mouth. `inter_eye_px`: between the eyes.
    `x`, `y`: the middle of the eyes in pixels.
    """

    eye_left: float
    eye_right: float
    mouth: float
    yaw: float
    pitch: float
    roll: float
    nose_x: float
    nose_y: float
    inter_eye_px: float
    x: float
    y: float


def measure(points: Floats) -> Geometry:
    """Measure 68×2 points in iBUG order. Points that fall together give zeros, never an error."""
    left, right = points[_LEFT_EYE].mean(0), points[_RIGHT_EYE].mean(0)
    yaw, pitch, roll = pose(points)
    nose_x, nose_y = _planar(points, left, right)
    middle = (left + right) / 2
    return Geometry(
        eye_left=_openness(points, (37, 41), (38, 40), (36, 39)),
        eye_right=_openness(points, (43, 47), (44, 46), (42, 45)),
        mouth=_openness(points, (61, 67), (62, 66), (60, 64), (63, 65)),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        nose_x=nose_x,
        nose_y=nose_y,
        inter_eye_px=float(np.linalg.norm(right - left)),
        x=float(middle[0]),
        y=float(middle[1]),
    )


def pose(points: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll by a weak-perspective fit of the average face: an affine fit, then the nearest rotation."""
    seen = points[list(_RIGID)]
    affine = (_SOLVER @ (seen - seen.mean(0))).T
    u, s, vt = np.linalg.svd(affine, full_matrices=False)
    if not np.isfinite(s).all() or s[1] < 1e-9:
        return 0.0, 0.0, 0.0
    rows = u @ vt
    third = np.cross(rows[0], rows[1])
    # Columns of the rotation: where the model's axes go. The third is the direction in which the nose points.
    yaw = np.degrees(np.arctan2(rows[0, 2], abs(third[2])))
    pitch = np.degrees(np.arctan2(rows[1, 2], np.hypot(rows[0, 2], third[2])))
    roll = np.degrees(np.arctan2(rows[1, 0], rows[0, 0]))
    return float(yaw), float(pitch), float(roll)


def _openness(points: Floats, first: tuple[int, int], second: tuple[int, int], across: tuple[int, int], *more: tuple[int, int]) -> float:
    pairs = (first, second, *more)
    heights = [float(np.linalg.norm(points[a] - points[b])) for a, b in pairs]
    width = float(np.linalg.norm(points[across[0]] - points[across[1]]))
    return sum(heights) / len(heights) / width if width > 1e-6 else 0.0


def _planar(points: Floats, left: Floats, right: Floats) -> tuple[float, float]:
    across = right - left
    down = (points[48] + points[54]) / 2 - (left + right) / 2
    area = across[0] * down[1] - across[1] * down[0]
    if abs(area) < 1e-6:
        return 0.0, 0.0
    nose = points[30] - (left + right) / 2
    return float((nose[0] * down[1] - nose[1] * down[0]) / area), float((across[0] * nose[1] - across[1] * nose[0]) / area)
