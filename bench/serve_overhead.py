"""Our public verify-code route against a bare Sanic handler that calls the same verification, both under load: prints one JSON line.

Both run in one server process, in turns; what is compared is that process's CPU time for a request, which other work on the machine
hardly moves. Ours does all it does for anybody: routing, headers, logs, metrics, the rate limit (hence the many loopback addresses of the
callers), the current lists, the sentence in Chinese.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from sanic import HTTPResponse, Request, Sanic

from api.runtime import listen, opened, serving
from api.seed import NoVision
from api.settings import load_settings
from api.wiring import MODELS, Hall, wire
from core import logs
from core.db import Database, transaction
from esign.credentials import packing
from esign.service import Esign, LicenceClaims, verify

ROOT = Path(__file__).resolve().parents[1]
TARGET = 0.5
ROUNDS, CONNECTIONS, REQUESTS = 7, 8, 60
AUTHORITY = "11510104MB2F30000X"
_ADDRESSES = itertools.count(1)


class _Code(msgspec.Struct):
    code: str


async def _code(hall: Hall) -> str:
    esign = hall.service(Esign)
    await esign.ensure_authority(AUTHORITY, "测试发证机关")
    now = hall.clock.now()
    async with transaction():
        status = await esign.allocate_status("licence_bench", AUTHORITY)
    claims = LicenceClaims(
        issuer=AUTHORITY,
        issued_at=now.replace(microsecond=0),
        licence_id="JY25101040000001",
        licence_type="小餐饮食品经营备案证",
        holder_name="锦里小馆餐饮管理有限公司",
        holder_uscc="91510104MA6ABCDE3X",
        address="四川省成都市锦江区示例路100号2层08铺",
        scope="热食类食品制售；冷食类食品制售；自制饮品制售",
        legal_person="张伟",
        issued_on=date(2026, 3, 1),
        status=status,
    )
    return packing.address(await esign.credential(claims, AUTHORITY), esign.host)


async def _bare(hall: Hall, code: str) -> Sanic[Any, Any]:
    esign = hall.service(Esign)
    trust, status = await esign.trust_list(), [await esign.status_list(f"{AUTHORITY}-1")]
    if verify(code, trust=trust, status=status, at=hall.clock.now()).verdict != "TOTAL_PASSED":
        raise RuntimeError("the bench's own credential does not pass")
    app: Sanic[Any, Any] = Sanic("bare", configure_logging=False)
    app.config.AUTO_EXTEND = False
    app.config.TOUCHUP = False
    app.config.ACCESS_LOG = False

    async def handle(request: Request) -> HTTPResponse:
        body = msgspec.json.decode(request.body, type=_Code)
        report = verify(body.code, trust=trust, status=status, at=hall.clock.now())
        return HTTPResponse(msgspec.json.encode(report), content_type="application/json")

    app.add_route(handle, "/verify", methods=["POST"])
    return app


async def _server(folder: str) -> None:
    """Serve both, and answer every line on standard input with the CPU seconds used so far."""
    logs.configure(json_lines=True)
    settings = load_settings({"ZT_DATA_DIR": folder})
    await Database(settings.database_url, MODELS).migrate()
    ours, theirs = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    async with opened(wire(settings, NoVision())) as hall:
        code = await _code(hall)
        bare: Any = await (await _bare(hall, code)).create_server(sock=theirs, return_asyncio_server=True, access_log=False)
        await bare.startup()
        await bare.before_start()
        async with serving(hall, ours):
            print(json.dumps({"ours": ours.getsockname()[1], "bare": theirs.getsockname()[1], "code": code}), flush=True)
            while await asyncio.to_thread(sys.stdin.readline):
                print(time.process_time(), flush=True)


async def _caller(port: int, request: bytes) -> None:
    address = next(_ADDRESSES)
    local = (f"127.{1 + address // 250 % 250}.{address // 62_500}.{1 + address % 250}", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=local)
    for _ in range(REQUESTS):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or b"TOTAL_PASSED" not in body:
            raise RuntimeError(f"unexpected answer: {head[:60]!r}")
    writer.close()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "bench.serve_overhead", folder)
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        server = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=nothing)
        try:
            print(json.dumps(await _measure(server), ensure_ascii=False))
        finally:
            if server.returncode is None:
                server.kill()
            await server.wait()


async def _measure(server: asyncio.subprocess.Process) -> dict[str, Any]:
    assert server.stdin is not None and server.stdout is not None
    ready = json.loads(await asyncio.wait_for(server.stdout.readline(), 40))
    payload = json.dumps({"code": ready["code"]}).encode()
    paths = {"ours": "/api/open/verify/code", "bare": "/verify"}
    head = f"Host: x\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    requests = {name: f"POST {path} HTTP/1.1\r\n{head}".encode() + payload for name, path in paths.items()}

    async def cpu() -> float:
        server.stdin.write(b"\n")  # type: ignore[union-attr]
        return float(await server.stdout.readline())  # type: ignore[union-attr]

    cost: dict[str, list[float]] = {"ours": [], "bare": []}
    rate: dict[str, float] = {"ours": 0.0, "bare": 0.0}
    for turn in range(ROUNDS + 1):
        for name, spent in cost.items():
            before, started = await cpu(), time.perf_counter()
            await asyncio.gather(*(_caller(ready[name], requests[name]) for _ in range(CONNECTIONS)))
            seconds = time.perf_counter() - started
            if turn:  # the first round warms both
                spent.append((await cpu() - before) / (CONNECTIONS * REQUESTS))
                rate[name] = max(rate[name], CONNECTIONS * REQUESTS / seconds)
    ours, bare = statistics.median(cost["ours"]), statistics.median(cost["bare"])
    return {
        "figure": "serve_overhead",
        "ratio": round(bare / ours, 3),
        "target": TARGET,
        "ok": bare / ours >= TARGET,
        "ours_cpu_us": round(ours * 1e6),
        "bare_cpu_us": round(bare * 1e6),
        "ours_requests_per_second": round(rate["ours"]),
        "bare_requests_per_second": round(rate["bare"]),
        "measures": "server CPU a request: bare Sanic handler with the same verification / our verify-code route, same process, in turns",
    }


if __name__ == "__main__":
    asyncio.run(_server(sys.argv[1]))
