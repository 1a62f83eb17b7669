"""The stand-in of WeChat's face verification: getVerifyId and queryVerifyInfo, after the pages of developers.weixin.qq.com.

The person is not filmed: a session has its result at once, by who it is for. Those with a portrait on file pass (10000), those without are
not in the comparison source (10026), a name that does not belong to the number is 10003. `/_sandbox/faces/script` sets another verify_ret
for a person. The errcodes of what does not fit together are not published; 84001 and 84002 are this stand-in's own choice.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from sandbox.config import SandboxConfig
from sandbox.persons import by_id_number, by_openid, find_person
from sandbox.state import FaceSession, State
from sandbox.wechat import refusal, token_trouble

LIFE = timedelta(hours=1)
_SEQ_NO = re.compile(r"[0-9A-Za-z_-]{5,32}")
UNFIT, REPEATED = 84001, 84002


def cert_hash(cert: dict[str, Any]) -> str:
    parts = [f"{key}={base64.b64encode(str(cert[key]).encode()).decode()}" for key in ("cert_type", "cert_name", "cert_no")]
    return hashlib.sha256("&".join(parts).encode()).hexdigest()


def _proof(openid: str, digest: str) -> str:
    return hashlib.sha256(f"{openid}\n{digest}".encode()).hexdigest()


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("wechat_face")

    @bp.post("/cityservice/face/identify/getverifyid")
    async def getverifyid(request: Request) -> HTTPResponse:
        if trouble := token_trouble(request, state):
            return trouble
        body = request.json if isinstance(request.json, dict) else {}
        reference, openid = str(body.get("out_seq_no", "")), str(body.get("openid", ""))
        cert: dict[str, Any] = body["cert_info"] if isinstance(body.get("cert_info"), dict) else {}
        if by_openid(openid) is None:
            return refusal(40003, "invalid openid")
        is_whole = all(isinstance(cert.get(key), str) and cert[key] for key in ("cert_name", "cert_no"))
        if not _SEQ_NO.fullmatch(reference) or not is_whole or cert.get("cert_type") != "IDENTITY_CARD":
            return refusal(47001, "data format error")
        if state.face_session_of(reference) is not None:
            return refusal(REPEATED, "out_seq_no repeated")
        person = by_id_number(cert["cert_no"])
        known = person.key if person is not None and person.name == cert["cert_name"] else None
        session = FaceSession(secrets.token_urlsafe(48), reference, known, _proof(openid, cert_hash(cert)), state.clock.now() + LIFE)
        state.face_sessions[session.id] = session
        return json({"errcode": 0, "errmsg": "ok", "verify_id": session.id, "expires_in": int(LIFE.total_seconds())})

    @bp.post("/cityservice/face/identify/queryverifyinfo")
    async def queryverifyinfo(request: Request) -> HTTPResponse:
        if trouble := token_trouble(request, state):
            return trouble
        body = request.json if isinstance(request.json, dict) else {}
        session = state.face_sessions.get(str(body.get("verify_id", "")))
        proof = _proof(str(body.get("openid", "")), str(body.get("cert_hash", "")))
        if session is None or (session.reference, session.proof) != (body.get("out_seq_no"), proof):
            return refusal(UNFIT, "invalid verify_id or it does not fit")
        answer = _verify_ret(session, state)
        request.ctx.facts = {"verify_ret": answer}
        return json({"errcode": 0, "errmsg": "ok", "verify_ret": answer})

    return bp


def _verify_ret(session: FaceSession, state: State) -> int:
    if session.person is None:
        return 10003
    if scripted := state.face_scripts.get(("wechat", session.person)):
        return int(scripted)
    person = find_person(session.person)
    return 10000 if person is not None and person.portrait else 10026
