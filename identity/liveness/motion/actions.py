"""Find blinks, opened mouths, nods and turns of the head in the course of a face.

Each rule compares with what the same face did just before and after, never with a fixed posture, and asks the planar invariant of every
turn of the head, so that a tilted photograph neither nods nor turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np

from identity.liveness.facts import FrameMotion
from identity.liveness.motion.series import Course, Floats, between, course, running_median, window_width
from identity.liveness.policy import MotionLimits

Action = Literal["blink", "mouth", "nod", "turn_left", "turn_right"]
ACTIONS: tuple[Action, ...] = ("blink", "mouth", "nod", "turn_left", "turn_right")
MOVES_HEAD: frozenset[Action] = frozenset({"nod", "turn_left", "turn_right"})
_NEIGHBOURHOOD = 1.5


class Event(msgspec.Struct, frozen=True):
    """One movement, in seconds of the capture. `strength`: degrees for the head, closing of the eyes 0–1, opening of the mouth.

    `planar` is how far the nose moved against the plane of eyes and mouth (0 for eyes and mouth).
    """

    action: Action
    start: float
    peak: float
    end: float
    strength: float
    planar: float = 0.0


def find_events(frames: Sequence[FrameMotion], limits: MotionLimits, *, mirrored: bool = False) -> list[Event]:
    """All events in order of their peaks. `turn_left` is to the person's own left: in a mirrored capture the left of the picture."""
    at = course(frames)
    if not _is_large_enough(at, limits):
        return []
    found = [*_blinks(at, limits), *_mouths(at, limits), *_nods(at, limits), *_turns(at, limits, mirrored)]
    return sorted(found, key=lambda event: event.peak)


def flat_movements(frames: Sequence[FrameMotion], limits: MotionLimits) -> list[Event]:
    """Movements of the head in which the nose stayed in the plane of the face: what a tilted photograph does."""
    at = course(frames)
    if not _is_large_enough(at, limits):
        return []
    loose = msgspec.structs.replace(limits, nod_planar=0.0, turn_planar=0.0)
    moved = [*_nods(at, loose), *_turns(at, loose, False)]
    return [event for event in moved if event.planar < (limits.nod_planar if event.action == "nod" else limits.turn_planar)]


def _is_large_enough(at: Course, limits: MotionLimits) -> bool:
    return len(at) >= 3 and float(np.median(at.size)) >= limits.min_inter_eye_px


def _blinks(at: Course, limits: MotionLimits) -> Iterator[Event]:
    """Both eyes fall under a share of their own open state for 30 to 400 ms and open again, while mouth and head keep still."""
    step = float(np.median(np.diff(at.t)))
    for first, last in _runs(at.eyes < _open_eyes(at) * limits.blink_closed):
        # The lids crossed the limit somewhere between two frames.
        seconds = at.t[last] - at.t[first] + step
        around = between(at, at.t[first] - _NEIGHBOURHOOD, at.t[last] + _NEIGHBOURHOOD)
        opened = float(np.median(at.eyes[around]))
        before, after = between(at, at.t[first] - 0.4, at.t[first] - 1e-6), between(at, at.t[last] + 1e-6, at.t[last] + 0.4)
        if not limits.blink_seconds[0] <= seconds <= limits.blink_seconds[1] + step:
            continue
        if not _any_over(at.eyes[before], opened * limits.blink_open) or not _any_over(at.eyes[after], opened * limits.blink_open):
            continue
        whole = slice(before.start, after.stop)
        if np.ptp(at.pitch[whole]) >= limits.blink_pitch or np.ptp(at.mouth[whole]) >= limits.steady_mouth:
            continue
        lowest = first + int(np.argmin(at.eyes[first : last + 1]))
        strength = float(1 - at.eyes[lowest] / opened)
        yield Event("blink", float(at.t[first]), float(at.t[lowest]), float(at.t[last]), round(strength, 3))


def _open_eyes(at: Course) -> Floats:
    """The median opening around each frame: blinks are too short to lower it."""
    return running_median(at.eyes, window_width(at.t, 2 * _NEIGHBOURHOOD))


def _mouths(at: Course, limits: MotionLimits) -> Iterator[Event]:
    """The mouth opens wide, stays so for 0.12 to 3 seconds, and closes."""
    closed = float(np.percentile(at.mouth, 25))
    step = float(np.median(np.diff(at.t)))
    least = max(limits.mouth_open, closed + limits.mouth_rise)
    for first, last in _runs(at.mouth >= least):
        seconds = at.t[last] - at.t[first] + step
        before, after = at.mouth[:first], at.mouth[last + 1 :]
        is_shut = closed + limits.mouth_rise / 2
        if limits.mouth_seconds[0] <= seconds <= limits.mouth_seconds[1] and (before < is_shut).any() and (after < is_shut).any():
            widest = first + int(np.argmax(at.mouth[first : last + 1]))
            yield Event("mouth", float(at.t[first]), float(at.t[widest]), float(at.t[last]), round(float(at.mouth[widest] - closed), 3))


def _nods(at: Course, limits: MotionLimits) -> Iterator[Event]:
    for first, peak, last in _excursions(at, at.pitch, limits.nod_degrees, limits.nod_seconds):
        rise = _rise(at.pitch, first, peak, last)
        planar = _rise(at.nose_y, first, peak, last)
        sideways = abs(_rise(at.yaw, first, peak, last))
        mouths = at.mouth[[first, peak, last]]
        if sideways < limits.nod_yaw_share * rise and planar >= limits.nod_planar and np.ptp(mouths) < limits.steady_mouth:
            yield Event("nod", float(at.t[first]), float(at.t[peak]), float(at.t[last]), round(rise, 1), round(planar, 3))


def _turns(at: Course, limits: MotionLimits, mirrored: bool) -> Iterator[Event]:
    for sign in (1.0, -1.0):
        # Who turns to his own left shows the camera his nose further right, unless the capture is a mirror.
        action: Action = "turn_left" if (sign > 0) != mirrored else "turn_right"
        yaw = at.yaw * sign
        for first, peak, last in _excursions(at, yaw, limits.turn_degrees, limits.turn_seconds):
            rise = _rise(yaw, first, peak, last)
            planar = _rise(at.nose_x * sign, first, peak, last)
            downwards = abs(_rise(at.pitch, first, peak, last))
            if planar >= limits.turn_planar and downwards < limits.turn_pitch_share * rise:
                yield Event(action, float(at.t[first]), float(at.t[peak]), float(at.t[last]), round(rise, 1), round(planar, 3))


def _excursions(at: Course, values: Floats, least: float, longest: float) -> Iterator[tuple[int, int, int]]:
    """Places (first, peak, last) where `values` rise by `least` and come back, all within `longest` seconds; the highest of an overlap."""
    found: list[tuple[float, int, int, int]] = []
    for peak in range(1, len(values) - 1):
        if not (values[peak] >= values[peak - 1] and values[peak] > values[peak + 1]):
            continue
        left, right = between(at, at.t[peak] - longest, at.t[peak]), between(at, at.t[peak], at.t[peak] + longest)
        height = float(values[peak] - max(values[left].min(), values[right].min()))
        if height < least:
            continue
        # From where it left its base to where it is back: within a fifth of the height.
        base = values[peak] - 0.8 * height
        first = next((place for place in range(peak, left.start - 1, -1) if values[place] <= base), None)
        last = next((place for place in range(peak, right.stop) if values[place] <= base), None)
        if first is not None and last is not None and at.t[last] - at.t[first] <= longest:
            found.append((height, first, peak, last))
    taken: list[tuple[int, int, int]] = []
    for _, first, peak, last in sorted(found, reverse=True):
        if all(last <= other[0] or first >= other[2] for other in taken):
            taken.append((first, peak, last))
    yield from sorted(taken)


def _rise(values: Floats, first: int, peak: int, last: int) -> float:
    """How far `values` at the peak lie over the middle of where they came from and went to."""
    return float(values[peak] - (values[first] + values[last]) / 2)


def _runs(is_so: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last place of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_so, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)


def _any_over(values: Floats, limit: float) -> bool:
    return bool((values > limit).any())
