"""The thresholds of a decision: one versioned data file. Any change of a number is a new version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

SHIPPED = Path(__file__).parent / "policy.json"

Count = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Level = Annotated[float, msgspec.Meta(ge=0)]


class EngineLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Distances of one engine: up to `match` a frame shows the person on the portrait, up to `continuity` two frames show one person."""

    match: Level
    continuity: Level


class MotionLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts as which movement. Seconds, degrees, aspect ratios; `*_planar`: least change of the planar invariant.

    Below `min_inter_eye_px` the points jitter by as much as a face moves, and nothing is called a movement.
    """

    min_inter_eye_px: Level
    blink_closed: Share
    blink_open: Share
    blink_seconds: tuple[Level, Level]
    blink_pitch: Level
    steady_mouth: Level
    mouth_open: Level
    mouth_rise: Level
    mouth_seconds: tuple[Level, Level]
    nod_degrees: Level
    nod_seconds: Level
    nod_planar: Level
    nod_yaw_share: Level
    turn_degrees: Level
    turn_seconds: Level
    turn_planar: Level
    turn_pitch_share: Level


class CapturePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a capture must be. `window`: seconds after a prompt in which its movement peaks. `jitter`: random pause before a prompt.

    `frozen_change`: mean gray difference (0–255) at 32×24 that two frames of a real camera exceed. `jump_*`: how far a face moves from
    frame to frame at most, in eye distances and as a factor of its size.
    `replayed_share`: of an earlier capture's traces, to be it again.
    """

    baseline_seconds: Level
    baseline_degrees: Level
    window: tuple[Level, Level]
    jitter: tuple[Level, Level]
    min_fps: Level
    max_seconds: Level
    max_bytes: Count
    max_gap_seconds: Level
    max_lost_seconds: Level
    max_crowded_frames: int
    max_drift_seconds: Level
    frozen_change: Level
    frozen_seconds: Level
    jump_eye_distances: Level
    jump_growth: Level
    replayed_share: Share
    steps: Count


class QualityLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pixels between the eyes at a frame width of 640, mean gray of the face 0–255, Laplacian variance at 128×128; medians of a capture."""

    min_inter_eye_px: Level
    min_brightness: Level
    max_brightness: Level
    min_sharpness: Level


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`min_matched` of `compared` frames must show the person on the portrait. `min_attack_score`: of an engine that detects attacks."""

    version: str
    compared: Count
    min_matched: Count
    min_attack_score: Level
    quality: QualityLimits
    capture: CapturePolicy
    motion: MotionLimits
    engines: dict[str, EngineLimits]


def load_policy(path: Path = SHIPPED) -> Policy:
    """Read a policy file. msgspec.ValidationError names a missing, unknown or wrong field."""
    return msgspec.json.decode(path.read_bytes(), type=Policy)
