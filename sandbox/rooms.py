"""The stand-in for a video server: who shows a valid access token is in the room, and sees who else is. No picture is carried."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from sandbox.config import SandboxConfig
from sandbox.state import State


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(token: str, key: str, secret: str, now: float) -> dict[str, Any] | None:
    """The claims of an access token (JWT, HS256) that this server would let in; None for any other."""
    try:
        head, body, signature = token.split(".")
        expected = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
        if msgspec.json.decode(_part(head)).get("alg") != "HS256" or not hmac.compare_digest(expected, _part(signature)):
            return None
        claims: dict[str, Any] = msgspec.json.decode(_part(body))
    except (ValueError, AttributeError):
        return None
    grant = claims.get("video", {})
    if claims.get("iss") != key or not claims.get("nbf", 0) <= now + 1 or now >= claims.get("exp", 0):
        return None
    return claims if grant.get("roomJoin") and grant.get("room") and claims.get("sub") else None


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("rooms")
    rooms: dict[str, dict[str, str]] = {}

    @bp.post("/rooms/join")
    async def join(request: Request) -> HTTPResponse:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        claims = claims_of(token, config.video_key, config.video_secret, state.clock.now().timestamp())
        if claims is None:
            return json({"error": "unauthorized"}, status=401)
        inside = rooms.setdefault(claims["video"]["room"], {})
        inside[claims["sub"]] = claims.get("name", "")
        return json({"room": claims["video"]["room"], "participants": inside})

    return bp
