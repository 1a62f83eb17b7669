"""From measurements to a decision. Pure: the same facts, policy and mode always give the same decision.

Every comparison asks for the good side (`not value >= limit`), so that a measure that is no number counts as a bad one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from identity.liveness.facts import FrameAnalysis, FrameFacts
from identity.liveness.policy import EngineLimits, Policy
from identity.liveness.reasons import REASONS, SEVERITY, Outcome


class EngineNotInPolicy(Exception):
    """The policy has no thresholds for the engine that measured, so that nothing may be decided."""


class Decision(msgspec.Struct, frozen=True):
    """The outcome with all that is needed to account for it later.

    `reasons` are codes in the order of `reasons.REASONS`, `coaching` their sentences. `matched_frames` of `compared_frames` were within
    `threshold` (the engine's distance) of the portrait.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    coaching: tuple[str, ...]
    matched_frames: int
    compared_frames: int
    engine: str
    engine_version: str
    model_sha256: str
    threshold: float
    policy_version: str


def decide(analysis: FrameAnalysis, policy: Policy, *, mode: str) -> Decision:
    """Judge an analysis.

    In any `mode` but "development" an engine that is not calibrated for the public yields `manual_review` at best (NIST SP 800-63A-4
    asks for a false match rate of at most 1:10,000). A face match is never decided on fewer than `policy.min_frames` good frames.
    EngineNotInPolicy for an engine without thresholds.
    """
    engine = analysis.engine
    limits = policy.engines.get(engine.name)
    if limits is None:
        raise EngineNotInPolicy(engine.name)
    good = [frame for frame in analysis.frames if not list(_quality(frame, policy))]
    matched = sum(frame.to_portrait is not None and frame.to_portrait <= limits.match for frame in good)
    found = set(_capture(analysis.frames, good, policy)) | set(_person(analysis, good, matched, policy, limits))
    if not engine.capabilities.calibrated and mode != "development" and not found:
        found.add("ENGINE_UNCALIBRATED")
    reasons = tuple(code for code in REASONS if code in found)
    return Decision(
        outcome=max((REASONS[code].outcome for code in reasons), key=SEVERITY.__getitem__, default="accept"),
        reasons=reasons,
        coaching=tuple(REASONS[code].coaching for code in reasons),
        matched_frames=matched,
        compared_frames=len(good),
        engine=engine.name,
        engine_version=engine.version,
        model_sha256=engine.model_sha256,
        threshold=limits.match,
        policy_version=policy.version,
    )


def _quality(frame: FrameFacts, policy: Policy) -> Iterator[str]:
    """Why a frame cannot be compared; nothing for a good one."""
    if frame.faces != 1:
        yield "NO_FACE" if frame.faces == 0 else "MANY_FACES"
        return
    if frame.inter_eye_px is None or not frame.inter_eye_px >= policy.min_inter_eye_px:
        yield "FACE_TOO_SMALL"
    if frame.brightness is None or not frame.brightness >= policy.min_brightness:
        yield "TOO_DARK"
    elif not frame.brightness <= policy.max_brightness:
        yield "TOO_BRIGHT"
    if frame.sharpness is None or not frame.sharpness >= policy.min_sharpness:
        yield "BLURRED"


def _capture(frames: Sequence[FrameFacts], good: Sequence[FrameFacts], policy: Policy) -> Iterator[str]:
    """What is wrong with the recording. Faces are asked of every frame; of the rest, enough good frames suffice."""
    if len(frames) < policy.min_frames:
        yield "TOO_FEW_FRAMES"
    if any(frame.faces == 0 for frame in frames):
        yield "NO_FACE"
    crowded = sum(frame.faces > 1 for frame in frames)
    if crowded:
        yield "CROWDED" if crowded > policy.max_crowded_frames else "MANY_FACES"
    if len(good) < policy.min_frames:
        for frame in frames:
            yield from (code for code in _quality(frame, policy) if code not in ("NO_FACE", "MANY_FACES"))
    if _longest_still(frames, policy.frozen_change) >= policy.frozen_run:
        yield "FROZEN_FRAMES"


def _longest_still(frames: Sequence[FrameFacts], least_change: float) -> int:
    """The largest number of frames in a row that hardly differ from the one before."""
    longest = current = 1 if frames else 0
    for frame in frames[1:]:
        current = current + 1 if frame.change is not None and not frame.change >= least_change else 1
        longest = max(longest, current)
    return longest


def _between(frames: Sequence[FrameFacts], good: Sequence[FrameFacts]) -> Iterator[float]:
    """The distances between good frames; a blurred one would look like another person."""
    is_good = [any(frame is other for other in good) for frame in frames]
    for frame in good:
        yield from (distance for distance, counts in zip(frame.to_frames, is_good, strict=True) if counts and distance is not None)


def _person(analysis: FrameAnalysis, good: Sequence[FrameFacts], matched: int, policy: Policy, limits: EngineLimits) -> Iterator[str]:
    """Whether it is one person, alive, and the one on the portrait."""
    if any(not distance <= limits.continuity for distance in _between(analysis.frames, good)):
        yield "PERSON_CHANGED"
    if any(frame.attack_score is not None and not frame.attack_score >= policy.min_attack_score for frame in analysis.frames):
        yield "ATTACK_SUSPECTED"
    if analysis.portrait_faces is None:
        yield "PORTRAIT_MISSING"
    elif analysis.portrait_faces != 1:
        yield "PORTRAIT_NOT_ONE_FACE"
    elif len(good) >= policy.min_frames and matched < math.ceil(policy.min_match_share * len(good) - 1e-9):
        yield "OTHER_PERSON"
