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


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pixels are those of `FrameFacts`; brightness 0–255; `frozen_run`: so many frames in a row without `frozen_change` are a still."""

    version: str
    min_frames: Count
    min_inter_eye_px: Level
    min_brightness: Level
    max_brightness: Level
    min_sharpness: Level
    min_attack_score: Level
    frozen_change: Level
    frozen_run: Count
    max_crowded_frames: int
    min_match_share: Share
    engines: dict[str, EngineLimits]


def load_policy(path: Path = SHIPPED) -> Policy:
    """Read a policy file. msgspec.ValidationError names a missing, unknown or wrong field."""
    return msgspec.json.decode(path.read_bytes(), type=Policy)
