"""What travels over the vision process's Unix socket: one request and one answer, each a 4-byte length and a msgpack body."""

from __future__ import annotations

import asyncio
import struct

import msgspec

from identity.liveness.facts import EngineFacts, FrameAnalysis

MAX_FRAMES = 12
MAX_MESSAGE_BYTES = 28 * 1024 * 1024
"""Twelve frames and a portrait of 2 MB each, and some room."""
PROTOCOL_BROKEN = "liveness.vision_protocol"
FAILED = "liveness.vision_failed"
BUSY = "liveness.vision_busy"
PORTRAIT_REFUSED = "liveness.portrait_unusable"
_LENGTH = struct.Struct("!I")


class Analyse(msgspec.Struct, frozen=True, tag="analyse"):
    frames: tuple[bytes, ...]
    portrait: bytes | None


class AskHealth(msgspec.Struct, frozen=True, tag="health"):
    pass


class Health(msgspec.Struct, frozen=True, tag="healthy"):
    """`waiting` counts the analyses in hand and in the queue, `analysed` those answered since the start."""

    pid: int
    engine: EngineFacts
    waiting: int
    analysed: int
    resident_mb: int


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """`index` is the place of a refused frame."""

    code: str
    index: int | None = None
    retry_after_seconds: int = 0


Request = Analyse | AskHealth
Answer = FrameAnalysis | Health | Failure

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


async def read_length(reader: asyncio.StreamReader, limit: int = MAX_MESSAGE_BYTES) -> int:
    """asyncio.IncompleteReadError if the peer has gone, MessageTooLong above `limit`."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > limit:
        raise MessageTooLong
    return int(length)


async def read_message(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(await read_length(reader))


async def discard(reader: asyncio.StreamReader, length: int) -> None:
    """Read and forget `length` bytes, so that the peer gets to the answer, without keeping them."""
    while length > 0:
        part = await reader.read(min(length, 1 << 16))
        if not part:
            return
        length -= len(part)


async def write_message(writer: asyncio.StreamWriter, message: Request | Answer) -> None:
    body = msgspec.msgpack.encode(message)
    writer.write(_LENGTH.pack(len(body)))
    writer.write(body)
    await writer.drain()
