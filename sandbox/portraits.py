"""The stand-in portrait authority: is this the holder's name, and what does the picture on file look like."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from sandbox.config import SandboxConfig
from sandbox.faces import portrait
from sandbox.persons import by_id_number
from sandbox.state import State

DRIFT = timedelta(minutes=5)


class Query(msgspec.Struct):
    name: str
    id_number: str


def signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over the timestamp, the nonce and the body, joined by line feeds."""
    return hmac.new(secret.encode(), f"{timestamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()


def _is_genuine(request: Request, config: SandboxConfig, state: State) -> bool:
    timestamp, nonce = request.headers.get("x-timestamp", ""), request.headers.get("x-nonce", "")
    now = state.clock.now()
    if request.headers.get("x-app-id") != config.portrait_app_id or not timestamp.isdigit() or not 8 <= len(nonce) <= 64:
        return False
    if abs(now.timestamp() - int(timestamp)) > DRIFT.total_seconds():
        return False
    expected = signature(config.portrait_secret, timestamp, nonce, request.body)
    if not hmac.compare_digest(expected, request.headers.get("x-signature", "")):
        return False
    state.nonces = {known: until for known, until in state.nonces.items() if until > now}
    if nonce in state.nonces:
        return False
    state.nonces[nonce] = now + 2 * DRIFT
    return True


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("portraits")

    @bp.post("/portrait/query")
    async def query(request: Request) -> HTTPResponse:
        if not _is_genuine(request, config, state):
            return json({"error": "unauthorized"}, status=401)
        try:
            asked = msgspec.json.decode(request.body, type=Query)
        except msgspec.MsgspecError:
            return json({"error": "bad_request"}, status=400)
        person = by_id_number(asked.id_number)
        if person is None:
            result, picture = "not_found", b""
        elif person.name != asked.name:
            result, picture = "name_mismatch", b""
        else:
            result, picture = "match", portrait(person.portrait) if person.portrait else b""
        request.ctx.facts = {"result": result}
        return json({"result": result, "portrait_jpeg_base64": base64.b64encode(picture).decode()})

    return bp
