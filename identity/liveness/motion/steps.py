"""Were the asked movements made, each in its time and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from identity.liveness.facts import FrameMotion
from identity.liveness.motion.actions import MOVES_HEAD, Action, Event, find_events, flat_movements
from identity.liveness.motion.series import between, course
from identity.liveness.policy import Policy


class Step(msgspec.Struct, frozen=True):
    """One prompt: what was asked, and when in the capture (seconds) the person saw it."""

    action: Action
    asked_at: float


class StepResult(msgspec.Struct, frozen=True):
    """`event` fulfilled the step; without one `reason` says what was seen instead: NOT_SEEN, PLANAR (a flat picture moved) or OTHER."""

    step: Step
    event: Event | None
    reason: str | None


def judge_steps(frames: Sequence[FrameMotion], steps: Sequence[Step], policy: Policy, *, mirrored: bool) -> list[StepResult]:
    """One result for each step. An event counts for a step when it peaks within the window after the prompt."""
    events = find_events(frames, policy.motion, mirrored=mirrored)
    flat = flat_movements(frames, policy.motion)
    return [_judge(step, events, flat, policy) for step in steps]


def _judge(step: Step, events: Sequence[Event], flat: Sequence[Event], policy: Policy) -> StepResult:
    earliest, latest = policy.capture.window
    inside = [event for event in events if earliest <= event.peak - step.asked_at <= latest]
    asked = next((event for event in inside if event.action == step.action), None)
    # Eyes blink by themselves, and a mouth that opens is not a turned head.
    until = asked.end if asked else step.asked_at + latest
    others = [event for event in inside if event.action not in (step.action, "blink") and event.peak <= until]
    if asked is not None and not others:
        return StepResult(step, asked, None)
    if others:
        return StepResult(step, None, "OTHER")
    if step.action in MOVES_HEAD and any(earliest <= event.peak - step.asked_at <= latest for event in flat):
        return StepResult(step, None, "PLANAR")
    return StepResult(step, None, "NOT_SEEN")


def is_done(frames: Sequence[FrameMotion], step: Step, policy: Policy, *, mirrored: bool) -> bool:
    """While the capture runs: the asked movement was made and is over, so that the next prompt may follow."""
    recent = [frame for frame in frames if frame.t >= step.asked_at - 1.5]
    # What a flat picture did is only asked once the step has failed.
    return _judge(step, find_events(recent, policy.motion, mirrored=mirrored), (), policy).event is not None


def baseline_problems(frames: Sequence[FrameMotion], policy: Policy) -> Iterator[str]:
    """Why the first second cannot serve as the baseline: nobody there, or no rest."""
    limits = policy.capture
    if not frames:
        return
    at = course(frames)
    first = between(at, frames[0].t, frames[0].t + limits.baseline_seconds)
    if first.stop - first.start < 3 or at.t[first][-1] - at.t[first][0] < limits.baseline_seconds * 0.6:
        yield "BASELINE_NO_FACE"
    elif np.ptp(at.yaw[first]) > limits.baseline_degrees or np.ptp(at.pitch[first]) > limits.baseline_degrees:
        yield "BASELINE_MOVED"
    elif float(np.median(at.mouth[first])) >= policy.motion.mouth_open:
        yield "BASELINE_MOUTH_OPEN"


def places_to_compare(frames: Sequence[FrameMotion], steps: Sequence[Step], policy: Policy, *, count: int = 5) -> list[int]:
    """Frames in which the face looks ahead with its mouth shut: one of the baseline and one beside each step, spread over the capture.

    What lies between two of them cannot be another person's without one of them being near a change; `faults.jumps` adds the rest.
    """
    at = course(frames)
    if not len(at):
        return []
    rest_yaw, rest_pitch, rest_mouth = float(np.median(at.yaw)), float(np.median(at.pitch)), float(np.percentile(at.mouth, 25))
    away = np.hypot(at.yaw - rest_yaw, at.pitch - rest_pitch) / 10 + np.abs(at.mouth - rest_mouth) / policy.motion.steady_mouth
    away = away + (at.eyes < 0.8 * np.median(at.eyes))
    edges = _edges(frames, steps, count)
    chosen = []
    for start, end in zip(edges, edges[1:], strict=False):
        part = between(at, start, end - 1e-6)
        if part.stop > part.start:
            chosen.append(int(at.index[part.start + int(np.argmin(away[part]))]))
    return chosen


def _edges(frames: Sequence[FrameMotion], steps: Sequence[Step], count: int) -> list[float]:
    """Borders of `count` stretches: at the prompts, and the longest halved until there are enough."""
    first, last = frames[0].t, frames[-1].t + 1e-3
    edges = sorted({first, last, *(step.asked_at for step in steps if first < step.asked_at < last)})
    while len(edges) < count + 1:
        widest = max(range(len(edges) - 1), key=lambda place: edges[place + 1] - edges[place])
        edges.insert(widest + 1, (edges[widest] + edges[widest + 1]) / 2)
    return edges
