"""Pages without a client: the landing page, the public verification page and the API page. Static files ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from api import static_files
from api.static_files import METHODS, StaticFile

STATIC = Path(__file__).with_name("static")
_PAGES = {"/": "index.html", "/v": "verify.html", "/docs": "docs.html"}
_KINDS = {".html", ".css", ".js", ".svg"}
_CACHE = "public, max-age=300"


def assets() -> list[Path]:
    """The files that the pages cannot do without."""
    return sorted(path for path in STATIC.glob("*") if path.suffix in _KINDS)


def add(app: Sanic[Any, Any]) -> None:
    """Mount the pages and their assets; the set of files is fixed at start, so no path from a request reaches the file system."""
    for address, name in _PAGES.items():
        _mount(app, STATIC / name, address, f"page_{name.removesuffix('.html')}")
    for path in assets():
        if path.suffix != ".html":
            _mount(app, path, f"/static/{path.name}", f"static_{path.stem}_{path.suffix[1:]}")
    # Browsers ask for it by themselves where a page names no icon.
    _mount(app, STATIC / "mark.svg", "/favicon.ico", "favicon")


def _mount(app: Sanic[Any, Any], path: Path, address: str, name: str) -> None:
    app.add_route(_serve(static_files.read(path, _CACHE)), address, name=name, methods=METHODS)


def _serve(file: StaticFile) -> Any:
    async def serve(request: Request) -> HTTPResponse:
        return static_files.respond(request, file)

    return serve
