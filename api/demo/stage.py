"""A private server for the demo: own data folder, own database, own Redis prefix, own sandbox; all gone at the end."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pyotp

from api.development.service import ACCOUNTS_FILE
from core.http.client import tls

START_SECONDS = 60.0


class StageFailed(RuntimeError):
    """A process did not come up; the text names its log's last lines."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """Processes of one play. `command` starts the server; tests put a crashing one in its place."""

    def __init__(self, environ: Mapping[str, str], *, command: tuple[str, ...] = (sys.executable, "-m", "api")) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="zerotrip-demo-")
        self.folder = Path(self._folder.name)
        self.port, self.sandbox_port = free_port(), free_port()
        self.base_url, self.sandbox_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.sandbox_port}"
        self._command = command
        self._database = environ.get("ZT_DATABASE_URL", "")
        self._redis = environ.get("ZT_REDIS_URL", "")
        self._own_database = ""
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self.env = {name: value for name, value in environ.items() if not name.startswith("ZT_")} | {
            "ZT_DATA_DIR": str(self.folder / "data"),
            "ZT_PORT": str(self.port),
            "ZT_WECHAT_BASE_URL": self.sandbox_url,
            "ZT_EXPRESS_EMS_BASE_URL": self.sandbox_url,
            "ZT_IDENTITY_PORTRAIT_BASE_URL": self.sandbox_url,
            "ZT_SANDBOX_CALLBACK_URL": self.base_url,
            "ZT_SANDBOX_STATE_PATH": str(self.folder / "sandbox.json"),
        }
        if "ZT_OUTBOX_LEASE_SECONDS" in environ:
            self.env["ZT_OUTBOX_LEASE_SECONDS"] = environ["ZT_OUTBOX_LEASE_SECONDS"]

    @property
    def is_postgres(self) -> bool:
        return bool(self._database) and not self._database.startswith("sqlite")

    @property
    def database_url(self) -> str:
        return self._own_database or f"sqlite://{self.folder}/data/zerotrip.sqlite3"

    @property
    def describes(self) -> str:
        return ("PostgreSQL" if self.is_postgres else "SQLite（内嵌）") + (" + Redis" if self._redis else "")

    async def open(self) -> None:
        """Database, seed data, sandbox, server (and a separate worker on PostgreSQL). Raises StageFailed."""
        if self.is_postgres:
            await self._create_database()
        if self._redis:
            self.env |= {"ZT_REDIS_URL": self._redis, "ZT_REDIS_PREFIX": f"zt-demo-{secrets.token_hex(4)}:"}
        # Comes up beside the others.
        await self._start("sandbox", (sys.executable, "-m", "api"), "sandbox", "--port", str(self.sandbox_port))
        await self._once("migrate", "migrate")
        await self._once("seed", "seed", "--demo", "--without-cases")
        await self._until_up("sandbox", f"{self.sandbox_url}/_sandbox/health")
        await self.start_server()

    async def _create_database(self) -> None:
        name = f"zerotrip_demo_{secrets.token_hex(4)}"
        connection = await asyncpg.connect(self._database)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        self._own_database = urlunsplit(urlsplit(self._database)._replace(path=f"/{name}"))
        self.env |= {"ZT_DATABASE_URL": self._own_database, "ZT_WORKER": "0"}

    async def start_server(self) -> None:
        await self._start("server", self._command, "serve")
        if self.is_postgres:
            await self._start("worker", self._command, "worker")
        await self.until_ready()

    async def until_ready(self) -> None:
        """Returns when the server answers that it is ready. Raises StageFailed when it ends, or does not in time."""
        await self._until_up("server", f"{self.base_url}/readyz")

    def accounts(self) -> dict[str, Any]:
        """What `zerotrip seed --demo` wrote down for the people of the hall, in the private data folder."""
        found: dict[str, Any] = json.loads((self.folder / "data" / ACCOUNTS_FILE).read_text("utf-8"))
        return found

    def authenticator(self, username: str) -> str:
        """The six figures in this person's authenticator app."""
        return pyotp.TOTP(self.accounts()["staff"][username]["totp_secret"]).now()

    def died(self) -> bool:
        """Whether the server or the worker ended by itself."""
        return any(self._running[name].returncode is not None for name in ("server", "worker") if name in self._running)

    async def _start(self, name: str, command: tuple[str, ...], *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = await asyncio.create_subprocess_exec(*command, *arguments, env=self.env, stdout=log, stderr=log)

    async def _once(self, name: str, *arguments: str) -> None:
        await self._start(name, (sys.executable, "-m", "api"), *arguments)
        if await self._running.pop(name).wait() != 0:
            raise StageFailed(self._last_lines(name))

    async def _until_up(self, name: str, url: str) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=2, verify=tls()) as client:
            for _ in range(int(START_SECONDS * 10)):
                if self._running[name].returncode is not None:
                    raise StageFailed(self._last_lines(name))
                try:
                    if (await client.get(url)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise StageFailed(self._last_lines(name))

    def _last_lines(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
        return f"{name} 没有启动：\n" + "\n".join(lines[-15:])

    async def close(self) -> None:
        """Stop everything in order and forget it."""
        for process in reversed(list(self._running.values())):
            if process.returncode is None:
                process.terminate()
        for process in self._running.values():
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._own_database:
            connection = await asyncpg.connect(self._database)
            try:
                await connection.execute(f'DROP DATABASE IF EXISTS "{urlsplit(self._own_database).path[1:]}" WITH (FORCE)')
            finally:
                await connection.close()
        self._folder.cleanup()
