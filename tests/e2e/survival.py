"""Playing the demo on servers that are killed again and again; it must still end with one case, one licence and one parcel a person."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from api.demo.play import STEPS, run_step
from api.demo.stage import Stage
from api.demo.world import World
from tests.factories.short_steps import identified_at_the_counter

CRASHING = (sys.executable, str(Path(__file__).with_name("crashing_server.py")))
TABLES = ("hall_case", "hall_licence", "express_parcel")


def environ(database: str, redis: str, *, lease_seconds: str = "2") -> dict[str, str]:
    """After a death the rest of the batch waits until the lease is over (PostgreSQL)."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ZT_")}
    urls = {"ZT_DATABASE_URL": database, "ZT_REDIS_URL": redis} if database else {}
    return {**outside, **urls, "ZT_OUTBOX_LEASE_SECONDS": lease_seconds}


async def values(url: str, query: str) -> list[Any]:
    """The first column of what `query` finds."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(url).path, timeout=10)) as connection:
            return [row[0] for row in connection.execute(query)]
    postgres = await asyncpg.connect(url)
    try:
        return [row[0] for row in await postgres.fetch(query)]
    finally:
        await postgres.close()


async def count(url: str, table: str, condition: str = "TRUE") -> int:
    (number,) = await values(url, f"SELECT COUNT(*) FROM {table} WHERE {condition}")  # noqa: S608 - both are constants of this file
    return int(number)


async def undelivered(url: str) -> list[str]:
    """What is still open, as "handler: state, attempts, error"."""
    what = "handler || ': ' || state || ', ' || attempts || ', ' || COALESCE(error, '-')"
    return await values(url, f"SELECT {what} FROM core_outbox_delivery WHERE state <> 'done'")  # noqa: S608 - a constant


async def check_one_of_each(stage: Stage) -> None:
    """Two people, two cases: neither lost nor doubled, here and at the carrier."""
    for table in TABLES:
        assert await count(stage.database_url, table) == 2, table
    assert await count(stage.database_url, "hall_case", "state = 'closed'") == 2
    assert await count(stage.database_url, "hall_licence", "state = 'valid'") == 1
    assert await undelivered(stage.database_url) == []
    kept = json.loads((stage.folder / "sandbox.json").read_text("utf-8"))
    parcels = kept["parcels"] if isinstance(kept, dict) and "parcels" in kept else kept
    assert len(parcels) == 2, "the carrier got an order twice"


@asynccontextmanager
async def played_on(stage: Stage) -> AsyncIterator[World]:
    world = World(stage, None)
    try:
        await stage.open()
        yield world
    finally:
        await world.close()
        await stage.close()


PATIENCE_SECONDS = 180
"""Longer than the waits after the first five failures: whoever needs somebody who is often killed fails often."""


async def settled(stage: Stage) -> None:
    """Until everything is delivered; what is still open after that long is named by the check that follows."""
    for _ in range(PATIENCE_SECONDS * 5):
        if not await undelivered(stage.database_url):
            return
        await asyncio.sleep(0.2)


async def killed_and_back(stage: Stage, folder: Path) -> None:
    """SIGKILL to the server (and the worker); returns when others answer in their place."""
    for name in ("serve", "worker") if stage.is_postgres else ("serve",):
        await asyncio.to_thread(killed, folder / f"{name}.pid")
    await stage.until_ready()


def killed(named: Path) -> None:
    """Returns when the one whom `named` names is gone and it names another."""
    before, deadline = int(named.read_text()), time.monotonic() + 20
    os.kill(before, signal.SIGKILL)
    while int(named.read_text()) == before:
        assert time.monotonic() < deadline, "nobody came back"
        time.sleep(0.01)


async def play_killed_between_steps(folder: Path, database: str = "", redis: str = "") -> None:
    """The server (and the worker on PostgreSQL) get SIGKILL after every step."""
    stage = Stage({**environ(database, redis), "CRASH_FOLDER": str(folder)}, command=CRASHING)
    async with played_on(stage) as world:
        for name, _, step in STEPS:
            # The face check over the stream is played on the embedded engine; there the whole minute of it.
            record = await run_step(name, identified_at_the_counter if stage.is_postgres and name == "identity" else step, world)
            assert record.ok, f"{name}: {record.proves}"
            await killed_and_back(stage, folder)
        await settled(stage)
        await check_one_of_each(stage)
    deaths = (folder / "deaths").read_text().splitlines()
    assert deaths.count("serve") == len(STEPS) and deaths.count("worker") == (len(STEPS) if stage.is_postgres else 0)


async def revoked(world: World) -> str:
    """What the strangers of the demo do to a licence starts no delivery; revoking it does."""
    desk = await world.staff("liu.yang")
    await desk.post(f"/api/clerk/licences/{world.kept['licence']['id']}/status", {"action": "revoke", "reason": "经营者主动注销备案"})
    return "revoked"


WITHOUT_BYSTANDERS = {"identity": identified_at_the_counter, "verification": revoked}
"""Steps of the demo that take half of its time and in which nothing is delivered, in short."""


async def play_killed_in_deliveries(folder: Path, database: str = "", redis: str = "") -> None:
    """Every handler that the demo reaches dies once before it begins, once after it ends, and once after each thing it did outside."""
    doomed = {"CRASH_FOLDER": str(folder), "CRASH_PLACES": "all"}
    stage = Stage({**environ(database, redis, lease_seconds="1"), **doomed}, command=CRASHING)
    async with played_on(stage) as world:
        for name, _, step in STEPS:
            record = await run_step(name, WITHOUT_BYSTANDERS.get(name, step), world)
            assert record.ok, f"{name}: {record.proves}"
        await settled(stage)
        await check_one_of_each(stage)
    places = set(os.listdir(folder / "places"))
    reached = {place.removeprefix("before ") for place in places if place.startswith("before ")}
    assert {"cases.apply_signature", "licences.draft", "licences.produce", "express.place_order", "cases.record_delivered"} <= reached
    assert {f"after {name}" for name in reached} <= places
    assert "within licences.produce after storing" in places and "within express.place_order after ordering" in places
    deaths = (folder / "deaths").read_text().splitlines()
    assert len(deaths) >= len(places) / 2, "several places may die with one process, but not most of them"
