"""Keep a vision process running: start it, wait until it is ready, start another when it dies, stop it gently."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import time
from pathlib import Path

import structlog

import identity
from identity.liveness.errors import VisionUnavailable
from identity.liveness.vision_client import VisionClient

READY_POLL_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 60.0
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
    """Owns one vision process on `socket_path`. It inherits none of our settings, so that hostile pictures never sit beside keys."""

    def __init__(
        self,
        socket_path: Path,
        *,
        engine: str = "dlib",
        workers: int = 1,
        queue: int = 8,
        start_timeout: float = 30.0,
        timeout: float = 20.0,
    ) -> None:
        self.client = VisionClient(socket_path, timeout=timeout)
        self.restarts = 0
        self._command = [
            *(sys.executable, "-m", "identity.liveness.vision_process", "--socket", str(socket_path), "--with-parent"),
            *("--engine", engine, "--workers", str(workers), "--queue", str(queue)),
        ]
        self._start_timeout = start_timeout
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

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
        self._watch = asyncio.create_task(self._keep_alive(), name="vision-supervisor")

    async def stop(self) -> None:
        """Let the running analysis finish for up to five seconds, then kill."""
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self._end()

    async def _spawn(self) -> None:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        places = [str(Path(identity.__path__[0]).parent), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(place for place in places if place)
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=environment
        )

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
            pause = FIRST_PAUSE_SECONDS if time.monotonic() - started > STEADY_SECONDS else min(pause * 2, LONGEST_PAUSE_SECONDS)
            log.warning("vision_ended", exit_code=code, restart_in=pause)
            await asyncio.sleep(pause)
            try:
                await self._spawn()
                self.restarts += 1
            except OSError as error:
                log.error("vision_not_spawned", kind=type(error).__name__)

    async def _end(self) -> None:
        process = self._process
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
