"""A process at work: health, metrics without ids, clients that hang up, and an end that finishes what was begun."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from api.runtime import listen, serving
from core.clock import ManualClock
from core.db import transaction
from core.models import Counter
from identity.accounts.service import Accounts
from tests.factories.cases import case_world
from tests.factories.door import Door
from tests.services import postgres

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@on_sqlite
async def test_health_and_readiness(house_door: Door) -> None:
    async with house_door.client() as web:
        assert (await web.get("/healthz")).json() == {"ok": True}
        ready = await web.get("/readyz")
    assert ready.status_code == 200 and ready.json() == {"ok": True, "parts": {"database": "ok", "cache": "ok", "storage": "ok"}}


@on_postgres
async def test_a_database_that_is_gone_is_named(house_door: Door, postgres_server: postgres.Postgres) -> None:
    """Alive but not ready: a balancer takes the process out, nothing restarts it."""
    name = house_door.world.hall.settings.database_url.rsplit("/", 1)[1]
    async with house_door.client("citizen") as web:
        assert (await web.get("/api/citizen/me")).status_code == 200
        await asyncio.to_thread(postgres_server._execute, f"DROP DATABASE {name} WITH (FORCE)")
        ready = await web.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["ok"] is False and ready.json()["parts"]["database"] != "ok" and ready.json()["parts"]["cache"] == "ok"
        assert name not in ready.text
        assert (await web.get("/healthz")).status_code == 200
        refused = await web.get("/api/citizen/me")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "internal.unavailable") and name not in refused.text
        assert (await web.get("/metrics")).status_code == 200


@on_sqlite
async def test_metrics_name_routes_and_never_ids(house_door: Door) -> None:
    case_id = "case_01m82bxdregk7s0nhnxgqzqa4y"
    async with house_door.client("citizen") as web:
        await web.get(f"/api/citizen/cases/{case_id}")
        await web.get(f"/nothing/{case_id}")
        text = (await web.get("/metrics")).text
    assert re.search(r'zt_http_request_seconds_count\{method="GET",route="/?api/citizen/cases/<case_id:str>",status="404"\}', text)
    assert 'route="unknown",status="404"' in text and "zt_outbox_backlog" in text
    assert not re.search(r"_[0-9a-hjkmnp-tv-z]{26}", text) and "13800138000" not in text


@on_sqlite
async def test_invented_methods_make_no_labels_and_break_no_metrics(house_door: Door) -> None:
    async with house_door.client() as web:
        for method in (b"AAAB", b"AAA\xff"):
            reader, writer = await asyncio.open_connection(web.base_url.host, web.base_url.port)
            writer.write(method + b" /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b" 40" in (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n")[0]
            writer.close()
        metrics = await web.get("/metrics")
    assert metrics.status_code == 200 and 'method="other"' in metrics.text and "AAA" not in metrics.text


def slow(seconds: float, error: Exception | None = None) -> Callable[[object], Awaitable[dict[str, str]]]:
    """A command of two writes with a wait between them."""

    async def command(_actor: object) -> dict[str, str]:
        async with transaction():
            await Counter.create(name="first", value=1)
            await asyncio.sleep(seconds)
            if error:
                raise error
            await Counter.create(name="second", value=1)
        return {"done": "yes"}

    return command


async def hang_up(door: Door, after: float) -> None:
    """Send a request and break the connection before the answer."""
    host, port = door.base_url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    token = door.tokens["citizen"]
    writer.write(f"GET /api/citizen/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    await writer.drain()
    await asyncio.sleep(after)
    writer.transport.abort()


async def test_a_client_that_hangs_up_leaves_the_work_whole(house_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = house_door.world.hall.service(Accounts)
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "profile", slow(0.4))
        await hang_up(house_door, 0.2)
        await asyncio.sleep(0.6)
    assert {row.name for row in await Counter.filter(name__in=["first", "second"])} == {"first", "second"}
    async with house_door.client("citizen") as web:
        assert [(await web.get("/api/citizen/me")).status_code for _ in range(3)] == [200, 200, 200]


async def test_a_command_that_fails_after_its_client_left(
    house_door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Rolled back, and its text in no log: asyncio would print an exception that nobody fetched."""
    with monkeypatch.context() as patched:
        patched.setattr(house_door.world.hall.service(Accounts), "profile", slow(0.3, RuntimeError("张伟 13912345678")))
        await hang_up(house_door, 0.1)
        await asyncio.sleep(0.5)
        gc.collect()
        await asyncio.sleep(0)
    assert await Counter.filter(name__in=["first", "second"]).count() == 0
    assert "13912345678" not in caplog.text
    async with house_door.client("citizen") as web:
        assert (await web.get("/api/citizen/me")).status_code == 200


async def test_many_that_hang_up_at_once_block_nobody(house_door: Door) -> None:
    await asyncio.gather(*(hang_up(house_door, 0.0) for _ in range(60)))
    async with house_door.client("citizen") as web:
        assert (await asyncio.wait_for(web.get("/api/citizen/me"), 10)).status_code == 200


@on_sqlite
async def test_the_end_finishes_what_was_begun(
    database_url: str, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open request gets its answer, an idle connection does not hold up the end, a new connection is refused, a command whose client
    left is carried out."""
    async with case_world(database_url, tmp_path / "data", clock) as world:
        sock = listen("127.0.0.1", 0)
        base_url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        door = Door(base_url, world, {}, {})
        from tests.factories.door import open_sessions

        door.tokens = await open_sessions(world, {"citizen": world.wang.id})
        async with door.client("citizen") as idle, door.client("citizen") as busy:
            async with serving(world.hall, sock):
                assert (await idle.get("/api/citizen/me")).status_code == 200
                monkeypatch.setattr(world.hall.service(Accounts), "profile", slow(0.5))
                running = asyncio.create_task(busy.get("/api/citizen/me"))
                await asyncio.sleep(0.2)
                started = time.monotonic()
            assert time.monotonic() - started < 3
            assert (await running).status_code == 200
            with pytest.raises(httpx.TransportError):
                await busy.get("/healthz")
        assert await Counter.filter(name="second").count() == 1


@on_sqlite
async def test_the_end_waits_for_a_command_without_a_client(
    database_url: str, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.factories.door import open_sessions

    async with case_world(database_url, tmp_path / "data", clock) as world:
        sock = listen("127.0.0.1", 0)
        door = Door(f"http://127.0.0.1:{sock.getsockname()[1]}", world, await open_sessions(world, {"citizen": world.wang.id}), {})
        async with serving(world.hall, sock):
            monkeypatch.setattr(world.hall.service(Accounts), "profile", slow(0.5))
            await hang_up(door, 0.2)
        assert {row.name for row in await Counter.filter(name__in=["first", "second"])} == {"first", "second"}


def test_a_port_that_is_taken_is_said_plainly() -> None:
    taken = listen("127.0.0.1", 0)
    try:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
            listen("127.0.0.1", port)
    finally:
        taken.close()
