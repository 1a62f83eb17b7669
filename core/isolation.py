"""Run a function over untrusted bytes in a child process that may be killed: it loops, eats memory or dies without taking us along.

    verifier = Isolated("esign.verification_process:verify_isolated", timeout_seconds=10, memory_bytes=1 << 30)
    answer = await verifier.call(payload)      # raises IsolationFailed("timeout" | "memory" | "died" | "busy" | …)
    await verifier.close()

The child is started on the first call, kept for the next ones, and replaced after it had to be killed. It is a fresh interpreter
(`python -m core.isolation`), not a fork: no database connection, key or event loop of ours is in it. One call runs at a time; a few wait
for it, and who comes when the line is full is refused at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

MAX_MESSAGE_BYTES = 128 * 1024 * 1024
_HEADER = struct.Struct(">BI")
_OK, _ERROR, _NO_MEMORY = 0, 1, 2
_START_SECONDS = 30.0
"""A cold child imports its libraries first; that is not the payload's fault and does not count against it."""


class IsolationFailed(Exception):
    """The child gave no answer. `reason`: timeout, memory, died, too_large, busy, or error:<name of the exception's class>."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Isolated:
    """A function `bytes -> bytes`, named "module:function", in a child process with limits on wall time, CPU time and memory.

    `waiting` calls at most stand in line behind the running one.
    """

    def __init__(self, target: str, timeout_seconds: float, memory_bytes: int, waiting: int = 8) -> None:
        self._target = target
        self._timeout = timeout_seconds
        self._memory = memory_bytes
        self._places = waiting + 1
        self._present = 0
        self._child: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    async def call(self, payload: bytes) -> bytes:
        """The target's answer. Raises IsolationFailed; the next call then gets a fresh child."""
        if len(payload) > MAX_MESSAGE_BYTES:
            raise IsolationFailed("too_large")
        if self._present >= self._places:
            raise IsolationFailed("busy")
        self._present += 1
        try:
            return await self._in_turn(payload)
        finally:
            self._present -= 1

    async def _in_turn(self, payload: bytes) -> bytes:
        async with self._lock:
            try:
                child = await self._running()
                async with asyncio.timeout(self._timeout):
                    status, body = await self._exchange(child, payload)
            except BaseException as error:
                # Also when our caller was cancelled: an answer left in the pipe would be taken for the next call's.
                await self._kill()
                if isinstance(error, TimeoutError):
                    raise IsolationFailed("timeout") from None
                if isinstance(error, OSError | EOFError | asyncio.IncompleteReadError):
                    raise IsolationFailed("died") from None
                raise
            if status == _OK:
                return body
            if status == _NO_MEMORY:
                await self._kill()
                raise IsolationFailed("memory")
            raise IsolationFailed(f"error:{body.decode('ascii', 'replace')}")

    async def close(self) -> None:
        """End the child. The object can be used again; a new child is then started."""
        async with self._lock:
            await self._kill()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._child is not None and self._child.returncode is None:
            return self._child
        limits = (str(self._memory), str(max(1, round(self._timeout) + 1)))
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "core.isolation",
            self._target,
            *limits,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(item or os.getcwd() for item in sys.path), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        self._child = child
        async with asyncio.timeout(_START_SECONDS):
            await self._read(child)
        return child

    async def _exchange(self, child: asyncio.subprocess.Process, payload: bytes) -> tuple[int, bytes]:
        assert child.stdin is not None
        child.stdin.write(_HEADER.pack(_OK, len(payload)))
        child.stdin.write(payload)
        await child.stdin.drain()
        return await self._read(child)

    @staticmethod
    async def _read(child: asyncio.subprocess.Process) -> tuple[int, bytes]:
        assert child.stdout is not None
        status, size = _HEADER.unpack(await child.stdout.readexactly(_HEADER.size))
        if size > MAX_MESSAGE_BYTES:
            raise EOFError
        return status, await child.stdout.readexactly(size)

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await asyncio.shield(child.wait())


def _send(out: BinaryIO, status: int, body: bytes) -> None:
    out.write(_HEADER.pack(status, len(body)))
    out.write(body)
    out.flush()


def _serve(target: Callable[[bytes], bytes], source: BinaryIO, out: BinaryIO, cpu_seconds: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    while header := source.read(_HEADER.size):
        _, size = _HEADER.unpack(header)
        payload = source.read(size)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + cpu_seconds + 1, hard))
        try:
            status, body = _OK, target(payload)
        except MemoryError:
            status, body = _NO_MEMORY, b""
        except Exception as error:  # only the class's name leaves: a message may quote the payload
            status, body = _ERROR, type(error).__name__.encode("ascii", "replace")
        del payload
        _send(out, status, body)


def main(arguments: list[str]) -> None:
    """Entry of the child: target, memory limit in bytes, CPU seconds a call."""
    target_name, memory, cpu_seconds = arguments[0], int(arguments[1]), int(arguments[2])
    source, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print of a library must not land in the answers
    module, _, function = target_name.partition(":")
    target: Callable[[bytes], bytes] = getattr(importlib.import_module(module), function)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _send(out, _OK, b"")
    _serve(target, source, out, cpu_seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
