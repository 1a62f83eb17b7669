"""The vision process: the only one that loads face models. It keeps frames in memory for the time of one answer, never on disk or in a log.

`python -m identity.liveness.vision_process --socket PATH` serves one Unix socket until it is told to stop. One request a connection.
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import structlog

from core.logs import configure
from identity.liveness.engines import build_engine
from identity.liveness.facts import FrameAnalysis
from identity.liveness.measure import Abandoned, PictureRefused, analyse, engine_facts
from identity.liveness.ports import FaceEngine
from identity.liveness.vision_protocol import (
    BUSY,
    FAILED,
    MAX_FRAMES,
    PORTRAIT_REFUSED,
    PROTOCOL_BROKEN,
    Analyse,
    Answer,
    AskHealth,
    Failure,
    Health,
    MessageTooLong,
    decode_request,
    discard,
    read_length,
    write_message,
)

READ_SECONDS = 10.0
ANALYSIS_SECONDS = 60.0
RETRY_AFTER_SECONDS = 3
IDLE_CONNECTIONS = 64

log = structlog.get_logger("vision")


class VisionServer:
    """`workers` analyses run at once in threads, `queue` more may wait; beyond that the answer is BUSY."""

    def __init__(self, engine: FaceEngine, *, workers: int = 1, queue: int = 8) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="vision")
        self._running = asyncio.Semaphore(workers)
        self._reading = asyncio.Semaphore(IDLE_CONNECTIONS)
        self._places = workers + queue
        self._taken = 0
        self._analysed = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: a request, an answer. A peer that stalls or breaks off is forgotten."""
        try:
            async with self._reading:
                answer = await self._answer(reader)
            if answer is not None:
                async with asyncio.timeout(READ_SECONDS):
                    await write_message(writer, answer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            log.info("vision_peer_gone")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer | None:
        async with asyncio.timeout(READ_SECONDS):
            try:
                length = await read_length(reader)
            except MessageTooLong:
                return Failure(PROTOCOL_BROKEN)
            if length > 1024 and self._taken >= self._places:
                await discard(reader, length)
                return Failure(BUSY, retry_after_seconds=RETRY_AFTER_SECONDS)
            self._taken += 1
            try:
                body = await reader.readexactly(length)
            except BaseException:
                self._taken -= 1
                raise
        try:
            request = decode_request(body)
            del body
            return self._health() if isinstance(request, AskHealth) else await self._analysis(request, reader)
        except msgspec.MsgspecError:
            return Failure(PROTOCOL_BROKEN)
        finally:
            self._taken -= 1

    async def _analysis(self, request: Analyse, reader: asyncio.StreamReader) -> Answer | None:
        if not request.frames:
            return Failure("liveness.no_frames")
        if len(request.frames) > MAX_FRAMES:
            return Failure("liveness.too_many_frames")
        abandoned = threading.Event()
        work = asyncio.create_task(self._in_thread(request, abandoned))
        gone = asyncio.create_task(reader.read(1))
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            abandoned.set()
        gone.cancel()
        try:
            return await work
        except Abandoned:
            return None
        except PictureRefused as refused:
            return Failure(PORTRAIT_REFUSED if refused.index is None else refused.code, refused.index)
        except Exception as error:
            log.error("vision_failed", kind=type(error).__name__)
            return Failure(FAILED)

    async def _in_thread(self, request: Analyse, abandoned: threading.Event) -> FrameAnalysis:
        async with self._running:
            loop = asyncio.get_running_loop()
            job = loop.run_in_executor(
                self._threads, lambda: analyse(self._engine, request.frames, request.portrait, is_abandoned=abandoned.is_set)
            )
            try:
                async with asyncio.timeout(ANALYSIS_SECONDS):
                    result = await job
            except TimeoutError:
                # A thread cannot be stopped; the supervisor starts a fresh process.
                log.error("vision_stuck")
                os._exit(70)
        self._analysed += 1
        return result

    def _health(self) -> Health:
        return Health(os.getpid(), engine_facts(self._engine), self._taken - 1, self._analysed, resident_mb())

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)


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
    vision.close()


def _leave_with_parent() -> None:
    """The parent holds the other end of standard input; its end, however sudden, closes it."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def run_vision(socket_path: Path, *, engine: str = "dlib", workers: int = 1, queue: int = 8, with_parent: bool = False) -> None:
    """Load the engine, then serve `socket_path` until SIGTERM or SIGINT; blocks. KeyError for an unknown engine."""
    # A crash must not write the frames in memory to a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        asyncio.run(_serve(build_engine(engine), socket_path, workers, queue, with_parent))
    finally:
        socket_path.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="vision")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--engine", default="dlib")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--queue", type=int, default=8)
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input closes")
    chosen = parser.parse_args(arguments)
    configure(json_lines=not sys.stderr.isatty(), level="WARNING")
    run_vision(chosen.socket, engine=chosen.engine, workers=chosen.workers, queue=chosen.queue, with_parent=chosen.with_parent)


if __name__ == "__main__":
    main()
