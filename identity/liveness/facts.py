"""What the vision process reports about a set of frames: measurements only, no picture and no embedding."""

from __future__ import annotations

import msgspec


class Capabilities(msgspec.Struct, frozen=True):
    """What an engine may be trusted with.

    `calibrated`: its error rates are known for the people it will meet, so that its verdict may accept somebody in production.
    `detects_attacks`: it has a presentation-attack detector. `licence` and `population`: the models' terms, and whom they were measured on.
    """

    calibrated: bool
    detects_attacks: bool
    licence: str
    population: str


class EngineFacts(msgspec.Struct, frozen=True):
    """Which engine measured: `model_sha256` is over all its model files, in the order the engine names them."""

    name: str
    version: str
    model_sha256: str
    capabilities: Capabilities


class FrameFacts(msgspec.Struct, frozen=True):
    """One frame. The measures are None unless exactly one face was found.

    `inter_eye_px`: distance of the eye centres in the frame scaled down to 640 pixels on its longer side (never scaled up).
    `brightness`: mean gray of the face, 0–255. `sharpness`: variance of the Laplacian of the face at 128×128.
    `attack_score`: 0 (an attack) to 1 (alive), None where the engine has no detector.
    `to_portrait`, `to_frames`: engine distance to the portrait, and to each frame of the set (None for one without exactly one face).
    `change`: mean absolute gray difference (0–255) from the frame before, at 32×24; None for the first.
    """

    faces: int
    change: float | None = None
    inter_eye_px: float | None = None
    brightness: float | None = None
    sharpness: float | None = None
    attack_score: float | None = None
    to_portrait: float | None = None
    to_frames: tuple[float | None, ...] = ()


class FrameAnalysis(msgspec.Struct, frozen=True, tag="analysis"):
    """The answer to one request. `portrait_faces` is None when no portrait was sent."""

    frames: tuple[FrameFacts, ...]
    portrait_faces: int | None
    engine: EngineFacts
    cpu_ms: int
