"""Keep a vision process running: start it, wait until it is ready, start another when it dies or has grown too large, stop it gently."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

import identity
from identity.liveness.errors import VisionUnavailable
from identity.liveness.vision_client import VisionClient

READY_POLL_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 60.0
MEMORY_CHECK_SECONDS = 3.0
DRAIN_SECONDS = 20.0
"""How long a process that has grown too large may finish what it has in hand."""
MEMORY_MB = 1500
NICENESS = 10
"""On top of the server's own. Faces wait, the other routes do not: the vision processes get what the server leaves of the processors."""
LONGEST_SOCKET_PATH = 100
"""Linux allows 107 bytes, macOS 103."""
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT")

log = structlog.get_logger("vision")


class VisionNotStarted(Exception):
    """The process ended or stayed silent during its start."""


def default_socket(data_dir: Path, name: str = "vision") -> Path:
    """`<name>.sock` in the data folder; for a path too long for a socket, one in a private temporary folder that depends on it.

    Every supervisor needs a name of its own: a second process on the same path would take it over.
    """
    wanted = data_dir.resolve() / f"{name}.sock"
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return wanted
    mark = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"zerotrip-{os.getuid()}-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid() or not stat.S_ISDIR(folder.lstat().st_mode):
        raise PermissionError("the folder for the vision socket belongs to somebody else")
    return folder / f"{name}.sock"


class VisionSupervisor:
    """Owns one vision process on `socket_path`. It inherits none of our settings, so that hostile pictures never sit beside keys.

    `engine_options` show in the list of processes. Above `memory_mb` the process gets no new work from a VisionPool, finishes what it has,
    and is replaced.
    """

    def __init__(
        self,
        socket_path: Path,
        *,
        engine: str = "dlib",
        engine_options: Mapping[str, Any] | None = None,
        workers: int = 1,
        queue: int = 8,
        start_timeout: float = 30.0,
        timeout: float = 20.0,
        memory_mb: int = MEMORY_MB,
        check_seconds: float = MEMORY_CHECK_SECONDS,
    ) -> None:
        self.client = VisionClient(socket_path, timeout=timeout)
        self.places = workers + queue
        self.restarts = 0
        self.is_draining = False
        self._command = [
            *(sys.executable, "-m", "identity.liveness.vision_process", "--socket", str(socket_path), "--with-parent"),
            *("--engine", engine, "--workers", str(workers), "--queue", str(queue)),
            *(("--engine-options", msgspec.json.encode(engine_options).decode()) if engine_options else ()),
        ]
        self._start_timeout = start_timeout
        self._memory_mb, self._check_seconds = memory_mb, check_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._watches: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the process and return once it answers. VisionNotStarted after `start_timeout` seconds or an early end."""
        self.client.socket_path.parent.mkdir(parents=True, exist_ok=True)
        await self._spawn()
        try:
            await self._until_ready()
        except BaseException:
            await self._end()
            raise
        self._watches = [
            asyncio.create_task(self._keep_alive(), name="vision-supervisor"),
            asyncio.create_task(self._keep_small(), name="vision-memory"),
        ]

    async def stop(self) -> None:
        """Let the running analysis finish for up to five seconds, then kill."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches = []
        await self._end()

    async def _spawn(self) -> None:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        places = [str(Path(identity.__path__[0]).parent), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(place for place in places if place)
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=environment
        )
        # Before the first import is through, so that every thread of it inherits it.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS))

    async def _until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self._start_timeout
        while time.monotonic() < deadline:
            if self._process.returncode is not None:
                raise VisionNotStarted(f"the vision process ended with code {self._process.returncode}")
            with contextlib.suppress(VisionUnavailable):
                if (await self.client.health()).pid == self._process.pid:
                    return
            await asyncio.sleep(READY_POLL_SECONDS)
        raise VisionNotStarted(f"the vision process was not ready after {self._start_timeout:g} seconds")

    async def _keep_alive(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            assert self._process is not None
            started = time.monotonic()
            code = await self._process.wait()
            is_planned = self.is_draining or time.monotonic() - started > STEADY_SECONDS
            pause = FIRST_PAUSE_SECONDS if is_planned else min(pause * 2, LONGEST_PAUSE_SECONDS)
            log.warning("vision_ended", exit_code=code, restart_in=pause)
            await asyncio.sleep(pause)
            try:
                await self._spawn()
                self.restarts += 1
                self.is_draining = False
            except OSError as error:
                log.error("vision_not_spawned", kind=type(error).__name__)

    async def _keep_small(self) -> None:
        while True:
            await asyncio.sleep(self._check_seconds)
            with contextlib.suppress(VisionUnavailable):
                health = await self.client.health()
                process = self._process
                if health.resident_mb <= self._memory_mb or process is None or process.pid != health.pid:
                    continue
                log.warning("vision_too_large", resident_mb=health.resident_mb, limit_mb=self._memory_mb, waiting=health.waiting)
                self.is_draining = True
                await self._until_idle()
                await self._end(process)

    async def _until_idle(self) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS
        with contextlib.suppress(VisionUnavailable):
            while (await self.client.health()).waiting:
                await asyncio.sleep(READY_POLL_SECONDS)
                if time.monotonic() > deadline:
                    return

    async def _end(self, process: asyncio.subprocess.Process | None = None) -> None:
        process = process or self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5.0)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
