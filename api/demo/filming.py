"""Before the phone's camera: a face check over the stream, at the pace of a real one, as the phone page does it."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from api.demo.phone import Phone
from identity.liveness.service import FrameChain
from sandbox.faces.films import FPS, MOVEMENTS, film_of
from sandbox.faces.performing import Performance

PATH = "/api/citizen/verification-stream"
TRIES = 6
SECONDS = 40.0
PATIENCE_SECONDS = 150.0
LONGEST_PAUSE_SECONDS = 5.0
Ends = Callable[[dict[str, Any]], bool]


def draw_films(*people: str) -> None:
    """Draw every movement now (about ten seconds a person), so that no frame is late for it."""
    for person in people:
        for movement in ("neutral", *MOVEMENTS):
            film_of(person, movement)


def _at_its_end(_: dict[str, Any]) -> bool:
    return False


async def film(phone: Phone, verification: dict[str, Any], person: str, *, ends: Ends = _at_its_end) -> dict[str, Any]:
    """One capture of `verification` by `person` (`Performance`), who does what the prompts say.

    Returns the message for which `ends` held, or the last one: `verdict` or `error`; empty when the line broke. Nothing is tried again.
    """
    address = phone.base_url.replace("http", "ws", 1).rstrip("/") + PATH
    hello = {"token": phone.token, "verification_id": verification["id"], "nonce": verification["nonce"]}
    try:
        async with asyncio.timeout(SECONDS), connect(address, proxy=None, max_size=1 << 20) as line:
            await line.send(json.dumps(hello))
            return await _before(line, verification, Performance(person), ends)
    except (OSError, WebSocketException):
        return {}


async def _before(line: ClientConnection, verification: dict[str, Any], who: Performance, ends: Ends) -> dict[str, Any]:
    chain = FrameChain(urlsafe_b64decode(verification["key"] + "="), verification["nonce"])
    last: dict[str, Any] = {}
    step, begun, is_filmed = 0, time.monotonic(), asyncio.Event()

    async def listen() -> None:
        nonlocal last, step
        async for text in line:
            last = json.loads(text)
            if last["type"] == "prompt" and last["step"]:
                step = last["step"]
                who.asked([last["action"]], time.monotonic() - begun)
            if last["type"] == "judging":
                is_filmed.set()
            if last["type"] in {"verdict", "error"} or ends(last):
                return

    async def act() -> None:
        number, ms = 0, -1
        while not is_filmed.is_set():
            t = time.monotonic() - begun
            ms = max(ms + 1, round(t * 1000))
            shown = step
            await line.send(chain.seal(ms, shown, await asyncio.to_thread(who.frame, t)))
            number += 1
            await asyncio.sleep(max(0.0, begun + number / FPS - time.monotonic()))

    listening, acting = asyncio.create_task(listen()), asyncio.create_task(act())
    try:
        await listening
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
    return last


Start = Callable[[], Awaitable[dict[str, Any]]]


async def let_in(phone: Phone, start: Start, person: str, *, ends: Ends = _at_its_end) -> tuple[dict[str, Any], dict[str, Any]]:
    """`film`, coming again while the house is full: what was said last, and the verification afterwards.

    `start` gives the open verification, or a new one. AssertionError when nothing but errors came.
    """
    until, code = time.monotonic() + PATIENCE_SECONDS, ""
    while time.monotonic() < until:
        verification = await start()
        told = await film(phone, verification, person, ends=ends)
        if told.get("type") not in {None, "error"}:
            found: dict[str, Any] = await phone.get(f"/api/citizen/verifications/{verification['id']}")
            return told, found
        error = told.get("error", {})
        code = error.get("code", "line lost")
        await asyncio.sleep(min(float(error.get("retry_after") or 1), LONGEST_PAUSE_SECONDS))
    raise AssertionError(f"没有等到拍摄：{code}")


async def settle(phone: Phone, start: Start, person: str, *, wanted: str) -> dict[str, Any]:
    """Face checks until one has the outcome `wanted`, for a machine that is busy with other things now and then misses a movement.

    AssertionError with the reasons when it comes to something else.
    """
    reasons = []
    for _ in range(TRIES):
        _, found = await let_in(phone, start, person)
        if found["outcome"] == wanted:
            return found
        reasons.append(found["reasons"])
    raise AssertionError(f"身份核验没有得到 {wanted}：{reasons}")
