"""What the vision process reports about a capture: measurements only, no picture and no embedding."""

from __future__ import annotations

import msgspec

from identity.liveness.geometry import Geometry


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


class FrameMotion(msgspec.Struct, frozen=True, tag="motion"):
    """One frame of a capture, as it is reported while the capture runs.

    `t`: seconds of the capture. `faces`: how many, None where the face was followed and not looked for anew. `geometry`: None unless one
    face was seen. `brightness`: mean gray of the face, `sharpness`: variance of the Laplacian of the face at 128×128, both only with
    `faces`. `change`: mean gray difference from the frame before at 32×24, None for the first. `sha256` of the frame's bytes.
    """

    t: float
    sha256: str
    faces: int | None
    geometry: Geometry | None = None
    change: float | None = None
    brightness: float | None = None
    sharpness: float | None = None


class Loop(msgspec.Struct, frozen=True):
    """Frames from `start` to `end` (seconds) repeat those `lag` seconds earlier, although something moved in between."""

    start: float
    end: float
    lag: float


class Comparison(msgspec.Struct, frozen=True, tag="comparison"):
    """What is measured once a capture is complete. Every list goes with `compared`, the places of the frames that were asked for.

    `to_portrait`: engine distance to the portrait, None without a portrait of exactly one face. `to_others`: distances to the other
    compared frames. `attack_scores`: 0 (an attack) to 1 (alive), None where the engine has no detector. `traces`: 64-bit hashes of what
    moved (`motion.traces`), hexadecimal. `cpu_ms`: processor time of the whole capture.
    """

    compared: tuple[int, ...]
    to_portrait: tuple[float | None, ...]
    to_others: tuple[tuple[float, ...], ...]
    attack_scores: tuple[float | None, ...]
    loops: tuple[Loop, ...]
    traces: tuple[str, ...]
    cpu_ms: int


class CaptureFacts(msgspec.Struct, frozen=True):
    """All that is known of a finished capture. `portrait_faces` is None when there was no portrait."""

    frames: tuple[FrameMotion, ...]
    comparison: Comparison
    portrait_faces: int | None
    engine: EngineFacts
