"""Examine a clip or compare two pictures without any verification: for the command line, the report and the benches.

The same measurements and rules as in a face check, so that what is shown here is what the hall would decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import median

import msgspec

from core.isolation import Isolated, IsolationFailed
from identity.liveness import clips
from identity.liveness.errors import CLIP_ERRORS, FRAME_ERRORS, ClipInvalid, ClipTooLarge, NotOneFace
from identity.liveness.facts import CaptureFacts, FrameMotion
from identity.liveness.measure import Capture, PictureRefused, embedding_of, engine_facts
from identity.liveness.motion.actions import ACTIONS, Action, Event, find_events
from identity.liveness.motion.faults import find_faults
from identity.liveness.motion.steps import Step
from identity.liveness.policy import Policy
from identity.liveness.ports import FaceEngine
from identity.liveness.reasons import ordered, reason_of
from identity.liveness.rules import choose_places, decide, quality_problems

SAME_AT = (0.40, 0.45, 0.50, 0.55, 0.60)


class Quality(msgspec.Struct, frozen=True):
    """Medians over the clip, None where no face was measured; `problems` are reason codes."""

    inter_eye_px: float | None
    brightness: float | None
    sharpness: float | None
    problems: tuple[str, ...]


class ClipVerdict(msgspec.Struct, frozen=True):
    """Whether the clip does what was asked, in that order and nothing else. `matched`: frames that show the person on the portrait."""

    outcome: str
    reasons: tuple[str, ...]
    coaching: tuple[str, ...]
    matched: int | None


class ClipReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """`fps` as recorded, `frames` as analysed, `cpu_ms` of decoding and analysis on one core without loading the models."""

    fps: float
    frames: int
    faces_max: int
    events: tuple[Event, ...]
    hard_fails: tuple[str, ...]
    quality: Quality
    cpu_ms: int
    verdict: ClipVerdict | None = None


class Likeness(msgspec.Struct, frozen=True):
    """The engine's distance of two faces, and at which limits they would count as one person."""

    distance: float
    same_at: dict[str, bool]


def examine_clip(
    engine: FaceEngine,
    data: bytes,
    policy: Policy,
    *,
    mirrored: bool = False,
    challenge: Sequence[Action] = (),
    portrait: bytes | None = None,
) -> ClipReport:
    """Decode (in a process that may be killed) and analyse a clip. The errors of clips; those of frames for a bad portrait."""
    if len(data) > clips.MAX_CLIP_BYTES:
        raise ClipTooLarge()
    try:
        head, raws = clips.unpack(asyncio.run(_decoded(data)))
    except clips.ClipRefused as refused:
        raise CLIP_ERRORS[refused.code]() from None
    try:
        capture = Capture(engine, portrait)
    except PictureRefused as refused:
        raise FRAME_ERRORS[refused.code]() from None
    frames = [capture.see_raw(raw) for raw in raws]
    events = find_events(frames, policy.motion, mirrored=mirrored)
    steps = steps_from(events, challenge, policy)
    measured = capture.compare(choose_places(frames, steps, policy))
    facts = CaptureFacts(tuple(frames), measured, capture.portrait_faces, engine_facts(engine))
    limits = policy.engines.get(engine.name)
    fails = list(find_faults(frames, measured.loops, policy.capture))
    is_clear = not any(quality_problems(frames, policy.quality))
    if limits is not None and is_clear and any(not distance <= limits.continuity for row in measured.to_others for distance in row):
        fails.append("PERSON_CHANGED")
    verdict = None
    if challenge:
        decision = decide(facts, steps, policy, mode="development", mirrored=mirrored)
        reasons = ordered(code for code in decision.reasons if portrait is not None or code != "PORTRAIT_MISSING")
        verdict = ClipVerdict(
            outcome=reason_of(reasons[0]).outcome if reasons else "accept",
            reasons=reasons,
            coaching=tuple(dict.fromkeys(reason_of(code).coaching for code in reasons)),
            matched=None if portrait is None else decision.matched_frames,
        )
    return ClipReport(
        fps=head.fps,
        frames=len(frames),
        faces_max=max((frame.faces or (1 if frame.geometry else 0)) for frame in frames) if frames else 0,
        events=tuple(events),
        hard_fails=ordered(fails),
        quality=_quality(frames, policy),
        cpu_ms=head.cpu_ms + measured.cpu_ms,
        verdict=verdict,
    )


def compare_pictures(engine: FaceEngine, one: bytes, other: bytes) -> Likeness:
    """The errors of pictures; NotOneFace names the picture that has none or several."""
    faces = []
    for name, data in (("A", one), ("B", other)):
        face, count = embedding_of(engine, data)
        if face is None:
            raise NotOneFace(fields={name: f"找到 {count} 张人脸。"})
        faces.append(face)
    distance = engine.compare(faces[0], faces[1])
    return Likeness(round(distance, 4), {f"{limit:.2f}": distance <= limit for limit in SAME_AT})


def actions_from(text: str) -> tuple[Action, ...]:
    """ "mouth,turn_left,blink" as actions. ValueError names an unknown one."""
    known: dict[str, Action] = {action: action for action in ACTIONS}
    names = [part.strip() for part in text.split(",") if part.strip()]
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ValueError(unknown)
    return tuple(known[name] for name in names)


def steps_from(events: Sequence[Event], challenge: Sequence[Action], policy: Policy) -> list[Step]:
    """When each prompt may have been seen, for a clip that does not tell: as long before its movement as the window allows."""
    earliest, latest = policy.capture.window
    steps: list[Step] = []
    after = policy.capture.baseline_seconds
    for action in challenge:
        match = next((event for event in events if event.action == action and event.peak >= after), None)
        if match is None:
            steps.append(Step(action, after))
            continue
        steps.append(Step(action, min(max(after, match.peak - latest), match.peak - earliest)))
        after = match.end
    return steps


async def _decoded(data: bytes) -> bytes:
    if len(data) > clips.MAX_CLIP_BYTES:
        raise ClipTooLarge()
    decoder = Isolated(clips.TARGET, clips.SECONDS, clips.MEMORY)
    try:
        return await decoder.call(data)
    except IsolationFailed:
        raise ClipInvalid() from None
    finally:
        await decoder.close()


def _quality(frames: Sequence[FrameMotion], policy: Policy) -> Quality:
    def middle(values: list[float]) -> float | None:
        return round(median(values), 1) if values else None

    return Quality(
        inter_eye_px=middle([frame.geometry.inter_eye_px for frame in frames if frame.geometry is not None]),
        brightness=middle([frame.brightness for frame in frames if frame.brightness is not None]),
        sharpness=middle([frame.sharpness for frame in frames if frame.sharpness is not None]),
        problems=tuple(quality_problems(frames, policy.quality)),
    )
