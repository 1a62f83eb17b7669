"""A hundred face checks at once over the real WebSocket of a real server (on PostgreSQL where there is one): one JSON line.

Each client films at 15 frames a second what the prompts ask for, and comes back after the time that a full house names. Every session must
hear one verdict, and the audit chain must hold exactly as many judgements: none lost, none decided twice. Meanwhile another process asks
another route, as people would who do not film; `p95_ratio` is its 95th percentile while the vision process is saturated, over that of
the idle server in this run. The film's pieces repeat, so that no verdict is an acceptance: what counts here is that there is one. ARGS:
number of sessions.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from api.runtime import opened
from api.seed import NoVision
from api.settings import load_settings
from api.wiring import wire
from core.actor import Role
from core.ids import new_id
from identity.accounts.models import Account
from identity.accounts.service import Accounts
from identity.liveness.challenge import FrameChain
from identity.liveness.consent import VERSION
from identity.sessions.service import Sessions
from sandbox.faces import acting
from sandbox.faces.acting import Act
from sandbox.persons import PERSONS
from tests.e2e.survival import count
from tests.factories.browser_server import RunningHall
from tests.services import postgres

WHO = PERSONS[0]
"""Of whom the portrait authority has a picture."""
SESSIONS, FPS, TARGET, LONGEST = 100, 15, 2.0, 480.0
PLAIN = "/api/citizen/verifications/"
ACTIONS = ("blink", "mouth", "nod", "turn_left", "turn_right")


def stock() -> dict[str, list[bytes]]:
    """Pictures of a person at rest and of each movement."""
    return {"rest": acting.jpegs(acting.film("a", (), 3.0, FPS, seed=40))} | {
        name: acting.jpegs(acting.film("a", (Act(name, 0.3),), 1.6, FPS, seed=41 + place)) for place, name in enumerate(ACTIONS)
    }


def unique(jpeg: bytes, mark: str) -> bytes:
    """The same picture with a comment of its own (ITU-T T.81, B.2.4.5), so that no two sessions send the same bytes."""
    words = mark.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + jpeg[2:]


async def tokens(env: dict[str, str], number: int) -> list[str]:
    """Logged-in people with an identity of their own."""
    made = []
    async with opened(wire(load_settings(env), NoVision())) as hall:
        accounts, sessions, now = hall.service(Accounts), hall.service(Sessions), hall.clock.now()
        for place in range(number):
            key = new_id("account")
            await Account.create(
                id=key,
                openid_index=f"bench-{place}",
                openid_sealed=accounts._seal(f"bench-{place}", "openid", key),
                name_sealed=accounts._seal(WHO.name, "name", key),
                id_number_sealed=accounts._seal(WHO.id_number, "id_number", key),
                id_number_index=f"bench-{place}",
                level=2,
                declared_at=now,
                created_at=now,
            )
            made.append(await sessions.open(Role.CITIZEN, key))
    return made


class Client:
    """One phone at an address of its own."""

    def __init__(self, base: str, token: str, place: int, films: dict[str, list[bytes]]) -> None:
        self.base, self.token, self._films, self.address = base, token, films, f"127.0.1.{place + 1}"
        self.verdicts = self.busy = self.other = 0
        self.outcome = self.id = ""
        self.reasons: list[str] = []
        transport = httpx.AsyncHTTPTransport(local_address=self.address)
        self.web = httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"}, transport=transport, timeout=60)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.web.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()["data"]

    async def create(self) -> dict[str, Any]:
        wanted = {"purpose": "sign", "application_id": "case_1", "consent_version": VERSION, "document_sha256": "a" * 64}
        view: dict[str, Any] = await self.ask("POST", "/api/citizen/verifications", wanted)
        self.id = view["id"]
        return view

    async def prepare(self) -> None:
        await self.ask("PUT", "/api/citizen/face-consent", {"version": VERSION})
        await self.create()

    async def run(self, until: float) -> None:
        while not self.verdicts and time.monotonic() < until:
            view = await self.ask("GET", PLAIN + self.id)
            if view["state"] == "expired":
                view = await self.create()
            pause = 0.5
            try:
                pause = await self._capture(view)
            except (ConnectionClosed, OSError):
                self.other += 1
            await asyncio.sleep(0 if self.verdicts else pause)

    async def _capture(self, view: dict[str, Any]) -> float:
        """Seconds to wait before another try."""
        address = self.base.replace("http", "ws", 1) + "/api/citizen/verification-stream"
        async with connect(address, proxy=None, max_size=1 << 20, local_addr=(self.address, 0)) as line:
            hello = {"token": self.token, "verification_id": view["id"], "nonce": view["nonce"], "mirrored": False}
            await line.send(json.dumps(hello))
            asked: list[tuple[int, str]] = []
            filming: asyncio.Task[None] | None = None
            try:
                async for text in line:
                    told = json.loads(text)
                    if told["type"] == "prompt":
                        asked.append((told["step"], told["action"]))
                        filming = filming or asyncio.create_task(self._film(line, view, asked))
                    elif told["type"] == "judging" and filming:
                        filming.cancel()
                    elif told["type"] == "verdict":
                        self.verdicts += 1
                        self.outcome, self.reasons = str(told["verification"]["outcome"]), told["verification"]["reasons"]
                        return 0.0
                    elif told["type"] == "error":
                        is_busy = told["error"]["code"] == "liveness.vision_busy"
                        self.busy, self.other = self.busy + is_busy, self.other + (not is_busy)
                        return float(told["error"].get("retry_after") or 1)
            finally:
                if filming:
                    filming.cancel()
        self.other += 1
        return 1.0

    async def _film(self, line: Any, view: dict[str, Any], asked: list[tuple[int, str]]) -> None:
        chain = FrameChain(urlsafe_b64decode(view["key"] + "="), view["nonce"])
        begun, last, since = time.monotonic(), 0, 0
        for number in range(20 * FPS):
            await asyncio.sleep(max(0.0, begun + number / FPS - time.monotonic()))
            step, action = asked[-1]
            if step != last:
                last, since = step, number
            piece = self._films.get(action, [])
            at = number - since - FPS // 2
            frame = piece[at] if step and 0 <= at < len(piece) else self._films["rest"][number % len(self._films["rest"])]
            await line.send(chain.seal(round(number * 1000 / FPS), step, unique(frame, f"{view['nonce']}{number}")))


def ask(seconds: float) -> None:
    """One question every 50 ms, each of another person, for so long or until the input is closed; prints how long each took, in
    milliseconds. The first line of the input says who asks for what: local address, token, URL."""
    people = [
        (
            httpx.Client(
                headers={"Authorization": f"Bearer {token}"}, transport=httpx.HTTPTransport(local_address=address, verify=False), timeout=60
            ),
            url,
        )
        for address, token, url in json.loads(sys.stdin.readline())
    ]
    over, took = threading.Event(), []

    def wait() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    until = time.monotonic() + seconds
    for web, url in itertools.cycle(people):
        if over.wait(0.05) or time.monotonic() > until:
            break
        started = time.perf_counter()
        web.get(url).raise_for_status()
        took.append((time.perf_counter() - started) * 1000)
    print(json.dumps(took))


@asynccontextmanager
async def asker(clients: list[Client], seconds: float) -> AsyncIterator[Process]:
    process = await create_subprocess_exec(sys.executable, "-m", "bench.hundred_sessions", "ask", str(seconds), stdin=PIPE, stdout=PIPE)
    try:
        assert process.stdin is not None
        people = [(client.address, client.token, f"{client.base}{PLAIN}{client.id}") for client in clients]
        process.stdin.write(json.dumps(people).encode() + b"\n")
        await process.stdin.drain()
        yield process
    finally:
        if process.returncode is None:
            process.kill()


async def p95(process: Process) -> tuple[float, int]:
    """Milliseconds of the 95th percentile, and of how many."""
    out, _ = await process.communicate(b"")  # not None: that would leave the input open
    took = json.loads(out)
    return statistics.quantiles(took, n=20)[-1], len(took)


@contextmanager
def database() -> Iterator[dict[str, str]]:
    server = postgres.find()
    if server is None:
        yield {}
        return
    with server.database() as url:
        yield {"ZT_DATABASE_URL": url}


async def measure(hall: RunningHall, url: str, sessions: int) -> dict[str, Any]:
    films, load = stock(), round(os.getloadavg()[0], 1)
    clients = [Client(hall.base_url, token, place, films) for place, token in enumerate(await tokens(hall.env, sessions))]
    for client in clients:
        await client.prepare()
    async with asker(clients, 8.0) as process:
        await asyncio.sleep(9.0)
        idle, _ = await p95(process)
    begun = time.monotonic()
    async with asker(clients, LONGEST) as process:
        await asyncio.gather(*(client.run(begun + LONGEST) for client in clients))
        busy, asked = await p95(process)
    for client in clients:
        await client.web.aclose()
    judged = await count(url, "core_audit_entry", "action = 'identity.face_judged'")
    return {
        "bench": "hundred_sessions",
        "sessions": sessions,
        "lost": sum(not client.verdicts for client in clients),
        "verdicts": sum(client.verdicts for client in clients),
        "judgements_in_audit": judged,
        "told_busy": sum(client.busy for client in clients),
        "other_errors": sum(client.other for client in clients),
        "reasons": dict(Counter(code for client in clients for code in client.reasons).most_common(6)),
        "seconds": round(time.monotonic() - begun, 1),
        "idle_p95_ms": round(idle, 1),
        "saturated_p95_ms": round(busy, 1),
        "asked": asked,
        "p95_ratio": round(busy / idle, 2),
        "target": TARGET,
        "database": url.partition(":")[0],
        "load": load,
    }


def main() -> None:
    if sys.argv[1:2] == ["ask"]:
        ask(float(sys.argv[2]))
        return
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS
    with tempfile.TemporaryDirectory() as folder, database() as env:
        hall = RunningHall(Path(folder) / "hall", env)
        hall.prepare()
        hall.start()
        try:
            url = env.get("ZT_DATABASE_URL") or f"sqlite://{Path(folder) / 'hall' / 'data' / 'zerotrip.sqlite3'}"
            figure = asyncio.run(measure(hall, url, sessions))
        finally:
            hall.stop()
    print(json.dumps(figure), flush=True)
    if figure["lost"] or figure["verdicts"] != figure["judgements_in_audit"] or figure["p95_ratio"] > TARGET:
        print("hundred_sessions misses a target", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
