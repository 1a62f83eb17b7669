"""A tiny built client, and an application that serves it: pages need neither a database nor anybody logged in."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
from sanic import Sanic

from api.app import create_app
from api.runtime import listen
from api.settings import load_settings
from core.clock import SystemClock

SCRIPT = "export const words = '一次办好';\n" * 200
FILES = {
    "index.html": '<!doctype html><html lang="zh-CN"><title>零跑办</title><script type="module" src="./assets/index-B3k_9xQz.js"></script>',
    "assets/index-B3k_9xQz.js": SCRIPT,
    "assets/uni.8a1b2c3d.css": "body{margin:0}",
    "assets/pdf.worker-Dm0Yt4aX.mjs": "export {}",
    "static/very-longname.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "cmaps/GB-EUC-H.bcmap": "\x00",
    "data.json": "{}",
    "font.woff2": "x",
    "glue.wasm": "x",
    "photo.webp": "x",
    "photo.jpg": "x",
    "map.js.map": "{}",
    ".hidden": "nobody's",
    ".vite/manifest.json": "{}",
}


def built(static: Path, *folders: str) -> Path:
    """The same small client in each of `folders`, the script also compressed, as tools/build_clients.py leaves it."""
    for folder in folders:
        for name, text in FILES.items():
            path = static / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        packed = static / folder / "assets/index-B3k_9xQz.js.gz"
        packed.write_bytes(gzip.compress(SCRIPT.encode(), 9, mtime=0))
    return static


class _Cache:
    woken = 0

    async def wake(self, _topic: str) -> None:
        self.woken += 1


@asynccontextmanager
async def pages_served(static: Path, **env: str) -> AsyncIterator[httpx.AsyncClient]:
    """The real application without anything behind it."""
    settings = load_settings({"ZT_DATA_DIR": str(static / "data"), **env})
    hall = cast(Any, SimpleNamespace(settings=settings, services={}, cache=_Cache(), clock=SystemClock()))
    app = create_app(hall, name=f"pages-{secrets.token_hex(4)}", clients_folder=static)
    sock = listen("127.0.0.1", 0)
    sock.setblocking(False)
    server: Any = await app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{sock.getsockname()[1]}", trust_env=False) as web:
            yield web
    finally:
        await server.before_stop()
        server.server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.after_stop()
        Sanic.unregister_app(app)
