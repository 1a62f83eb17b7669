"""Ask the vision process. Every trouble has a name; no answer is ever taken for a verdict."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from identity.liveness.errors import (
    CLIP_ERRORS,
    FRAME_ERRORS,
    FrameTooLarge,
    PortraitUnusable,
    VisionBusy,
    VisionUnavailable,
)
from identity.liveness.facts import Comparison, EngineFacts, FrameMotion
from identity.liveness.pictures import MAX_BYTES
from identity.liveness.vision_protocol import (
    BUSY,
    PORTRAIT_REFUSED,
    Answer,
    AskHealth,
    ClipMotion,
    Compare,
    Failure,
    Health,
    MessageTooLong,
    OpenCapture,
    Opened,
    Request,
    See,
    SeeClip,
    decode_answer,
    read_message,
    write_message,
)

A = TypeVar("A")
HEALTH_SECONDS = 2.0


class OpenedCapture:
    """One capture in the vision process; made by `VisionClient.capture`."""

    def __init__(self, client: VisionClient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, opened: Opened) -> None:
        self._client, self._reader, self._writer = client, reader, writer
        self.engine: EngineFacts = opened.engine
        self.portrait_faces: int | None = opened.portrait_faces

    async def see(self, t: float, data: bytes) -> FrameMotion:
        """Measure one frame. The errors of frames (`FRAME_ERRORS`), VisionUnavailable."""
        if len(data) > MAX_BYTES:
            raise FrameTooLarge()
        return await self._ask(See(t, data), FrameMotion)

    async def see_clip(self, data: bytes) -> ClipMotion:
        """Measure a clip. The errors of clips (`CLIP_ERRORS`), VisionBusy, VisionUnavailable."""
        return await self._ask(SeeClip(data), ClipMotion)

    async def compare(self, places: Sequence[int]) -> Comparison:
        return await self._ask(Compare(tuple(places)), Comparison)

    async def _ask(self, request: Request, kind: type[A]) -> A:
        answer = await self._client.exchange(self._reader, self._writer, request)
        if not isinstance(answer, kind):
            raise VisionUnavailable()
        return answer


class VisionClient:
    """`timeout`: seconds for one answer, the wait in the queue included."""

    def __init__(self, socket_path: Path, *, timeout: float = 20.0) -> None:
        self.socket_path = socket_path
        self._timeout = timeout

    async def ensure_live_place(self) -> None:
        """VisionBusy when one capture more could not be followed as it is filmed; VisionUnavailable."""
        health = await self.health()
        if health.waiting >= min(health.places, health.live_places):
            raise VisionBusy()

    @asynccontextmanager
    async def capture(self, portrait: bytes | None, *, is_live: bool = False) -> AsyncIterator[OpenedCapture]:
        """Begin a capture. VisionBusy when no place is free, PortraitUnusable, VisionUnavailable. `is_live` matters to a pool only."""
        if portrait is not None and len(portrait) > MAX_BYTES:
            raise PortraitUnusable()
        async with self._connected() as (reader, writer):
            opened = await self.exchange(reader, writer, OpenCapture(portrait))
            if not isinstance(opened, Opened):
                raise VisionUnavailable()
            yield OpenedCapture(self, reader, writer, opened)

    async def health(self) -> Health:
        """VisionUnavailable if the process does not answer within two seconds."""
        async with self._connected() as (reader, writer):
            answer = await self.exchange(reader, writer, AskHealth(), HEALTH_SECONDS)
        if isinstance(answer, Health):
            return answer
        raise VisionUnavailable()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                reader, writer = await asyncio.open_unix_connection(str(self.socket_path))
        except (OSError, TimeoutError):
            raise VisionUnavailable() from None
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request, seconds: float | None = None
    ) -> Answer:
        """One request and its answer; a failure becomes the error it names."""
        try:
            async with asyncio.timeout(seconds or self._timeout):
                # A busy process may answer before it has read everything.
                with contextlib.suppress(ConnectionError):
                    await write_message(writer, request)
                answer = decode_answer(await read_message(reader))
        except (OSError, TimeoutError, asyncio.IncompleteReadError, MessageTooLong, msgspec.MsgspecError):
            raise VisionUnavailable() from None
        if isinstance(answer, Failure):
            raise _as_error(answer)
        return answer


def _as_error(failure: Failure) -> Exception:
    if failure.code == BUSY:
        return VisionBusy(failure.retry_after_seconds)
    if failure.code == PORTRAIT_REFUSED:
        return PortraitUnusable()
    error = FRAME_ERRORS.get(failure.code) or CLIP_ERRORS.get(failure.code)
    if error is None:
        return VisionUnavailable()
    return error(fields={} if failure.index is None else {f"frames[{failure.index}]": error.message})
