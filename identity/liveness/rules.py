"""From measurements to a decision. Pure: the same facts, steps, policy and mode always give the same decision.

Every comparison asks for the good side (`not value >= limit`), so that a measure that is no number counts as a bad one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import msgspec

from identity.liveness.facts import CaptureFacts, FrameMotion
from identity.liveness.motion.faults import find_faults, jumps
from identity.liveness.motion.steps import Step, StepResult, baseline_problems, judge_steps, places_to_compare
from identity.liveness.policy import EngineLimits, Policy, QualityLimits
from identity.liveness.reasons import Outcome, ordered, reason_of

MOST_COMPARED = 8


class EngineNotInPolicy(Exception):
    """The policy has no thresholds for the engine that measured, so that nothing may be decided."""


class Decision(msgspec.Struct, frozen=True):
    """The outcome with all that is needed to account for it later.

    `reasons` are codes, the gravest kind first, `coaching` their sentences. `steps` has one result for each prompt. `matched_frames` of
    `compared_frames` were within `threshold` (the engine's distance) of the portrait.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    coaching: tuple[str, ...]
    steps: tuple[StepResult, ...]
    matched_frames: int
    compared_frames: int
    engine: str
    engine_version: str
    model_sha256: str
    threshold: float
    policy_version: str


def choose_places(frames: Sequence[FrameMotion], steps: Sequence[Step], policy: Policy) -> list[int]:
    """Which frames the engine is to compare: `policy.compared` calm ones spread over the capture, and those after a jump of the face."""
    calm = places_to_compare(frames, steps, policy, count=policy.compared)
    return [*calm, *jumps(frames, policy.capture)][:MOST_COMPARED]


def decide(
    facts: CaptureFacts,
    steps: Sequence[Step],
    policy: Policy,
    *,
    mode: str,
    mirrored: bool = False,
    order_was_known: bool = False,
    earlier: Sequence[str] = (),
) -> Decision:
    """Judge a finished capture.

    In any `mode` but "development" an engine that is not calibrated for the public yields `manual_review` at best (NIST SP 800-63A-4
    asks for a false match rate of at most 1:10,000). `order_was_known`: the person saw all prompts before recording (a clip), which is
    weaker, so that outside development it is a clerk's to confirm too. `earlier`: reasons found before anything was measured.
    EngineNotInPolicy for an engine without thresholds.
    """
    engine = facts.engine
    limits = policy.engines.get(engine.name)
    if limits is None:
        raise EngineNotInPolicy(engine.name)
    distances = facts.comparison.to_portrait[: policy.compared]
    matched = sum(distance is not None and distance <= limits.match for distance in distances)
    results = judge_steps(facts.frames, steps, policy, mirrored=mirrored)
    found = [
        *earlier,
        *find_faults(facts.frames, facts.comparison.loops, policy.capture),
        *baseline_problems(facts.frames, policy),
        *quality_problems(facts.frames, policy.quality),
        *_steps(results, policy.capture.steps),
        *_person(facts, matched, policy, limits, is_clear=not any(quality_problems(facts.frames, policy.quality))),
    ]
    if mode != "development" and not found:
        found += ["ENGINE_UNCALIBRATED"] if not engine.capabilities.calibrated else []
        found += ["ORDER_KNOWN"] if order_was_known else []
    reasons = ordered(found)
    return Decision(
        outcome=reason_of(reasons[0]).outcome if reasons else "accept",
        reasons=reasons,
        coaching=tuple(dict.fromkeys(reason_of(code).coaching for code in reasons)),
        steps=tuple(results),
        matched_frames=matched,
        compared_frames=len(distances),
        engine=engine.name,
        engine_version=engine.version,
        model_sha256=engine.model_sha256,
        threshold=limits.match,
        policy_version=policy.version,
    )


def live_hint(frame: FrameMotion, limits: QualityLimits) -> str | None:
    """What to tell the person about this very frame, as a reason code; None when it is fine or was not measured."""
    if frame.faces is None:
        return None
    if frame.faces != 1:
        return "MANY_FACES" if frame.faces else "NO_FACE"
    return next(quality_problems([frame], limits), None)


def quality_problems(frames: Sequence[FrameMotion], limits: QualityLimits) -> Iterator[str]:
    """Whether most of the capture can be judged. Nothing where no face was measured: another reason says so."""
    sizes = [frame.geometry.inter_eye_px for frame in frames if frame.geometry is not None]
    lights = [frame.brightness for frame in frames if frame.brightness is not None]
    sharp = [frame.sharpness for frame in frames if frame.sharpness is not None]
    if not sizes or not lights or not sharp:
        return
    if not median(sizes) >= limits.min_inter_eye_px:
        yield "FACE_TOO_SMALL"
    if not median(lights) >= limits.min_brightness:
        yield "TOO_DARK"
    elif not median(lights) <= limits.max_brightness:
        yield "TOO_BRIGHT"
    if not median(sharp) >= limits.min_sharpness:
        yield "BLURRED"


def _steps(results: Sequence[StepResult], wanted: int) -> Iterator[str]:
    if len(results) < wanted:
        yield "STEPS_MISSING"
    for number, result in enumerate(results, start=1):
        if result.reason is not None:
            yield f"STEP{number}_{result.step.action.upper()}_{result.reason}"


def _person(facts: CaptureFacts, matched: int, policy: Policy, limits: EngineLimits, *, is_clear: bool) -> Iterator[str]:
    """Whether it is one person, alive, and the one on the portrait. A face too small or blurred looks like anybody: it must come again."""
    measured = facts.comparison
    if is_clear and any(not distance <= limits.continuity for row in measured.to_others for distance in row):
        yield "PERSON_CHANGED"
    if facts.engine.capabilities.detects_attacks and any(
        score is None or not score >= policy.min_attack_score for score in measured.attack_scores
    ):
        yield "ATTACK_SUSPECTED"
    if facts.portrait_faces is None:
        yield "PORTRAIT_MISSING"
    elif facts.portrait_faces != 1:
        yield "PORTRAIT_NOT_ONE_FACE"
    elif len(measured.to_portrait) < policy.min_matched:
        yield "TOO_FEW_FRAMES"
    elif matched < policy.min_matched and is_clear:
        yield "OTHER_PERSON"
