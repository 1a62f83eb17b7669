"""R51 over the real WebSocket: login by the first message, the right people only, one verdict, errors with codes, nothing hangs."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from core.clock import ManualClock
from identity.liveness.consent import VERSION
from tests.factories.before_camera import FPS, Person
from tests.factories.http_hall import HttpHall, open_hall

PATH = "/api/citizen/verification-stream"


@pytest.fixture
async def door(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HttpHall]:
    async with open_hall(database_url, tmp_path / "data", clock) as opened:
        yield opened


async def started(door: HttpHall, who: str = "zhang") -> dict[str, Any]:
    await door.done(who, "PUT", "/api/citizen/face-consent", json={"version": VERSION})
    wanted = {"purpose": "sign", "application_id": "case_1", "consent_version": VERSION, "document_sha256": "a" * 64}
    view: dict[str, Any] = await door.done(who, "POST", "/api/citizen/verifications", json=wanted)
    return view


@asynccontextmanager
async def line(door: HttpHall, path: str = PATH) -> AsyncIterator[ClientConnection]:
    address = str(door.web.base_url).replace("http", "ws", 1).rstrip("/")
    async with connect(address + path, proxy=None, max_size=1 << 20) as socket:
        yield socket


def hello(door: HttpHall, view: dict[str, Any], who: str = "zhang", **differs: Any) -> str:
    return json.dumps({"token": door.tokens.get(who, "x"), "verification_id": view["id"], "nonce": view["nonce"], **differs})


async def last(socket: ClientConnection) -> dict[str, Any]:
    """The message after which the server says nothing more."""
    told: dict[str, Any] = {}
    try:
        async with asyncio.timeout(20):
            async for message in socket:
                told = json.loads(message)
    except ConnectionClosed:
        pass
    return told


async def played(door: HttpHall, view: dict[str, Any], *, seed: int = 1) -> dict[str, Any]:
    """Somebody obeys the prompts over the wire; the last message."""
    async with line(door) as socket:
        await socket.send(hello(door, view))
        who = Person(door.house.clock, urlsafe_b64decode(view["key"] + "="), view["nonce"], seed=seed)
        verdict: dict[str, Any] = {}

        async def listen() -> None:
            async for text in socket:
                message = json.loads(text)
                await who.send(message)
                verdict.update(message if message["type"] in {"verdict", "error"} else {})

        listening = asyncio.create_task(listen())
        try:
            while not listening.done() and "judging" not in who.kinds():
                await socket.send(await who.receive())
                # The server's clock is the test's: one frame at a time, so that the phone does not run ahead of its prompts.
                await asyncio.sleep(0.004)
        except ConnectionClosed:
            pass
        await asyncio.wait_for(listening, 20)
        return verdict


async def test_a_face_check_over_the_wire(door: HttpHall) -> None:
    view = await started(door)
    told = await played(door, view)
    assert told["type"] == "verdict", told
    assert (told["verification"]["outcome"], told["verification"]["reasons"]) == ("accept", [])
    assert "threshold" not in str(told) and "distance" not in str(told)
    shown = await door.done("zhang", "GET", f"/api/citizen/verifications/{view['id']}")
    assert (shown["state"], shown["key"], shown["nonce"]) == ("decided", None, None)
    assert (await door.done("zhang", "POST", f"/api/citizen/verifications/{view['id']}/assertion"))["assertion"]
    assert FPS == 15


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_may_not_speak_is_told_why(door: HttpHall) -> None:
    view = await started(door)
    wrong: list[tuple[str, str]] = [
        ("no json", "request.invalid"),
        (json.dumps({"token": "x"}), "request.invalid"),
        (json.dumps([1]), "request.invalid"),
        (hello(door, view, token="nonsense"), "auth.required"),
        (hello(door, view, who="li"), "request.not_found"),
        (hello(door, view, nonce="wrong"), "identity.nonce_wrong"),
        (hello(door, view, nonce=7), "request.invalid"),
        (hello(door, view, verification_id="verification_nobody"), "request.not_found"),
        ("x" * 5000, "request.invalid"),
    ]
    for first, code in wrong:
        async with line(door) as socket:
            await socket.send(first)
            told = await last(socket)
            assert (told["type"], told["error"]["code"]) == ("error", code), first[:60]
            assert "张伟" not in json.dumps(told, ensure_ascii=False)
    assert (await door.done("zhang", "GET", f"/api/citizen/verifications/{view['id']}"))["tries_left"] == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_citizens_may_stream_and_an_ordinary_request_gets_no_further(
    tmp_path: Path, database_url: str, clock: ManualClock
) -> None:
    async with open_hall(database_url, tmp_path / "data", clock, staff=["front"]) as door:
        view = await started(door)
        async with line(door) as socket:
            await socket.send(hello(door, view, who="front"))
            assert (await last(socket))["error"]["code"] == "auth.forbidden"
        assert (await door.send("zhang", "GET", PATH)).status_code in range(400, 500)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_line_without_a_word_is_closed(door: HttpHall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.http.streams.HELLO_SECONDS", 0.2)
    async with line(door) as socket:
        assert (await last(socket))["error"]["code"] == "request.invalid"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_stream_that_breaks_off_or_lies_costs_a_try(door: HttpHall) -> None:
    view = await started(door)
    async with line(door) as socket:
        await socket.send(hello(door, view))
        await socket.recv()
        await socket.send(b"ZF1\x00 not from this phone" + b"x" * 60)
        told = await last(socket)
    assert told["type"] == "verdict" and told["verification"]["outcome"] is None
    assert "OUT_OF_ORDER" in told["verification"]["reasons"] and told["verification"]["tries_left"] == 2
    view = await started(door)
    async with line(door) as socket:
        await socket.send(hello(door, view))
        await socket.recv()
    for _ in range(200):
        again = await door.done("zhang", "GET", f"/api/citizen/verifications/{view['id']}")
        if again["state"] == "created":
            break
        await asyncio.sleep(0.05)
    assert (again["reasons"], again["tries_left"]) == (["BROKEN_OFF"], 2) and again["nonce"] != view["nonce"]
    assert (await played(door, again, seed=2))["verification"]["outcome"] == "accept"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_second_socket_on_one_session_is_refused(door: HttpHall) -> None:
    view = await started(door)
    async with line(door) as first, line(door) as second:
        await first.send(hello(door, view))
        assert json.loads(await first.recv())["type"] == "prompt"
        await second.send(hello(door, view))
        assert (await last(second))["error"]["code"] == "identity.verification_running"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_clips_over_http(door: HttpHall) -> None:
    view = await started(door)
    place = f"/api/citizen/verifications/{view['id']}"
    challenge = await door.done("zhang", "POST", f"{place}/clip-challenge")
    assert len(challenge["prompts"]) == 3 and challenge["seconds"] < 18
    bad = {"files": {"clip": ("a.mp4", b"PK\x03\x04 a zip", "video/mp4")}, "data": {"nonce": challenge["nonce"]}}
    assert await door.refused("zhang", "POST", f"{place}/clip", **bad) == (415, "liveness.clip_type_unsupported")
    assert await door.refused("li", "POST", f"{place}/clip", **bad) == (404, "request.not_found")
    assert await door.refused("zhang", "POST", f"{place}/clip", data={"nonce": "x"}) == (422, "upload.missing")
