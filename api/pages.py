"""Pages without a client: the landing page, the public verification page, the API page, and the one that says that there is none."""

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
    app.ctx.missing_page = static_files.read(STATIC / "missing.html", "no-store")


def missing(request: Request) -> HTTPResponse:
    """404 for a person, with a way home."""
    return static_files.respond(request, request.app.ctx.missing_page, status=404)


def is_visit(request: Request) -> bool:
    """Whether a browser opens an address that is no program's: its `Accept` names HTML (RFC 9110, section 12.5.1), a script's does not."""
    if request.method not in METHODS or request.path.split("/")[1] in request.app.ctx.places_of_programs:
        return False
    accepted = static_files.acceptable(request.headers.get("accept", ""))
    return accepted.get("text/html", False) and "application/json" not in accepted


def _mount(app: Sanic[Any, Any], path: Path, address: str, name: str) -> None:
    app.add_route(_serve(static_files.read(path, _CACHE)), address, name=name, methods=METHODS, error_format="json")


def _serve(file: StaticFile) -> Any:
    async def serve(request: Request) -> HTTPResponse:
        return static_files.respond(request, file)

    return serve
