"""A face in numbers: the course of a capture without a picture, for tests of rules and conversations.

The nose of a living head moves against the plane of eyes and mouth as it turns; that of a `flat` one does not.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from identity.liveness.facts import Capabilities, Comparison, EngineFacts, FrameMotion
from identity.liveness.geometry import Geometry
from identity.liveness.vision_protocol import ClipMotion
from sandbox.faces.acting import Act, Moment, moments

_SHOWS = b"shows:"
UNCALIBRATED = EngineFacts("dlib", "20.0.1", "ab" * 32, Capabilities(False, False, "licence", "population"))
CALIBRATED = msgspec.structs.replace(UNCALIBRATED, capabilities=Capabilities(True, False, "licence", "population"))


class Shown(msgspec.Struct):
    """What one made-up frame shows; `salt` makes its bytes unique, `traces` are told at the end of the capture."""

    yaw: float = 0.0
    pitch: float = 0.0
    mouth: float = 0.0
    blink: float = 0.0
    is_flat: bool = False
    faces: int = 1
    light: float = 130.0
    px: float = 85.0
    salt: str = ""


def geometry(shown: Shown) -> Geometry:
    lift = 0.0 if shown.is_flat else 1.0
    eyes = 0.32 * (1 - shown.blink)
    return Geometry(
        eye_left=eyes,
        eye_right=eyes,
        mouth=0.1 + 0.7 * shown.mouth,
        yaw=shown.yaw,
        pitch=shown.pitch,
        roll=0.0,
        nose_x=lift * 0.4 * math.tan(math.radians(shown.yaw)),
        nose_y=0.5 + lift * 0.38 * math.tan(math.radians(shown.pitch)),
        inter_eye_px=shown.px,
        x=320.0,
        y=240.0,
    )


def motion(t: float, shown: Shown, data: bytes | None = None) -> FrameMotion:
    digest = hashlib.sha256(data or secrets.token_bytes(8)).hexdigest()
    if shown.faces != 1:
        return FrameMotion(t, digest, shown.faces, change=1.0)
    return FrameMotion(t, digest, 1, geometry(shown), 1.0, shown.light, 150.0)


def shown(at: Moment, **more: Any) -> Shown:
    return Shown(yaw=float(at.yaw), pitch=float(at.pitch), mouth=float(at.mouth), blink=float(at.blink), **more)


def course(acts: Sequence[Act], seconds: float, *, fps: float = 15.0, seed: int = 1, **more: Any) -> list[FrameMotion]:
    """The frames of somebody who does `acts`."""
    return [motion(number / fps, shown(at, **more)) for number, at in enumerate(moments(acts, seconds, fps, seed))]


def encoded(frame: Shown, picture: bytes = b"\xff\xd8\xff") -> bytes:
    """A made-up frame as bytes that `MovingCapture` reads, behind `picture`; never the same twice."""
    return picture + _SHOWS + msgspec.json.encode(msgspec.structs.replace(frame, salt=secrets.token_hex(8)))


class MovingCapture:
    """Stands in for a capture in the vision process. `distance` to the portrait, None without one; `light` of a room other than shown."""

    def __init__(self, distance: float | None, *, is_calibrated: bool = True, light: float | None = None) -> None:
        self._light = light
        self.engine = CALIBRATED if is_calibrated else UNCALIBRATED
        self.portrait_faces = None if distance is None else 1
        self._distance = distance
        self._seen: list[FrameMotion] = []

    async def see(self, t: float, data: bytes) -> FrameMotion:
        shows = msgspec.json.decode(data.rpartition(_SHOWS)[2], type=Shown)
        self._seen.append(motion(t, shows if self._light is None else msgspec.structs.replace(shows, light=self._light), data))
        return self._seen[-1]

    async def see_clip(self, data: bytes) -> ClipMotion:
        """`data`: an MP4's first bytes, then frames as a JSON list."""
        films = msgspec.json.decode(data[12:], type=list[Shown])
        self._seen = [motion(number / 15, frame, data + bytes([number % 256])) for number, frame in enumerate(films)]
        return ClipMotion(tuple(self._seen), 15.0, len(films) / 15)

    async def compare(self, places: Sequence[int]) -> Comparison:
        """Traces tell the course of the head: the same film has the same ones."""
        traces = tuple(
            hashlib.sha256(f"{frame.geometry.yaw:.6f} {frame.geometry.pitch:.6f}".encode()).hexdigest()[:16]
            for frame in self._seen
            if frame.geometry is not None
        )
        return Comparison(
            compared=tuple(places),
            to_portrait=tuple(self._distance for _ in places),
            to_others=tuple(tuple(0.1 for _ in places) for _ in places),
            attack_scores=tuple(None for _ in places),
            loops=(),
            traces=traces,
            cpu_ms=5,
        )


def clip(frames: Sequence[Shown]) -> bytes:
    return b"\x00\x00\x00\x18ftypmp42" + msgspec.json.encode([msgspec.structs.replace(one, salt=secrets.token_hex(4)) for one in frames])
