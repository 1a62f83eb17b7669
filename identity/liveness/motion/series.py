"""The course of a capture as arrays, and filters whose lengths are seconds, so that they mean the same at any frame rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.liveness.facts import FrameMotion

Floats = NDArray[np.float64]
SMOOTH_SECONDS = 0.2
_SMOOTHED = ("mouth", "yaw", "pitch", "roll", "nose_x", "nose_y")


@dataclass(frozen=True)
class Course:
    """Columns over the frames that show exactly one face. `index` is each frame's place in the capture; angles in degrees, `t` in seconds.

    `yaw`, `pitch`, `nose_x`, `nose_y` and `mouth` are smoothed over 0.2 s; the eyes are not: a blink is too short.
    """

    index: NDArray[np.intp]
    t: Floats
    eyes: Floats
    mouth: Floats
    yaw: Floats
    pitch: Floats
    roll: Floats
    nose_x: Floats
    nose_y: Floats
    size: Floats

    def __len__(self) -> int:
        return len(self.t)


def course(frames: Sequence[FrameMotion]) -> Course:
    """In order of time, whatever order they came in. `eyes` is the larger of both eyes' openings: an eye that is closed alone is a wink."""
    seen = sorted(
        ((number, frame.t, frame.geometry) for number, frame in enumerate(frames) if frame.geometry is not None), key=lambda one: one[1]
    )
    index = np.array([number for number, _, _ in seen], dtype=np.intp)
    t = np.array([at for _, at, _ in seen], dtype=np.float64)
    shapes = [shape for _, _, shape in seen]
    rows = [[getattr(shape, name) for shape in shapes] for name in _SMOOTHED]
    calm = dict(zip(_SMOOTHED, smoothed(t, np.array(rows, dtype=np.float64)), strict=True))
    return Course(
        index=index,
        t=t,
        eyes=np.array([max(shape.eye_left, shape.eye_right) for shape in shapes], dtype=np.float64),
        **calm,
        size=np.array([shape.inter_eye_px for shape in shapes], dtype=np.float64),
    )


def smoothed(t: Floats, values: Floats, seconds: float = SMOOTH_SECONDS) -> Floats:
    """A running median (a point that jumped for one frame is ignored), then a running mean, over windows of `seconds`; of each row."""
    if values.shape[-1] < 3:
        return values
    width = window_width(t, seconds)
    return np.asarray(windows(running_median(values, width), width).mean(-1))


def window_width(t: Floats, seconds: float) -> int:
    """The odd number of frames, at least three, that take `seconds` at the frame rate of `t`."""
    step = float(np.median(np.diff(t))) if len(t) > 1 else seconds
    return max(3, round(seconds / step) // 2 * 2 + 1) if step > 0 else 3


def running_median(values: Floats, width: int) -> Floats:
    return np.asarray(np.median(windows(values, width), axis=-1))


def windows(values: Floats, width: int) -> Floats:
    """The `width` (odd) values around each, …×n×width; beyond an end the value at it is repeated."""
    count, half = values.shape[-1], width // 2
    places = np.arange(count)[:, None] + np.arange(-half, half + 1)
    return np.asarray(values[..., places.clip(0, count - 1)])


def between(at: Course, start: float, end: float) -> slice:
    """The frames from `start` to `end` (seconds, inclusive)."""
    return slice(int(np.searchsorted(at.t, start - 1e-9)), int(np.searchsorted(at.t, end + 1e-9)))
