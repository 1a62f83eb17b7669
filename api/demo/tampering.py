"""An intruder with access to the demo's private database: changes one audit row behind the product's back, and puts it back."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from urllib.parse import urlsplit

import asyncpg

_READ = "SELECT data FROM core_audit_entry WHERE chain = {0} AND seq = {1}"
_WRITE = "UPDATE core_audit_entry SET data = {0} WHERE chain = {1} AND seq = {2}"


@asynccontextmanager
async def altered_audit_row(database_url: str, chain: str, *, seq: int) -> AsyncIterator[None]:
    original = await _read(database_url, chain, seq)
    await _write(database_url, chain, seq, original.replace('"state":', '"State":'))
    try:
        yield
    finally:
        await _write(database_url, chain, seq, original)


async def _read(url: str, chain: str, seq: int) -> str:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(url).path, timeout=10)) as connection:
            return str(connection.execute(_READ.format("?", "?"), (chain, seq)).fetchone()[0])
    postgres = await asyncpg.connect(url)
    try:
        return str(await postgres.fetchval(_READ.format("$1", "$2"), chain, seq))
    finally:
        await postgres.close()


async def _write(url: str, chain: str, seq: int, data: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(url).path, timeout=10)) as connection, connection:
            connection.execute(_WRITE.format("?", "?", "?"), (data, chain, seq))
        return
    postgres = await asyncpg.connect(url)
    try:
        await postgres.execute(_WRITE.format("$1", "$2", "$3"), data, chain, seq)
    finally:
        await postgres.close()
