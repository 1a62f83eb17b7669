"""Pages without a client: the landing page, the public verification page and the API page. Static files ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic

STATIC = Path(__file__).with_name("static")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGES = {"/": "index.html", "/v": "verify.html", "/docs": "docs.html"}


def _file(path: Path) -> HTTPResponse:
    return HTTPResponse(path.read_bytes(), content_type=_TYPES[path.suffix], headers={"Cache-Control": "public, max-age=300"})


def assets() -> list[Path]:
    """The files that the pages cannot do without."""
    return sorted(path for path in STATIC.glob("*") if path.suffix in _TYPES)


def add(app: Sanic[Any, Any]) -> None:
    """Mount the pages and their assets; the set of files is fixed at start, so no path from a request reaches the file system."""
    for address, name in _PAGES.items():
        app.add_route(_serve(STATIC / name), address, name=f"page_{name.removesuffix('.html')}")
    for path in sorted(STATIC.glob("*")):
        if path.suffix in {".css", ".js", ".svg"}:
            app.add_route(_serve(path), f"/static/{path.name}", name=f"static_{path.stem}_{path.suffix[1:]}")


def _serve(path: Path) -> Any:
    content = _file(path)

    async def serve(_request: Request) -> HTTPResponse:
        return HTTPResponse(content.body, content_type=content.content_type, headers=dict(content.headers))

    return serve
