"""Files that are the same for everybody, read once at start: content type, compressed form, validator and how long they may be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sanic import HTTPResponse, Request

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".wasm": "application/wasm",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}
OTHER = "application/octet-stream"
"""Also .bcmap, .pfb and .icc, which only pdf.js reads."""
METHODS = ("GET", "HEAD")


def policy(sources: str, *, capture: str) -> dict[str, str]:
    """What a page may do: load what `sources` names beside our own scripts, see and hear if `capture` is `self`; not locate or pay."""
    return {
        "Content-Security-Policy": f"default-src 'self'; {sources}; script-src 'self'; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'",
        "Permissions-Policy": f"camera=({capture}), accelerometer=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
        f"magnetometer=(), microphone=({capture}), midi=(), payment=(), serial=(), usb=()",
    }


POLICY = policy("img-src 'self' data:; style-src 'self'", capture="")
"""Of a page that is plain text, our style sheets and our scripts."""


@dataclass(frozen=True)
class StaticFile:
    """`gzipped` is the same content compressed, where that pays."""

    body: bytes
    media_type: str
    cache: str
    gzipped: bytes | None = None

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]


def read(path: Path, cache: str) -> StaticFile:
    """The file and, when `path` with `.gz` added is there, its compressed form."""
    packed = path.with_name(f"{path.name}.gz")
    return StaticFile(
        path.read_bytes(), MEDIA_TYPES.get(path.suffix.lower(), OTHER), cache, packed.read_bytes() if packed.is_file() else None
    )


def respond(request: Request, file: StaticFile, headers: Mapping[str, str] = POLICY, *, status: int = 200) -> HTTPResponse:
    """The file as this client can read it, or 304 when it has it already (RFC 9110, section 13.1.2). Sanic leaves the body out for HEAD."""
    compressed = file.gzipped if accepts_gzip(request.headers.get("accept-encoding", "")) else None
    # The two forms are different bytes, so their strong validators differ (RFC 9110, section 8.8.3.3).
    etag = f'"{file.digest}"' if compressed is None else f'"{file.digest}-gzip"'
    answered = {"Cache-Control": file.cache, "ETag": etag, **headers}
    if file.gzipped is not None:
        answered["Vary"] = "Accept-Encoding"
    if status == 200 and _is_known(request.headers.get("if-none-match", ""), etag):
        return HTTPResponse(status=304, headers=answered)
    if compressed is not None:
        answered["Content-Encoding"] = "gzip"
    return HTTPResponse(file.body if compressed is None else compressed, status=status, content_type=file.media_type, headers=answered)


def accepts_gzip(accepted: str) -> bool:
    """Whether `Accept-Encoding` allows gzip; a named coding counts more than `*`."""
    named = acceptable(accepted)
    return named.get("gzip", named.get("*", False))


def acceptable(accepted: str) -> dict[str, bool]:
    """What an `Accept…` header names, and whether it may be: a weight of zero forbids it (RFC 9110, section 12.4.2)."""
    named: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        name, *parameters = part.replace(" ", "").split(";")
        named[name] = not {"q=0", "q=0.0", "q=0.00", "q=0.000"} & set(parameters)
    return named


def _is_known(if_none_match: str, etag: str) -> bool:
    return any(known.strip().removeprefix("W/") in {etag, "*"} for known in if_none_match.split(","))
