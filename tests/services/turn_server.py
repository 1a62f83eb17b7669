"""A real TURN server (coturn) for one test, on the loopback, whose users prove themselves with the shared secret."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.demo.stage import free_port

START_SECONDS = 20.0
RELAY_PORTS = ("--min-port=49160", "--max-port=49200")


@contextmanager
def running(program: str, folder: Path, secret: str) -> Iterator[str]:
    """Its address, as settings take it. The program's own log is `turn.log` in the folder."""
    port = free_port()
    command = [
        program,
        "--no-cli",
        *("--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}", *RELAY_PORTS),
        *("--use-auth-secret", f"--static-auth-secret={secret}", "--realm=zerotrip.test"),
        *("--allow-loopback-peers", "--no-tls", "--no-dtls", "--fingerprint", "--no-multicast-peers"),
        *("--log-file=stdout", f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}"),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "turn.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait_until_it_listens(process, port)
        yield f"turn:127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the TURN server stopped with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the TURN server does not listen")
