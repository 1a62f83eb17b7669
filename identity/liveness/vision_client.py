"""Ask the vision process. Every trouble has a name; no answer is ever taken for a verdict."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from identity.liveness.errors import FRAME_ERRORS, FrameTooLarge, NoFrames, PortraitUnusable, TooManyFrames, VisionBusy, VisionUnavailable
from identity.liveness.facts import FrameAnalysis
from identity.liveness.vision_protocol import (
    BUSY,
    MAX_FRAMES,
    PORTRAIT_REFUSED,
    Analyse,
    Answer,
    AskHealth,
    Failure,
    Health,
    MessageTooLong,
    Request,
    decode_answer,
    read_message,
    write_message,
)

MAX_PICTURE_BYTES = 2 * 1024 * 1024
HEALTH_SECONDS = 2.0


class VisionClient:
    """`timeout`: seconds for one analysis, the wait in the queue included."""

    def __init__(self, socket_path: Path, *, timeout: float = 20.0) -> None:
        self.socket_path = socket_path
        self._timeout = timeout

    async def analyse(self, frames: Sequence[bytes], portrait: bytes | None) -> FrameAnalysis:
        """Measure up to 12 JPEG or PNG frames of up to 2 MB against a portrait (`rules.decide` judges the result).

        NoFrames, TooManyFrames, FrameTooLarge, FrameTypeUnsupported, FrameInvalid, FrameTooManyPixels, FrameTooSmall (with
        `fields={"frames[2]": …}`), PortraitUnusable, VisionBusy, VisionUnavailable.
        """
        if not frames:
            raise NoFrames()
        if len(frames) > MAX_FRAMES:
            raise TooManyFrames()
        for index, frame in enumerate(frames):
            if len(frame) > MAX_PICTURE_BYTES:
                raise FrameTooLarge(fields={f"frames[{index}]": FrameTooLarge.message})
        if portrait is not None and len(portrait) > MAX_PICTURE_BYTES:
            raise PortraitUnusable()
        answer = await self._ask(Analyse(tuple(frames), portrait), self._timeout)
        if isinstance(answer, FrameAnalysis) and len(answer.frames) == len(frames):
            return answer
        raise VisionUnavailable()

    async def health(self) -> Health:
        """VisionUnavailable if the process does not answer within two seconds."""
        answer = await self._ask(AskHealth(), HEALTH_SECONDS)
        if isinstance(answer, Health):
            return answer
        raise VisionUnavailable()

    async def _ask(self, request: Request, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                answer = await self._exchange(request)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, MessageTooLong, msgspec.MsgspecError):
            raise VisionUnavailable() from None
        if isinstance(answer, Failure):
            raise _as_error(answer)
        return answer

    async def _exchange(self, request: Request) -> Answer:
        reader, writer = await asyncio.open_unix_connection(str(self.socket_path))
        try:
            # A busy process may answer before it has read everything.
            with contextlib.suppress(ConnectionError):
                await write_message(writer, request)
            return decode_answer(await read_message(reader))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def _as_error(failure: Failure) -> Exception:
    if failure.code == BUSY:
        return VisionBusy(failure.retry_after_seconds)
    if failure.code == PORTRAIT_REFUSED:
        return PortraitUnusable()
    error = FRAME_ERRORS.get(failure.code)
    if error is None:
        return VisionUnavailable()
    return error(fields={} if failure.index is None else {f"frames[{failure.index}]": error.message})
