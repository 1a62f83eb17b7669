"""Decode a video clip into frames, in a process that may be killed: `core.isolation` runs `decode_isolated` there.

Only containers and codecs that phones and browsers write are opened, by name, so that no other parser of the library sees hostile bytes.
Frames come out upright (display matrix), at most 640 pixels long, at most 16 in a second, with the times the container gives them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from identity.liveness.errors import CLIP_ERRORS

MAX_CLIP_BYTES = 16 * 1024 * 1024
MAX_SECONDS = 18.0
MAX_SIDE = 4096
MIN_SIDE = 80
WORKING_SIDE = 640
FPS = 16.0
"""Faster films are thinned out: nothing that is asked for is quicker than a blink, which 15 frames a second show."""
SECONDS, MEMORY = 20.0, 1536 * 1024 * 1024
TARGET = "identity.liveness.clips:decode_isolated"
_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mjpeg"})
_QUARTER = 90


class ClipRefused(Exception):
    """`code` is one of `CLIP_ERRORS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class RawFrame:
    """Planar 4:2:0: `i420` holds height × width luma values, then both chroma planes of half that size each."""

    t: float
    width: int
    height: int
    i420: bytes

    @property
    def light(self) -> NDArray[np.uint8]:
        """The gray values, height × width."""
        return np.frombuffer(self.i420, np.uint8, self.width * self.height).reshape(self.height, self.width)


class ClipHead(msgspec.Struct, frozen=True):
    """What was read of the whole clip. `fps` and `seconds` as recorded, before thinning out; `cpu_ms`: processor time of decoding."""

    code: str | None
    fps: float = 0.0
    seconds: float = 0.0
    codec: str = ""
    cpu_ms: int = 0


class _Place(msgspec.Struct, frozen=True, array_like=True):
    t: float
    width: int
    height: int
    size: int


def container_of(data: bytes) -> str | None:
    """The container's name by its first bytes; a name or a declared type proves nothing."""
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return None


def decode_isolated(data: bytes) -> bytes:
    """Entry in the child: a msgpack head and places, then the frames' planes one after the other."""
    started = time.process_time()
    frames: list[RawFrame] = []
    try:
        head = _decode(data, frames)
        head = msgspec.structs.replace(head, cpu_ms=round((time.process_time() - started) * 1000))
    except ClipRefused as refused:
        head, frames = ClipHead(refused.code), []
    places = [_Place(frame.t, frame.width, frame.height, len(frame.i420)) for frame in frames]
    index = msgspec.msgpack.encode((head, places))
    return b"".join([len(index).to_bytes(4, "big"), index, *(frame.i420 for frame in frames)])


def unpack(answer: bytes) -> tuple[ClipHead, Iterator[RawFrame]]:
    """Read what `decode_isolated` answered. ClipRefused with the child's reason."""
    size = int.from_bytes(answer[:4], "big")
    head, places = msgspec.msgpack.decode(answer[4 : 4 + size], type=tuple[ClipHead, list[_Place]])
    if head.code is not None:
        raise ClipRefused(head.code if head.code in CLIP_ERRORS else "liveness.clip_invalid")

    def frames() -> Iterator[RawFrame]:
        start = 4 + size
        for place in places:
            yield RawFrame(place.t, place.width, place.height, answer[start : start + place.size])
            start += place.size

    return head, frames()


def _decode(data: bytes, frames: list[RawFrame]) -> ClipHead:
    import av

    container = container_of(data)
    if not data or container is None:
        raise ClipRefused("liveness.clip_invalid" if not data else "liveness.clip_type_unsupported")
    try:
        with av.open(BytesIO(data), format=container, metadata_errors="ignore") as opened:
            return _read(opened, frames)
    except (ClipRefused, MemoryError):
        raise
    except Exception:
        # A parser of hostile bytes may raise anything; its text could quote them.
        raise ClipRefused("liveness.clip_invalid") from None


def _read(opened: Any, frames: list[RawFrame]) -> ClipHead:
    if not opened.streams.video:
        raise ClipRefused("liveness.clip_no_video" if opened.streams.audio else "liveness.clip_invalid")
    stream = opened.streams.video[0]
    context = stream.codec_context
    if context.name not in _CODECS:
        raise ClipRefused("liveness.clip_type_unsupported")
    _check_size(context.width, context.height)
    if opened.duration is not None and opened.duration / 1e6 > MAX_SECONDS:
        raise ClipRefused("liveness.clip_too_long")
    context.thread_count = 1
    count, first, last, due = 0, None, 0.0, 0.0
    for frame in opened.decode(stream):
        if frame.pts is None:
            raise ClipRefused("liveness.clip_invalid")
        at = float(frame.pts * stream.time_base)
        first = at if first is None else first
        t = at - first
        if count and t <= last:
            raise ClipRefused("liveness.clip_out_of_order")
        if t > MAX_SECONDS:
            raise ClipRefused("liveness.clip_too_long")
        count, last = count + 1, t
        if t < due - 1e-3:
            continue
        due = max(due + 1 / FPS, t)
        frames.append(_planes(frame, t))
    if count < 2:
        raise ClipRefused("liveness.clip_too_short")
    return ClipHead(None, round((count - 1) / last, 2), round(last, 3), context.name)


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise ClipRefused("liveness.clip_too_many_pixels")
    if min(width, height) < MIN_SIDE:
        raise ClipRefused("liveness.clip_too_small")


def _planes(frame: Any, t: float) -> RawFrame:
    _check_size(frame.width, frame.height)
    factor = min(1.0, WORKING_SIDE / max(frame.width, frame.height))
    width, height = (max(2, round(side * factor / 2) * 2) for side in (frame.width, frame.height))
    planes = frame.reformat(width, height, "yuv420p").to_ndarray()
    turns = round(frame.rotation / _QUARTER) % 4
    if not turns:
        return RawFrame(t, width, height, planes.tobytes())
    luma = planes[:height]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    turned = [np.rot90(luma, turns), *(np.rot90(plane, turns) for plane in chroma)]
    if turns % 2:
        width, height = height, width
    return RawFrame(t, width, height, b"".join(np.ascontiguousarray(plane).tobytes() for plane in turned))
