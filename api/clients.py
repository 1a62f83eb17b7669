"""The built clients: the phone pages at `/m/` and the console at `/console/`. All files are read at start into a fixed table, so no path
from a request reaches the file system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from api import static_files
from api.static_files import METHODS, StaticFile
from core.errors import NotFound

STATIC = Path(__file__).with_name("static")
INDEX = "index.html"
_HASHED = re.compile(r"^assets/.+[-.][A-Za-z0-9_-]{8}\.\w+$")
"""Vite's names of files that change their name with their content."""
_FOR_GOOD, _ASK_FIRST = "public, max-age=31536000, immutable", "no-cache"
# The camera looks at faces and codes; a video check also needs the microphone.
HEADERS = static_files.policy(
    "img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'", capture="self"
)


@dataclass(frozen=True)
class Client:
    """`folder` is the place of the built files below `api/static/`; `address` ends with a slash."""

    title: str
    folder: str
    address: str


PHONE = Client("手机端", "m", "/m/")
CONSOLE = Client("工作台", "console", "/console/")
CLIENTS = (PHONE, CONSOLE)


@cache
def files(folder: Path) -> dict[str, StaticFile]:
    """What the build left, by its path below `folder`; empty when there is no index page. A process reads a folder once."""
    if not (folder / INDEX).is_file():
        return {}
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_compressed_form = path.suffix == ".gz" and path.with_suffix("").is_file()
        if path.is_file() and not is_compressed_form and not any(part.startswith(".") for part in name.split("/")):
            found[name] = static_files.read(path, _FOR_GOOD if _HASHED.match(name) else _ASK_FIRST)
    return found


def missing(static: Path = STATIC) -> list[Client]:
    """The clients that nobody has built."""
    return [client for client in CLIENTS if not (static / client.folder / INDEX).is_file()]


def add(app: Sanic[Any, Any], static: Path = STATIC) -> None:
    """Mount the clients built below `static`."""
    unbuilt = static_files.read(STATIC / "unbuilt.html", "no-store")
    for client in CLIENTS:
        serve = _serve(files(static / client.folder), unbuilt)
        without_slash = client.address.rstrip("/")
        options: dict[str, Any] = {"methods": METHODS, "strict_slashes": True, "error_format": "json"}
        app.add_route(_to(client.address), without_slash, name=f"client_{client.folder}_bare", **options)
        app.add_route(serve, client.address, name=f"client_{client.folder}", **options)
        app.add_route(serve, f"{client.address}<path:path>", name=f"client_{client.folder}_files", **options)


def _serve(table: dict[str, StaticFile], unbuilt: StaticFile) -> Any:
    async def serve(request: Request, path: str = INDEX) -> HTTPResponse:
        if not table:
            return static_files.respond(request, unbuilt, status=503)
        if path not in table:
            raise NotFound("没有这个地址。")
        return static_files.respond(request, table[path], HEADERS)

    return serve


def _to(address: str) -> Any:
    async def move(request: Request) -> HTTPResponse:
        query = f"?{request.query_string}" if request.query_string else ""
        return HTTPResponse(status=308, headers={"Location": address + query, "Cache-Control": _ASK_FIRST})

    return move
