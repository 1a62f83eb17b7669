"""Playing the demo on servers that are killed again and again; it must still end with one case, one licence and one parcel a person."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from api.demo.play import STEPS, run_step
from api.demo.stage import Stage
from api.demo.world import World

CRASHING = (sys.executable, str(Path(__file__).with_name("crashing_server.py")))
TABLES = ("hall_case", "hall_licence", "express_parcel")


def environ(database: str, redis: str) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ZT_")}
    urls = {"ZT_DATABASE_URL": database, "ZT_REDIS_URL": redis} if database else {}
    return {**outside, **urls, "ZT_OUTBOX_LEASE_SECONDS": "2"}


async def count(url: str, table: str, condition: str = "TRUE") -> int:
    query = f"SELECT COUNT(*) FROM {table} WHERE {condition}"  # noqa: S608 - both are constants of this file
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(url).path, timeout=10)) as connection:
            return int(connection.execute(query).fetchone()[0])
    postgres = await asyncpg.connect(url)
    try:
        return int(await postgres.fetchval(query))
    finally:
        await postgres.close()


async def check_one_of_each(stage: Stage) -> None:
    """Two people, two cases: neither lost nor doubled, here and at the carrier."""
    for table in TABLES:
        assert await count(stage.database_url, table) == 2, table
    assert await count(stage.database_url, "hall_case", "state = 'closed'") == 2
    assert await count(stage.database_url, "hall_licence", "state = 'valid'") == 1
    assert await count(stage.database_url, "core_outbox_delivery", "state <> 'done'") == 0
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


async def settled(stage: Stage) -> None:
    for _ in range(200):
        if await count(stage.database_url, "core_outbox_delivery", "state <> 'done'") == 0:
            return
        await asyncio.sleep(0.2)


async def revive(stage: Stage, deaths: list[int]) -> None:
    """Start what killed itself, for as long as the play lasts."""
    while True:
        if stage.died():
            deaths.append(1)
            await stage.kill_server()
            with contextlib.suppress(RuntimeError):
                await stage.start_server()
        await asyncio.sleep(0.05)


async def play_killed_between_steps(database: str = "", redis: str = "") -> None:
    """The server (and the worker on PostgreSQL) get SIGKILL after every step."""
    async with played_on(Stage(environ(database, redis))) as world:
        for name, _, step in STEPS:
            record = await run_step(name, step, world)
            assert record.ok, f"{name}: {record.proves}"
            await world.stage.kill_server()
            await world.stage.start_server()
        await settled(world.stage)
        await check_one_of_each(world.stage)


async def play_killed_in_deliveries(places_folder: Path, database: str = "", redis: str = "") -> None:
    """Every handler that the demo reaches dies once before it begins, once after it ends, and once after each thing it did outside."""
    stage = Stage({**environ(database, redis), "CRASH_FOLDER": str(places_folder)}, command=CRASHING)
    deaths: list[int] = []
    async with played_on(stage) as world:
        reviver = asyncio.create_task(revive(stage, deaths))
        try:
            for name, _, step in STEPS:
                record = await run_step(name, step, world)
                assert record.ok, f"{name}: {record.proves}"
            await settled(stage)
        finally:
            reviver.cancel()
            await asyncio.gather(reviver, return_exceptions=True)
        await check_one_of_each(stage)
        places = set(os.listdir(places_folder))
        reached = {place.removeprefix("before ") for place in places if place.startswith("before ")}
        assert {"cases.apply_signature", "licences.draft", "licences.produce", "express.place_order", "cases.record_delivered"} <= reached
        assert {f"after {name}" for name in reached} <= places
        assert "within licences.produce after storing" in places and "within express.place_order after ordering" in places
        assert len(deaths) >= len(places) / 2, "several places may die with one process, but not most of them"
