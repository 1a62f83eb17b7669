"""R51, real engine and real pixels: the packaged people act, and every attack of the design's table fails for the right reason.

`python -m tests.service.test_identity_faces_in_motion` prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pytest

from identity.liveness.engines import build_engine
from identity.liveness.facts import CaptureFacts
from identity.liveness.measure import Capture, PictureRefused, engine_facts
from identity.liveness.motion.steps import Step
from identity.liveness.policy import load_policy
from identity.liveness.ports import FaceEngine
from identity.liveness.rules import Decision, choose_places, decide
from sandbox import faces
from sandbox.faces import acting
from sandbox.faces.acting import Act

POLICY = load_policy()
STEPS = (Step("mouth", 1.2), Step("turn_left", 3.2), Step("blink", 5.4))
ACTS = (Act("mouth", 1.7), Act("turn_left", 3.7), Act("blink", 6.0))
SECONDS = 6.8
Film = Sequence[bytes]


@lru_cache(maxsize=1)
def engine() -> FaceEngine:
    return build_engine("dlib")


@lru_cache(maxsize=4)
def film(person: str) -> tuple[bytes, ...]:
    return tuple(acting.jpegs(acting.film(person, ACTS, SECONDS, seed=3)))


@lru_cache(maxsize=1)
def photograph() -> np.ndarray:
    return next(acting.film("a", (), 0.07, seed=6))


def moved(**how: float) -> Film:
    """The photograph, held before the camera and moved by these amounts: degrees, or a factor for zoom."""
    noise = np.random.default_rng(1)
    made = []
    for number in range(round(SECONDS * 15)):
        # Two rates that never meet: no moment comes twice.
        t = number / 15
        wave = float(np.sin(2 * np.pi * 0.43 * t) + 0.3 * np.sin(2 * np.pi * 0.17 * t))
        shape = {name: (1 + size * wave if name == "zoom" else size * wave) for name, size in how.items()}
        frame = acting.tilted(photograph(), **shape)
        made.append(np.clip(frame + noise.normal(0, 1.6, (*frame.shape[:2], 1)), 0, 255).astype(np.uint8))
    return acting.jpegs(made)


def judged(frames: Film, steps: Sequence[Step] = STEPS, *, portrait: str = "a", fps: float = 15.0, mirrored: bool = False) -> Decision:
    capture = Capture(engine(), faces.portrait(portrait))
    seen = [capture.see(number / fps, frame) for number, frame in enumerate(frames)]
    measured = capture.compare(choose_places(seen, steps, POLICY))
    facts = CaptureFacts(tuple(seen), measured, capture.portrait_faces, engine_facts(engine()))
    return decide(facts, steps, POLICY, mode="development", mirrored=mirrored)


@pytest.mark.parametrize("person", ["a", "b"])
def test_the_challenge_fulfilled_passes(person: str) -> None:
    decision = judged(film(person), portrait=person)
    assert (decision.outcome, decision.reasons, decision.matched_frames) == ("accept", (), 5)


def test_a_mirrored_capture_turns_to_the_other_side() -> None:
    steps = (STEPS[0], Step("turn_right", 3.2), STEPS[2])
    assert judged(film("a"), steps, mirrored=True).outcome == "accept"
    assert judged(film("a"), mirrored=True).reasons == ("STEP2_TURN_LEFT_OTHER",)


def test_every_movement_is_seen_on_both_people() -> None:
    steps = (Step("nod", 1.2), Step("turn_right", 3.2), Step("mouth", 5.4))
    acts = (Act("nod", 1.7), Act("turn_right", 3.7), Act("mouth", 5.9))
    for person in ("a", "b"):
        done = judged(acting.jpegs(acting.film(person, acts, 7.2, seed=8)), steps, portrait=person)
        assert done.reasons == (), person


HEAD = (Step("nod", 1.2), Step("turn_left", 3.2), Step("turn_right", 5.4))
ATTACKS: dict[str, tuple[Callable[[], Film], Sequence[Step], str, str]] = {
    "another order": (lambda: film("a"), (Step("turn_left", 1.2), Step("mouth", 3.2), STEPS[2]), "retry", "STEP1_TURN_LEFT_OTHER"),
    "the still photograph": (lambda: [film("a")[0]] * 100, STEPS, "retry", "FROZEN_FRAMES"),
    "the photograph tilted": (lambda: moved(yaw=22, pitch=16), HEAD, "retry", "STEP1_NOD_"),
    "the photograph rolled": (lambda: moved(roll=18), HEAD, "retry", "STEP1_NOD_"),
    "the photograph zoomed": (lambda: moved(zoom=0.2), HEAD, "retry", "STEP1_NOD_"),
    "the photograph warped in perspective": (lambda: moved(yaw=24, pitch=18, roll=8, zoom=0.1), HEAD, "retry", "STEP"),
    "a loop": (lambda: [*film("a")[:40], *film("a")[:40], *film("a")[:22]], STEPS, "reject", "LOOPED_FRAMES"),
    "a frozen run": (lambda: [*film("a")[:80], *[film("a")[80]] * 10, *film("a")[80:]], STEPS, "retry", "FROZEN_FRAMES"),
    "a second person midway": (lambda: [*film("a")[:48], *film("b")[48:]], STEPS, "reject", "PERSON_CHANGED"),
    "a second person for one movement": (
        lambda: [*film("a")[:48], *film("b")[48:82], *film("a")[82:]],
        STEPS,
        "reject",
        "PERSON_CHANGED",
    ),
    "somebody else": (lambda: film("b"), STEPS, "reject", "OTHER_PERSON"),
    "eight frames a second": (lambda: film("a")[::2], STEPS, "retry", "TOO_SLOW"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_fails_for_the_right_reason(attack: str) -> None:
    frames, steps, outcome, reason = ATTACKS[attack]
    decision = judged(frames(), steps, fps=7.5 if attack.startswith("eight") else 15.0)
    assert decision.outcome == outcome and any(reason in code for code in decision.reasons), decision.reasons


def test_pictures_that_are_none_are_refused() -> None:
    capture = Capture(engine(), None)
    capture.see(0.0, film("a")[0])
    with pytest.raises(PictureRefused) as refused:
        capture.see(0.1, b"\xff\xd8\xff no picture")
    assert (refused.value.code, refused.value.index) == ("liveness.frame_invalid", 1)
    with pytest.raises(PictureRefused):
        Capture(engine(), b"no portrait")


def test_nobody_two_people_and_darkness_have_their_names() -> None:
    for frame, reason in ((faces.no_face(), "NO_FACE"), (faces.two_faces(), "CROWDED"), (faces.far_away("a"), "FACE_TOO_SMALL")):
        assert reason in judged([frame] * 20).reasons


if __name__ == "__main__":
    print(f"{'fulfilled':40} {judged(film('a')).outcome}")
    for name, (made, asked, _, _) in ATTACKS.items():
        result = judged(made(), asked, fps=7.5 if name.startswith("eight") else 15.0)
        print(f"{name:40} {result.outcome:14} {', '.join(result.reasons)}")
