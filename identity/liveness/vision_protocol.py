"""What travels over the vision process's Unix socket: messages of a 4-byte length and a msgpack body, each with one answer.

A connection is one capture: `OpenCapture`, then frames (or one clip), then `Compare`. Its end, however sudden, ends the capture.
`AskHealth` comes alone on a connection.
"""

from __future__ import annotations

import asyncio
import struct

import msgspec

from identity.liveness.facts import Comparison, EngineFacts, FrameMotion

MAX_MESSAGE_BYTES = 28 * 1024 * 1024
"""A clip of 16 MB, or a picture of 2 MB, and much room."""
PROTOCOL_BROKEN = "liveness.vision_protocol"
FAILED = "liveness.vision_failed"
BUSY = "liveness.vision_busy"
PORTRAIT_REFUSED = "liveness.portrait_unusable"
_LENGTH = struct.Struct("!I")


class OpenCapture(msgspec.Struct, frozen=True, tag="open"):
    """Begin a capture; faces will be compared with `portrait` (JPEG or PNG), if there is one."""

    portrait: bytes | None


class See(msgspec.Struct, frozen=True, tag="see"):
    """One frame (JPEG or PNG) taken `t` seconds after the first."""

    t: float
    data: bytes


class SeeClip(msgspec.Struct, frozen=True, tag="see_clip"):
    """A whole clip (MP4 or WebM)."""

    data: bytes


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    """Compare the frames at these places; the capture is complete."""

    places: tuple[int, ...]


class AskHealth(msgspec.Struct, frozen=True, tag="health"):
    pass


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    engine: EngineFacts
    portrait_faces: int | None


class ClipMotion(msgspec.Struct, frozen=True, tag="clip_motion"):
    """`fps` and `seconds` as recorded; faster clips are thinned out to 16 frames a second."""

    frames: tuple[FrameMotion, ...]
    fps: float
    seconds: float


class Health(msgspec.Struct, frozen=True, tag="healthy"):
    """`waiting` counts the captures under way of `places`, `analysed` those that were finished since the start.

    `live_places`: how many live captures can be followed at once, by what a frame has taken of late.
    """

    pid: int
    engine: EngineFacts
    waiting: int
    places: int
    analysed: int
    resident_mb: int
    live_places: int = 1


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """`index` is the place of a refused frame."""

    code: str
    index: int | None = None
    retry_after_seconds: int = 0


Request = OpenCapture | See | SeeClip | Compare | AskHealth
Answer = Opened | FrameMotion | ClipMotion | Comparison | Health | Failure

_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class MessageTooLong(Exception):
    pass


def decode_request(body: bytes) -> Request:
    """msgspec.MsgspecError for anything else."""
    return _requests.decode(body)


def decode_answer(body: bytes) -> Answer:
    """msgspec.MsgspecError for anything else."""
    return _answers.decode(body)


async def read_message(reader: asyncio.StreamReader, limit: int = MAX_MESSAGE_BYTES) -> bytes:
    """asyncio.IncompleteReadError if the peer has gone, MessageTooLong above `limit`."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > limit:
        raise MessageTooLong
    return await reader.readexactly(int(length))


async def write_message(writer: asyncio.StreamWriter, message: Request | Answer) -> None:
    body = msgspec.msgpack.encode(message)
    writer.write(_LENGTH.pack(len(body)))
    writer.write(body)
    await writer.drain()
