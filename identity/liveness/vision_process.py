"""The vision process: the only one that loads face models. It keeps frames in memory for one capture, never on disk or in a log.

`python -m identity.liveness.vision_process --socket PATH` serves one Unix socket until it is told to stop. A connection is a capture.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from core.isolation import Isolated, IsolationFailed
from core.logs import configure
from identity.liveness import clips
from identity.liveness.engines import build_engine
from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.facts import FrameMotion
from identity.liveness.measure import Capture, PictureRefused, engine_facts
from identity.liveness.ports import FaceEngine
from identity.liveness.vision_protocol import (
    BUSY,
    FAILED,
    PORTRAIT_REFUSED,
    PROTOCOL_BROKEN,
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
    decode_request,
    read_message,
    write_message,
)

T = TypeVar("T")

READ_SECONDS = 10.0
"""A peer that sends nothing for so long has gone."""
WORK_SECONDS = 60.0
MAX_FRAMES = 400
MAX_CAPTURE_BYTES = 24 * 1024 * 1024
RETRY_AFTER_SECONDS = 3
IDLE_CONNECTIONS = 64
LIVE_FPS = 15.0
LIVE_SHARE = 0.7
"""Of the time of its threads, what live captures may take; the rest is for judging, and for frames that take longer."""
FIRST_GUESS_SECONDS = 0.015
"""What a frame is taken to take until some were measured."""

log = structlog.get_logger("vision")


class _Stuck(Exception):
    """One step took longer than any step may."""


class VisionServer:
    """`workers` steps run at once in threads, `workers + queue` captures may be open; who comes then is told BUSY at once."""

    def __init__(self, engine: FaceEngine, *, workers: int = 1, queue: int = 8) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="vision")
        self._connections = asyncio.Semaphore(IDLE_CONNECTIONS)
        self._decoder = Isolated(clips.TARGET, clips.SECONDS, clips.MEMORY, waiting=workers + queue)
        self._places, self._open, self._finished = workers + queue, 0, 0
        self._workers, self._frame_seconds = workers, FIRST_GUESS_SECONDS

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection. A peer that stalls or breaks off is forgotten."""
        try:
            async with self._connections:
                await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            log.info("vision_peer_gone")
        except _Stuck:
            # A thread cannot be stopped; the supervisor starts a fresh process.
            log.error("vision_stuck")
            os._exit(70)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await _read(reader)
        if isinstance(first, AskHealth):
            await _write(writer, self._health())
        elif not isinstance(first, OpenCapture):
            await _write(writer, Failure(PROTOCOL_BROKEN))
        elif self._open >= self._places:
            await _write(writer, Failure(BUSY, retry_after_seconds=RETRY_AFTER_SECONDS))
        else:
            self._open += 1
            try:
                await self._capture(first.portrait, reader, writer)
            finally:
                self._open -= 1

    async def _capture(self, portrait: bytes | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        capture = await self._answered(writer, lambda: Capture(self._engine, portrait))
        if capture is None:
            return
        await _write(writer, Opened(engine_facts(self._engine), capture.portrait_faces))
        frames = size = 0
        while (request := await _read(reader)) is not None:
            answer: Answer | None
            if isinstance(request, See) and frames < MAX_FRAMES and size + len(request.data) <= MAX_CAPTURE_BYTES:
                frames, size = frames + 1, size + len(request.data)
                t, data = request.t, request.data
                answer = await self._answered(writer, lambda t=t, data=data: self._see(capture, t, data))  # type: ignore[misc]
            elif isinstance(request, SeeClip) and not frames:
                frames = MAX_FRAMES
                answer = await self._clip(capture, request.data, writer)
            elif isinstance(request, Compare):
                places = request.places
                answer = await self._answered(writer, lambda places=places: capture.compare(places))  # type: ignore[misc]
                self._finished += 1
            else:
                await _write(writer, Failure(PROTOCOL_BROKEN))
                return
            if answer is None:
                return
            await _write(writer, answer)

    async def _clip(self, capture: Capture, data: bytes, writer: asyncio.StreamWriter) -> ClipMotion | None:
        try:
            head, raws = clips.unpack(await self._decoder.call(data))
        except clips.ClipRefused as refused:
            await _write(writer, Failure(refused.code))
            return None
        except IsolationFailed as failed:
            # Busy is ours; a decoder that loops, eats memory or dies was made to by the clip.
            answer = Failure(BUSY, retry_after_seconds=RETRY_AFTER_SECONDS) if failed.reason == "busy" else Failure("liveness.clip_invalid")
            await _write(writer, answer)
            return None

        seen: list[FrameMotion] = []
        for raw in raws:
            motion = await self._answered(writer, lambda raw=raw: capture.see_raw(raw))  # type: ignore[misc]
            if motion is None:
                return None
            seen.append(motion)
        return ClipMotion(tuple(seen), head.fps, head.seconds)

    async def _answered(self, writer: asyncio.StreamWriter, work: Callable[[], T]) -> T | None:
        """The result of `work` in a thread; None after its failure has been told to the peer."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(WORK_SECONDS):
                return await loop.run_in_executor(self._threads, work)
        except TimeoutError:
            raise _Stuck from None
        except PictureRefused as refused:
            await _write(writer, Failure(PORTRAIT_REFUSED if refused.index is None else refused.code, refused.index))
        except Exception as error:
            log.error("vision_failed", kind=type(error).__name__)
            await _write(writer, Failure(FAILED))
        return None

    def _see(self, capture: Capture, t: float, data: bytes) -> FrameMotion:
        """In a thread. What it took, without the wait for the thread, counts for how many may be followed at once."""
        begun = time.monotonic()
        try:
            return capture.see(t, data)
        finally:
            self._frame_seconds += 0.05 * (time.monotonic() - begun - self._frame_seconds)

    def _health(self) -> Health:
        live = live_places(self._workers, self._frame_seconds, self._places)
        return Health(os.getpid(), engine_facts(self._engine), self._open, self._places, self._finished, resident_mb(), live)

    async def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        await self._decoder.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None when the peer has ended the connection or speaks another language."""
    async with asyncio.timeout(READ_SECONDS):
        try:
            return decode_request(await read_message(reader))
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise
            return None
        except (MessageTooLong, msgspec.MsgspecError):
            return None


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    async with asyncio.timeout(READ_SECONDS):
        await write_message(writer, answer)


def live_places(workers: int, frame_seconds: float, places: int) -> int:
    """How many captures of 15 frames a second these threads can follow, at least one."""
    return max(1, min(places, int(LIVE_SHARE * workers / (LIVE_FPS * max(frame_seconds, 1e-4)))))


def resident_mb() -> int:
    """Memory of this process in megabytes (Linux; 0 where /proc is absent)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // (1 << 20)


async def _serve(engine: FaceEngine, socket_path: Path, workers: int, queue: int, with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    vision = VisionServer(engine, workers=workers, queue=queue)
    # Frames of faces pass here: the socket belongs to this account alone from its first moment.
    previous = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(vision.handle, str(socket_path), limit=1 << 20)
    finally:
        os.umask(previous)
    if with_parent:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    log.info("vision_ready", engine=engine.name, version=engine.version, model_sha256=engine.model_sha256, workers=workers)
    await stop.wait()
    server.close()
    await vision.close()


def _leave_with_parent() -> None:
    """The parent holds the other end of standard input; its end, however sudden, closes it."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def run_vision(
    socket_path: Path,
    *,
    engine: str = "dlib",
    engine_options: Mapping[str, Any] | None = None,
    workers: int = 1,
    queue: int = 8,
    with_parent: bool = False,
) -> None:
    """Load the engine, then serve `socket_path` until SIGTERM or SIGINT; blocks. KeyError for an unknown engine, EngineUnusable."""
    # A crash must not write the frames in memory to a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        asyncio.run(_serve(build_engine(engine, engine_options), socket_path, workers, queue, with_parent))
    finally:
        socket_path.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="vision")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--engine", default="dlib")
    parser.add_argument("--engine-options", type=msgspec.json.decode, default={}, help="JSON object of the engine's own options")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--queue", type=int, default=8)
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input closes")
    chosen = parser.parse_args(arguments)
    configure(json_lines=not sys.stderr.isatty(), level="WARNING")
    try:
        run_vision(
            chosen.socket,
            engine=chosen.engine,
            engine_options=chosen.engine_options,
            workers=chosen.workers,
            queue=chosen.queue,
            with_parent=chosen.with_parent,
        )
    except EngineUnusable as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
