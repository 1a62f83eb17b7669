"""A stand-in face verification service with the interface of docs/howto/connect-a-face-verification-service.md.

As at the stand-in WeChat, a session has its result at once: people with a portrait on file are `passed`, those without `no_source`, a wrong
name `name_or_number`. `POST /_sandbox/faces/script` {"person", "provider", "answer"} sets another answer for a person at one of the two
("wechat": a verify_ret; "remote": a word, or one of LIES); an empty answer takes it back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from typing import Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json, raw

from sandbox.config import SandboxConfig
from sandbox.persons import by_id_number, find_person
from sandbox.state import FaceSession, State

DRIFT = timedelta(minutes=5)
LIFE = timedelta(minutes=10)
LIES = ("@other_reference", "@wrong_signature", "@not_json")
_REFERENCE = re.compile(r"[0-9a-f]{32}")


class Begin(msgspec.Struct):
    reference: str
    name: str
    id_number: str


class Ask(msgspec.Struct):
    session: str
    reference: str


class Script(msgspec.Struct):
    person: str
    provider: str
    answer: str


def request_signature(secret: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    return hmac.new(secret.encode(), "\n".join((path, timestamp, nonce, "")).encode() + body, hashlib.sha256).hexdigest()


def answer_signature(secret: str, nonce: str, body: bytes) -> str:
    return hmac.new(secret.encode(), "\n".join(("answer", nonce, "")).encode() + body, hashlib.sha256).hexdigest()


def _is_genuine(request: Request, config: SandboxConfig, state: State) -> bool:
    timestamp, nonce = request.headers.get("x-timestamp", ""), request.headers.get("x-nonce", "")
    now = state.clock.now()
    if request.headers.get("x-app-id") != config.face_app_id or not timestamp.isdigit() or not 16 <= len(nonce) <= 64:
        return False
    if abs(now.timestamp() - int(timestamp)) > DRIFT.total_seconds():
        return False
    expected = request_signature(config.face_secret, request.path, timestamp, nonce, request.body)
    if not hmac.compare_digest(expected, request.headers.get("x-signature", "")):
        return False
    state.nonces = {known: until for known, until in state.nonces.items() if until > now}
    if f"face:{nonce}" in state.nonces:
        return False
    state.nonces[f"face:{nonce}"] = now + 2 * DRIFT
    return True


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("face_service")

    def signed(request: Request, answer: Any, *, lie: str = "") -> HTTPResponse:
        body = b"<html>" if lie == "@not_json" else msgspec.json.encode(answer)
        secret = "another secret" if lie == "@wrong_signature" else config.face_secret
        signature = answer_signature(secret, request.headers.get("x-nonce", ""), body)
        return raw(body, content_type="application/json", headers={"X-Signature": signature})

    def refused(request: Request, kind: type[Any] | None = None) -> tuple[HTTPResponse | None, Any]:
        if not _is_genuine(request, config, state):
            return json({"error": "unauthorized"}, status=401), None
        try:
            return None, msgspec.json.decode(request.body, type=kind) if kind else None
        except msgspec.MsgspecError:
            return json({"error": "bad_request"}, status=400), None

    @bp.post("/face/check")
    async def check(request: Request) -> HTTPResponse:
        refusal, _ = refused(request)
        return refusal or signed(request, {"ok": True})

    @bp.post("/face/sessions")
    async def begin(request: Request) -> HTTPResponse:
        refusal, asked = refused(request, Begin)
        if refusal:
            return refusal
        if not _REFERENCE.fullmatch(asked.reference):
            return json({"error": "bad_request"}, status=400)
        proof = hashlib.sha256(f"{asked.name}\n{asked.id_number}".encode()).hexdigest()
        session = state.face_session_of(asked.reference)
        if session is None:
            person = by_id_number(asked.id_number)
            known = person.key if person is not None and person.name == asked.name else None
            session = FaceSession(secrets.token_hex(16), asked.reference, known, proof, state.clock.now() + LIFE)
            state.face_sessions[session.id] = session
        elif session.proof != proof:
            return json({"error": "reference_taken"}, status=409)
        begun = {
            "session": session.id,
            "reference": session.reference,
            "client": {"session": session.id},
            "expires_at": session.expires_at.isoformat(),
        }
        return signed(request, begun)

    @bp.post("/face/results")
    async def result(request: Request) -> HTTPResponse:
        refusal, asked = refused(request, Ask)
        if refusal:
            return refusal
        session = state.face_sessions.get(asked.session)
        if session is None or session.reference != asked.reference:
            return json({"error": "unknown_session"}, status=404)
        word = _word(session, state)
        lie = word if word in LIES else ""
        reference = "0" * 32 if lie == "@other_reference" else session.reference
        request.ctx.facts = {"result": word}
        return signed(request, {"session": session.id, "reference": reference, "result": "passed" if lie else word}, lie=lie)

    @bp.post("/_sandbox/faces/script")
    async def script(request: Request) -> HTTPResponse:
        try:
            wanted = msgspec.json.decode(request.body, type=Script)
        except msgspec.MsgspecError as error:
            return json({"error": str(error)}, status=422)
        person = find_person(wanted.person)
        if person is None or wanted.provider not in ("wechat", "remote"):
            return json({"error": "unknown person or provider"}, status=404)
        if wanted.provider == "wechat" and wanted.answer and not wanted.answer.isdigit():
            return json({"error": "a verify_ret is a number"}, status=422)
        state.face_scripts.pop((wanted.provider, person.key), None)
        if wanted.answer:
            state.face_scripts[wanted.provider, person.key] = wanted.answer
        return json({"person": person.key, "provider": wanted.provider, "answer": wanted.answer})

    return bp


def _word(session: FaceSession, state: State) -> str:
    if session.person is None:
        return "name_or_number"
    if scripted := state.face_scripts.get(("remote", session.person)):
        return scripted
    person = find_person(session.person)
    return "passed" if person is not None and person.portrait else "no_source"
