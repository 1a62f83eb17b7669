"""What a face decision costs: one JSON line a figure, processor time on one core, all in this run.

The clip: six seconds at 15 frames a second of a packaged person who does three movements. `ours` is the whole decision (decoding,
following, comparing, judging). `naive` is what the well-known package face_recognition asks of every frame: locations, landmarks,
encodings. `floor` is decoding and the engine's calls that our decision made, with nothing around them. Both ways must come to one result.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from identity.liveness import pictures
from identity.liveness.clips import decode_isolated, unpack
from identity.liveness.engines.dlib_engine import DlibEngine
from identity.liveness.facts import CaptureFacts, FrameMotion
from identity.liveness.geometry import measure
from identity.liveness.measure import Capture, engine_facts
from identity.liveness.motion.steps import Step, judge_steps
from identity.liveness.policy import load_policy
from identity.liveness.ports import Box, Embedding, Gray, Points, Rgb
from identity.liveness.rules import choose_places, decide
from sandbox import faces
from sandbox.faces import acting
from sandbox.faces.acting import Act
from tests.factories.clips import clip

SECONDS, FPS = 6.0, 15
STEPS = (Step("mouth", 1.0), Step("turn_left", 2.7), Step("blink", 4.5))
ACTS = (Act("mouth", 1.4), Act("turn_left", 3.1), Act("blink", 5.0))
MOST_OF_NAIVE, MOST_OF_FLOOR = 1 / 8, 1.5
POLICY = load_policy()
T = TypeVar("T")


class Counting:
    """The engine, and the time that its calls took."""

    def __init__(self) -> None:
        self._engine = DlibEngine()
        self.name, self.version, self.model_sha256 = self._engine.name, self._engine.version, self._engine.model_sha256
        self.capabilities = self._engine.capabilities
        self.seconds = 0.0

    def _timed(self, work: Callable[[], T]) -> T:
        started = time.process_time()
        try:
            return work()
        finally:
            self.seconds += time.process_time() - started

    def detect(self, gray: Gray, *, small: bool = False, lenient: bool = False) -> tuple[Box, ...]:
        return self._timed(lambda: self._engine.detect(gray, small=small, lenient=lenient))

    def landmarks(self, picture: Gray | Rgb, box: Box) -> Points:
        return self._timed(lambda: self._engine.landmarks(picture, box))

    def pad_score(self, rgb: Rgb, box: Box) -> float | None:
        return self._engine.pad_score(rgb, box)

    def embed(self, rgb: Rgb, points: Points) -> Embedding:
        return self._timed(lambda: self._engine.embed(rgb, points))

    def compare(self, one: Embedding, other: Embedding) -> float:
        return self._engine.compare(one, other)


def ours(engine: Counting, data: bytes, portrait: bytes) -> tuple[str, tuple[Any, ...], float, float]:
    """Outcome, what was seen for each step, seconds of everything, seconds of decoding and engine calls alone."""
    engine.seconds, started = 0.0, time.process_time()
    answer = decode_isolated(data)
    decoding = time.process_time() - started
    _, raws = unpack(answer)
    capture = Capture(engine, portrait)
    frames = [capture.see_raw(raw) for raw in raws]
    measured = capture.compare(choose_places(frames, STEPS, POLICY))
    facts = CaptureFacts(tuple(frames), measured, capture.portrait_faces, engine_facts(engine))
    decision = decide(facts, STEPS, POLICY, mode="development")
    total = time.process_time() - started
    return (
        decision.outcome,
        tuple(step.event.action if step.event else step.reason for step in decision.steps),
        total,
        decoding + engine.seconds,
    )


def naive(data: bytes, portrait: bytes) -> tuple[str, tuple[Any, ...], float]:
    """The same questions through face_recognition's own calls on every frame."""
    import face_recognition as known

    started = time.process_time()
    _, raws = unpack(decode_isolated(data))
    reference = known.face_encodings(np.asarray(pictures.decode(portrait, enlarge=True)))[0]
    frames, distances = [], []
    for raw in raws:
        whole = pictures.cut_planes(raw.i420, (raw.width, raw.height), (0, 0, raw.width, raw.height))
        rgb = pictures.planes_to_rgb(*whole)
        places = known.face_locations(rgb)
        (shape,) = known.api._raw_face_landmarks(rgb, places)
        distances.append(float(known.face_distance(known.face_encodings(rgb, places), reference)[0]))
        points = np.array([(point.x, point.y) for point in shape.parts()], dtype=np.float64)
        frames.append(FrameMotion(raw.t, "", len(places), measure(points), 1.0, 120.0, 100.0))
    steps = judge_steps(frames, STEPS, POLICY, mirrored=False)
    seen = tuple(step.event.action if step.event else step.reason for step in steps)
    matched = sum(distance <= POLICY.engines["dlib"].match for distance in distances) > len(distances) / 2
    return "accept" if matched and all(step.event for step in steps) else "retry", seen, time.process_time() - started


def main() -> None:
    portrait = faces.portrait("a")
    data = clip(list(acting.film("a", ACTS, SECONDS, FPS, seed=21)), fps=FPS)
    engine = Counting()
    ours(engine, data, portrait)
    runs = sorted((ours(engine, data, portrait) for _ in range(3)), key=lambda run: run[2])
    outcome, seen, seconds, floor = runs[1]
    other_outcome, other_seen, other_seconds = naive(data, portrait)
    figures = [
        {
            "bench": "face_decision_vs_face_recognition",
            "ours_seconds": round(seconds, 3),
            "naive_seconds": round(other_seconds, 3),
            "ratio": round(seconds / other_seconds, 4),
            "target": MOST_OF_NAIVE,
            "same_result": (outcome, seen) == (other_outcome, other_seen),
            "outcome": outcome,
        },
        {
            "bench": "face_decision_vs_floor",
            "ours_seconds": round(seconds, 3),
            "floor_seconds": round(floor, 3),
            "ratio": round(seconds / floor, 3),
            "target": MOST_OF_FLOOR,
        },
    ]
    for figure in figures:
        print(json.dumps(figure), flush=True)
    if seconds > other_seconds * MOST_OF_NAIVE or seconds > floor * MOST_OF_FLOOR or (outcome, seen) != (other_outcome, other_seen):
        print("face_decision misses a target", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
