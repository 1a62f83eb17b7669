"""The database: connection, transactions, and the two differences between SQLite and PostgreSQL that commands must know.

SQLite has one connection whose lock serialises transactions (one process only); PostgreSQL runs them side by side under READ COMMITTED.
Commands therefore never read, decide and write blindly: they save by an UPDATE conditional on state and version, or rely on a unique key.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.migrations.api import migrate as tortoise_migrate
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

APP = "zerotrip"
MIGRATIONS = "migrations"
MIGRATION_LOCK = 0x5A54  # an arbitrary constant shared by all processes of this product

__all__ = ["APP", "IntegrityError", "Database", "transaction", "is_postgres", "one_at_a_time"]


def _connection_config(url: str, *, migrating: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = parts.path if parts.path.startswith("/") else f"{parts.netloc}{parts.path}"
        credentials: dict[str, Any] = {"file_path": path or ":memory:", "busy_timeout": 5000, "synchronous": "NORMAL", "foreign_keys": "ON"}
        credentials.update(parse_qsl(parts.query))
        if migrating:
            # Tortoise rebuilds a table to alter it; with foreign keys on, dropping the old one would cascade into its children.
            credentials["foreign_keys"] = "OFF"
        return {"engine": "tortoise.backends.sqlite", "credentials": credentials}
    if parts.scheme in {"postgres", "postgresql", "asyncpg"}:
        config = expand_db_url("asyncpg" + url[len(parts.scheme) :])
        config["credentials"].setdefault("minsize", 1)
        config["credentials"].setdefault("maxsize", 20)
        config["credentials"]["server_settings"] = {"timezone": "UTC", "application_name": "zerotrip"}
        return config
    raise ValueError(f"unsupported database scheme {parts.scheme!r}: use sqlite:///path or postgresql://…")


def _asyncpg_url(url: str) -> str:
    return "postgresql" + url.removeprefix("asyncpg") if url.startswith("asyncpg:") else url


class Database:
    """One configured database; `models` are the module names that hold Tortoise models."""

    def __init__(self, url: str, models: Sequence[str]) -> None:
        self.url = url
        self.models = list(models)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def is_missing(self) -> bool:
        """Whether this is an embedded database whose file nobody has made yet."""
        return (
            self.is_sqlite
            and (path := _connection_config(self.url, migrating=False)["credentials"]["file_path"]) != ":memory:"
            and not Path(path).exists()
        )

    def tortoise_config(self, *, migrating: bool = False) -> dict[str, Any]:
        return {
            "connections": {"default": _connection_config(self.url, migrating=migrating)},
            "apps": {APP: {"models": self.models, "default_connection": "default", "migrations": MIGRATIONS}},
            "use_tz": True,
            "timezone": "UTC",
        }

    def _prepare_file(self) -> None:
        """Make the folder of an embedded database, and fail at once where its file cannot be opened: aiosqlite would wait for ever."""
        if self.is_sqlite and (path := self.tortoise_config()["connections"]["default"]["credentials"]["file_path"]) != ":memory:":
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(OSError):  # SQLite tells better what is wrong; and it gives its journals the mode of the database file
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            sqlite3.connect(path).close()

    async def connect(self) -> None:
        config = self.tortoise_config()
        self._prepare_file()
        # Tortoise keeps INSERT statements by connection name, in the dialect of whichever database had that name before.
        EXECUTOR_CACHE.clear()
        await Tortoise.init(config=config, _enable_global_fallback=True)

    async def disconnect(self) -> None:
        await Tortoise.close_connections()

    async def migrate(self) -> list[str]:
        """Apply every pending migration; returns their names. On SQLite the result is checked for broken references."""
        self._prepare_file()
        applied: list[str] = []

        def note(event: str, _app: str, name: str) -> None:
            if event == "apply_done":
                applied.append(name)

        try:
            async with self._migration_lock():
                await tortoise_migrate(config=self.tortoise_config(migrating=True), progress=note, direction="forward")
            if self.is_sqlite:
                broken = await get_connection("default").execute_query_dict("PRAGMA foreign_key_check")
                if broken:
                    raise RuntimeError(f"migration left {len(broken)} broken references, first in table {broken[0]['table']}")
        finally:
            await Tortoise.close_connections()
        return applied

    @asynccontextmanager
    async def _migration_lock(self) -> AsyncIterator[None]:
        """On PostgreSQL two starting processes must not migrate at once; SQLite is one process by definition."""
        if self.is_sqlite:
            yield
            return
        guard = await asyncpg.connect(_asyncpg_url(self.url))
        try:
            await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
            yield
        finally:
            await guard.close()

    async def pending_migrations(self) -> list[str]:
        """Names of migrations not applied yet (opens and closes a connection of its own). Makes no file where there is none."""
        config = self.tortoise_config(migrating=True)
        if self.is_missing:
            config["connections"]["default"]["credentials"]["file_path"] = ":memory:"
        else:
            self._prepare_file()
        try:
            await Tortoise.init(config=config, init_connections=False)
            steps = await MigrationExecutor(get_connection("default"), config["apps"]).plan()
            return [step.migration.name for step in steps]
        finally:
            await Tortoise.close_connections()

    async def ping(self) -> None:
        await get_connection("default").execute_query("SELECT 1")


def is_postgres() -> bool:
    return get_connection("default").capabilities.dialect == "postgres"


async def one_at_a_time(name: str) -> None:
    """Inside a transaction: wait until no other one holds `name`, and hold it to the end. For limits that are counted ("three a person");
    take it before any row. SQLite's transactions stand in line anyway."""
    if is_postgres():
        await get_connection("default").execute_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name])


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """All or nothing. Nested use is a savepoint, which is also how a caught IntegrityError is kept from aborting the outer one."""
    async with in_transaction("default"):
        yield
