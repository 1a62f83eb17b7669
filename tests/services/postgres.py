"""The real PostgreSQL of a test run: found once, and every test gets a database of its own."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.services.running import alone, run

ENV = "ZT_TEST_DATABASE_URL"
LOOPBACK = ("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql://postgres:postgres@127.0.0.1:5432/postgres")
PREFIX = "zt_test_"
ABOUT = """SELECT current_setting('server_version') AS version, rolcreatedb OR rolsuper AS may
FROM pg_roles WHERE rolname = current_user"""
LEFTOVER_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Postgres:
    url: str
    version: str

    @property
    def label(self) -> str:
        return f"PostgreSQL {self.version} at {urlsplit(self.url).hostname}:{urlsplit(self.url).port or 5432}"

    def named(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The URL of a new database (a copy of `template` if given), dropped at the end even while connections linger."""
        name = f"{PREFIX}{int(time.time()):x}_{secrets.token_hex(6)}"
        source = f" TEMPLATE {urlsplit(template).path[1:]}" if template else ""
        self._execute(f"CREATE DATABASE {name}{source}")
        try:
            yield self.named(name)
        finally:
            self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def reusable(self, template: str) -> Iterator[Reusable]:
        """A copy of `template` that tests may use one after the other."""
        with ExitStack() as copies:
            yield Reusable(self, template, copies)

    @contextmanager
    def shared_database(self, folder: Path, make: Callable[[str], None]) -> Iterator[str]:
        """The URL of one database for all processes that share `folder`: the first has it made, the last drops it."""
        lock, users, named = folder / "postgres.lock", folder / "postgres-users", folder / "postgres-name"
        with alone(lock):
            count = int(users.read_text()) if users.exists() else 0
            if not count:
                name = f"{PREFIX}{int(time.time()):x}_{secrets.token_hex(6)}"
                self._execute(f"CREATE DATABASE {name}")
                make(self.named(name))
                named.write_text(name)
            users.write_text(str(count + 1))
        try:
            yield self.named(named.read_text())
        finally:
            with alone(lock):
                left = int(users.read_text()) - 1
                users.write_text(str(left))
                if not left:
                    self._execute(f"DROP DATABASE IF EXISTS {named.read_text()} WITH (FORCE)")

    def drop_leftovers(self) -> None:
        """Databases of runs that were killed hours ago; their names carry the time they were made."""
        for row in self._execute("SELECT datname FROM pg_database"):
            made = re.fullmatch(f"{PREFIX}([0-9a-f]+)_[0-9a-f]+", row["datname"])
            if made and int(made.group(1), 16) < time.time() - LEFTOVER_SECONDS:
                self._execute(f"DROP DATABASE IF EXISTS {made.group()} WITH (FORCE)")

    def _execute(self, statement: str) -> list[asyncpg.Record]:
        async def work() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.url, timeout=5)
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return run(work())


TABLES = """SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1"""
SHAPE = """SELECT md5(string_agg(line, ',' ORDER BY line)) AS shape FROM (
  SELECT concat_ws(' ', c.relname, a.attname, a.attnotnull, a.atttypid) AS line
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
  UNION ALL SELECT concat_ws(' ', conname, contype) FROM pg_constraint
  UNION ALL SELECT concat_ws(' ', tgname, tgenabled) FROM pg_trigger) AS lines"""
"""A digest of tables, columns, indexes, constraints and triggers."""


class Reusable:
    """One database for the tests of one process: emptied after each, which takes a tenth of the time of another copy of the template.

    What the template holds is not touched. After a test that dropped it or changed its shape, or where its user may not empty it, the next
    one gets a fresh copy.
    """

    def __init__(self, server: Postgres, template: str, copies: ExitStack) -> None:
        self._server, self._template, self._copies = server, template, copies
        self._url = ""
        self._kept: frozenset[str] = frozenset()
        self._shape = ""

    def url(self) -> str:
        """An empty database, as migrated."""
        if not self._url:
            self._url = self._copies.enter_context(self._server.database(template=self._template))
            self._shape, self._kept = run(self._read())
        return self._url

    def empty(self) -> None:
        """After a test; whoever is still connected is disconnected."""
        try:
            is_as_before = run(self._emptied())
        except asyncpg.PostgresError:
            is_as_before = False
        if not is_as_before:
            self._copies.close()
            self._url = ""

    async def _read(self) -> tuple[str, frozenset[str]]:
        connection = await asyncpg.connect(self._url)
        try:
            return await connection.fetchval(SHAPE), frozenset(await _filled(connection))
        finally:
            await connection.close()

    async def _emptied(self) -> bool:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            filled = [name for name in await _filled(connection) if name not in self._kept]
            if filled:
                tables = ", ".join(f'"{name}"' for name in filled)
                await connection.execute(f"SET session_replication_role = replica; TRUNCATE {tables} RESTART IDENTITY CASCADE")
            return bool(await connection.fetchval(SHAPE) == self._shape)
        finally:
            await connection.close()


async def _filled(connection: asyncpg.Connection) -> list[str]:
    """The tables in which there is something."""
    names = [row["name"] for row in await connection.fetch(TABLES)]
    if not names:
        return []
    asked = (f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)  # noqa: S608 - names of tables
    rows = await connection.fetch(" UNION ALL ".join(asked))
    return [row["name"] for row in rows]


def find() -> Postgres | None:
    """The server named by the environment (not answering is an error), else one on the loopback that lets us make databases, else None."""
    asked_for = os.environ.get(ENV)
    for url in (asked_for,) if asked_for else LOOPBACK:
        try:
            server = Postgres(url, "")
            rows = server._execute(ABOUT)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            if asked_for:
                raise RuntimeError(f"{ENV} is set, but PostgreSQL does not answer there: {type(error).__name__}") from None
            continue
        if rows[0]["may"]:
            return Postgres(url, rows[0]["version"].split()[0])
        if asked_for:
            raise RuntimeError(f"{ENV} is set, but its user may not create databases")
    return None
