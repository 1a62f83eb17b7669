"""Follow one face through a capture: look for faces now and then, let the points carry it in between, and measure every frame.

Looking in the whole picture costs ten times what the points cost, so it is done at half size every third of a second and at full size once
a second; where the face was lost, or where somebody else came in, every frame is looked at until that is settled.
"""

from __future__ import annotations

import hashlib

import numpy as np

from identity.liveness.facts import FrameMotion
from identity.liveness.geometry import measure
from identity.liveness.pictures import scaled
from identity.liveness.ports import Box, FaceEngine, Gray, Points

LOOK_SECONDS = 0.3
LOOK_CLOSELY_SECONDS = 1.0
THUMBNAIL = (32, 24)
_HALF = 2
_ROI = 0.6
"""How far beyond the face on each side a face that is followed is looked for, in widths of it."""
_FOLLOWED_PX = 110


class Follower:
    """Feed frames in order. Holds the last face's place and the thumbnails; no picture stays here."""

    def __init__(self, engine: FaceEngine) -> None:
        self._engine = engine
        self._points: Points | None = None
        self._box: Box | None = None
        self._looked = self._looked_closely = -1e9
        self._is_unsettled = True
        self._last: Gray | None = None
        self.thumbnails: list[Gray] = []
        self.points: list[Points | None] = []

    def see(self, t: float, light: Gray, data: bytes | None = None) -> FrameMotion:
        """Measure one frame of gray values taken at `t` seconds; `data` are the bytes to be remembered by their digest."""
        thumbnail = scaled(light, *THUMBNAIL)
        change = None if self._last is None else float(np.abs(thumbnail.astype(np.int16) - self._last).mean())
        self._last = thumbnail
        self.thumbnails.append(thumbnail)
        digest = hashlib.sha256(light.tobytes() if data is None else data).hexdigest()
        faces = self._locate(t, light)
        if self._box is None:
            self._points = None
            self.points.append(None)
            return FrameMotion(t, digest, faces, change=change)
        self._points = self._engine.landmarks(light, self._box)
        self.points.append(self._points)
        geometry = measure(self._points)
        brightness = sharpness = None
        if faces is not None:
            face = _crop(light, self._box)
            brightness, sharpness = float(face.mean()), laplacian_variance(scaled(face, 128, 128))
        self._box = _around(self._points, self._box)
        return FrameMotion(t, digest, faces, geometry, change, brightness, sharpness)

    def _locate(self, t: float, light: Gray) -> int | None:
        """How many faces there are, and `_box` is the one; None where the points carry it."""
        is_due = t - self._looked >= LOOK_SECONDS
        if not (is_due or self._is_unsettled):
            return None
        self._looked = t
        if self._box is not None and t - self._looked_closely < LOOK_CLOSELY_SECONDS and not self._is_unsettled:
            half = scaled(light, light.shape[1] // _HALF, light.shape[0] // _HALF)
            boxes = tuple(Box(*(edge * _HALF for edge in box)) for box in self._engine.detect(half))
            if len(boxes) == 1 and _overlap(boxes[0], self._box) > 0.3:
                self._box = boxes[0]
                return 1
            if not boxes and self._is_still_there(light):
                return 1
        self._looked_closely = t
        boxes = self._engine.detect(light) or self._engine.detect(light, small=True)
        if not boxes and self._box is not None and self._is_still_there(light):
            # Half turned away: hardly a frontal face any more, but at its place.
            self._is_unsettled = False
            return 1
        self._is_unsettled = len(boxes) != 1
        self._box = boxes[0] if len(boxes) == 1 else None
        return len(boxes)

    def _is_still_there(self, light: Gray) -> bool:
        """Look closely, and leniently, only around the last place."""
        assert self._box is not None
        width = self._box.right - self._box.left
        margin = round(width * _ROI)
        top, left = max(0, self._box.top - margin), max(0, self._box.left - margin)
        part = light[top : self._box.bottom + margin, left : self._box.right + margin]
        if min(part.shape) < 8 or width < 8:
            return False
        factor = min(1.0, _FOLLOWED_PX / width)
        small = scaled(part, max(8, round(part.shape[1] * factor)), max(8, round(part.shape[0] * factor)))
        return bool(self._engine.detect(small, lenient=True))


def laplacian_variance(face: Gray) -> float:
    """Variance of the 4-neighbour Laplacian, the usual measure of focus."""
    value = face.astype(np.float32)
    middle = value[1:-1, 1:-1]
    return float((4 * middle - value[:-2, 1:-1] - value[2:, 1:-1] - value[1:-1, :-2] - value[1:-1, 2:]).var())


def _crop(light: Gray, box: Box) -> Gray:
    height, width = light.shape
    top, left = min(max(box.top, 0), height - 1), min(max(box.left, 0), width - 1)
    return light[top : max(box.bottom, top + 1), left : max(box.right, left + 1)]


def _around(points: Points, box: Box) -> Box:
    """The detector's box for a face at these points: as wide as the last, its middle moved with the points and its size with the eyes."""
    low, high = points[17:68].min(0), points[17:68].max(0)
    middle = (low + high) / 2
    last = box.right - box.left
    side = min(max(float(max(high - low)) * 1.32, 0.9 * last), 1.1 * last)
    middle[1] += 0.03 * side
    return Box(*(round(float(edge)) for edge in (middle[0] - side / 2, middle[1] - side / 2, middle[0] + side / 2, middle[1] + side / 2)))


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0, wide) * max(0, high)
    area = sum((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return shared / (area - shared) if area > shared else 0.0
