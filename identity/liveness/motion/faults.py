"""What makes a capture worthless whatever was done in it: nobody or several people, gaps, stills, loops, a face that jumps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from identity.liveness.facts import FrameMotion, Loop
from identity.liveness.policy import CapturePolicy


def find_faults(frames: Sequence[FrameMotion], loops: Sequence[Loop], limits: CapturePolicy) -> Iterator[str]:
    """Reason codes, each at most once. The frames are in the order in which they came."""
    if len(frames) < 3:
        yield "TOO_FEW_FRAMES"
        return
    t = np.array([frame.t for frame in frames], dtype=np.float64)
    steps = np.diff(t)
    if (steps <= 0).any():
        yield "OUT_OF_ORDER"
        return
    if steps.max() > limits.max_gap_seconds:
        yield "FRAME_GAP"
    elif (len(t) - 1) / (t[-1] - t[0]) < limits.min_fps:
        yield "TOO_SLOW"
    if t[-1] - t[0] > limits.max_seconds + 1:
        yield "TOO_LONG"
    if all(frame.geometry is None and not (frame.faces or 0) > 1 for frame in frames):
        yield "NO_FACE"
    elif longest_without_face(frames) > limits.max_lost_seconds:
        yield "FACE_LOST"
    crowded = sum((frame.faces or 0) > 1 for frame in frames)
    if crowded:
        yield "CROWDED" if crowded > limits.max_crowded_frames else "MANY_FACES"
    if longest_still(frames, limits.frozen_change) >= limits.frozen_seconds:
        yield "FROZEN_FRAMES"
    if loops:
        yield "LOOPED_FRAMES"


def longest_without_face(frames: Sequence[FrameMotion]) -> float:
    """Seconds of the longest stretch without exactly one face, from the last frame with it to the next."""
    longest, seen = 0.0, frames[0].t
    for frame in frames:
        if frame.geometry is not None:
            longest, seen = max(longest, frame.t - seen), frame.t
    return max(longest, frames[-1].t - seen)


def longest_still(frames: Sequence[FrameMotion], least_change: float) -> float:
    """Seconds of the longest stretch in which hardly a pixel changed: the noise of a real camera changes more."""
    longest, began = 0.0, frames[0].t
    for frame in frames[1:]:
        if frame.change is None or frame.change >= least_change:
            began = frame.t
        longest = max(longest, frame.t - began)
    return longest


def jumps(frames: Sequence[FrameMotion], limits: CapturePolicy) -> list[int]:
    """Places right after the face jumped or came back: one person may have taken another's place there."""
    found, last = [], None
    for place, frame in enumerate(frames):
        if frame.geometry is None:
            continue
        if last is not None:
            before, now = frames[last].geometry, frame.geometry
            assert before is not None
            apart = np.hypot(now.x - before.x, now.y - before.y) / max(1.0, before.inter_eye_px)
            grown = now.inter_eye_px / max(1.0, before.inter_eye_px)
            if last != place - 1 or apart > limits.jump_eye_distances or not 1 / limits.jump_growth < grown < limits.jump_growth:
                found.append(place)
        last = place
    return found
