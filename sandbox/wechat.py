"""The stand-in WeChat: behaviour and errcodes after developers.weixin.qq.com/miniprogram/dev."""

from __future__ import annotations

import base64
import io
import re
import secrets
from datetime import timedelta
from typing import Any

import segno
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json, raw

from sandbox.config import SandboxConfig
from sandbox.persons import by_openid, find_person
from sandbox.state import AccessToken, LoginCode, State

CODE_LIFE = timedelta(minutes=5)
TOKEN_LIFE = timedelta(hours=2)
TOKEN_OVERLAP = timedelta(minutes=5)
FORCED_PER_DAY = 20
FORCED_APART = timedelta(seconds=30)
_SCENE = re.compile(r"^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}$")
TEMPLATES: dict[str, tuple[str, ...]] = {
    "sandbox_case_progress": ("thing1", "phrase2", "time3", "character_string4"),
    "sandbox_parcel": ("thing1", "phrase2", "character_string3", "time4"),
}


def refusal(errcode: int, errmsg: str) -> HTTPResponse:
    return json({"errcode": errcode, "errmsg": errmsg})


def _give_token(state: State, *, force: bool) -> AccessToken | None:
    """The current token, a fresh one in its last five minutes or when forced, or None when forcing too often."""
    now = state.clock.now()
    current = state.tokens[-1] if state.tokens else None
    if current is not None and not force and now < current.expires_at - TOKEN_OVERLAP:
        return current
    if force:
        state.forced_refreshes = [at for at in state.forced_refreshes if at > now - timedelta(days=1)]
        if len(state.forced_refreshes) >= FORCED_PER_DAY or (state.forced_refreshes and now - state.forced_refreshes[-1] < FORCED_APART):
            return None
        state.forced_refreshes.append(now)
        state.tokens = []
    fresh = AccessToken(f"sandbox_{secrets.token_urlsafe(96)}", now, now + TOKEN_LIFE)
    state.tokens = [token for token in state.tokens if token.expires_at > now][-1:] + [fresh]
    return fresh


def token_trouble(request: Request, state: State) -> HTTPResponse | None:
    given, now = request.args.get("access_token"), state.clock.now()
    if not given:
        return refusal(41001, "access_token missing")
    token = next((token for token in state.tokens if token.value == given), None)
    if token is None:
        return refusal(40001, "invalid credential, access_token is invalid or not latest")
    return refusal(42001, "access_token expired") if token.expires_at <= now else None


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("wechat")
    _login(bp, config, state)
    _sending(bp, state)
    _on_the_phone(bp, state)
    return bp


def _login(bp: Blueprint, config: SandboxConfig, state: State) -> None:
    @bp.get("/sns/jscode2session")
    async def jscode2session(request: Request) -> HTTPResponse:
        args = request.args
        if args.get("appid") != config.wechat_appid:
            return refusal(40013, "invalid appid")
        if args.get("secret") != config.wechat_secret:
            return refusal(40125, "invalid appsecret")
        if args.get("grant_type") != "authorization_code":
            return refusal(40002, "invalid grant_type")
        code = state.login_codes.get(args.get("js_code", ""))
        if code is None or code.expires_at <= state.clock.now():
            return refusal(40029, "invalid code")
        if code.is_used:
            return refusal(40163, "code been used")
        code.is_used = True
        state.session_keys[code.openid] = base64.b64encode(secrets.token_bytes(16)).decode()
        # A genuine success carries no errcode at all.
        return json({"openid": code.openid, "session_key": state.session_keys[code.openid], "unionid": f"u{code.openid[1:]}"})

    @bp.post("/cgi-bin/stable_token")
    async def stable_token(request: Request) -> HTTPResponse:
        body: dict[str, Any] = request.json if isinstance(request.json, dict) else {}
        if body.get("appid") != config.wechat_appid:
            return refusal(40013, "invalid appid")
        if body.get("secret") != config.wechat_secret:
            return refusal(40125, "invalid appsecret")
        if body.get("grant_type") != "client_credential":
            return refusal(40002, "invalid grant_type")
        token = _give_token(state, force=bool(body.get("force_refresh")))
        if token is None:
            return refusal(45009, "reach max api daily quota limit")
        left = int((token.expires_at - state.clock.now()).total_seconds())
        return json({"access_token": token.value, "expires_in": left})

    @bp.post("/wxa/business/getuserphonenumber")
    async def getuserphonenumber(request: Request) -> HTTPResponse:
        if trouble := token_trouble(request, state):
            return trouble
        body = request.json if isinstance(request.json, dict) else {}
        code = state.phone_codes.get(str(body.get("code", "")))
        if code is None or code.is_used or code.expires_at <= state.clock.now():
            return refusal(40029, "invalid code")
        code.is_used = True
        person = by_openid(code.openid)
        phone = person.phone if person else ""
        watermark = {"timestamp": int(state.clock.now().timestamp()), "appid": config.wechat_appid}
        info = {"phoneNumber": f"+86{phone}", "purePhoneNumber": phone, "countryCode": "86", "watermark": watermark}
        return json({"errcode": 0, "errmsg": "ok", "phone_info": info})


def _sending(bp: Blueprint, state: State) -> None:
    @bp.post("/cgi-bin/message/subscribe/send")
    async def subscribe_send(request: Request) -> HTTPResponse:
        if trouble := token_trouble(request, state):
            return trouble
        body = request.json if isinstance(request.json, dict) else {}
        openid, template_id = str(body.get("touser", "")), str(body.get("template_id", ""))
        if by_openid(openid) is None:
            return refusal(40003, "invalid openid")
        if template_id not in TEMPLATES:
            return refusal(40037, "invalid template_id")
        data = body.get("data")
        values = {name: item.get("value") for name, item in data.items() if isinstance(item, dict)} if isinstance(data, dict) else {}
        for name in TEMPLATES[template_id]:
            value = values.get(name)
            if not isinstance(value, str) or not value or (name.startswith("thing") and len(value) > 20):
                return refusal(47003, f"argument invalid! data.{name}.value invalid")
        if state.accepts.get((openid, template_id), 0) <= 0:
            return refusal(43101, "user refuse to accept the msg")
        state.accepts[(openid, template_id)] -= 1
        state.sent_messages.append({"openid": openid, "template_id": template_id, "page": body.get("page", ""), "data": values})
        request.ctx.facts = {"template_id": template_id}
        return json({"errcode": 0, "errmsg": "ok", "msgid": str(len(state.sent_messages))})

    @bp.post("/wxa/getwxacodeunlimit")
    async def getwxacodeunlimit(request: Request) -> HTTPResponse:
        if trouble := token_trouble(request, state):
            return trouble
        scene = str((request.json or {}).get("scene", "")) if isinstance(request.json, dict) else ""
        if not _SCENE.fullmatch(scene):
            return refusal(40169, "invalid length for scene, or the data is not json string")
        picture = io.BytesIO()
        segno.make(scene, error="m").save(picture, kind="png", scale=6)  # a plain QR: the round mini-program code is WeChat's own
        return raw(picture.getvalue(), content_type="image/png")


def _on_the_phone(bp: Blueprint, state: State) -> None:
    """What happens on the citizen's phone and not on a server: development only, under /_sandbox/."""

    def person_of(request: Request) -> Any:
        body = request.json if isinstance(request.json, dict) else {}
        return find_person(str(body.get("person", ""))), body

    def hand_out(codes: dict[str, LoginCode], openid: str) -> HTTPResponse:
        code = secrets.token_urlsafe(24)
        codes[code] = LoginCode(openid, state.clock.now() + CODE_LIFE)
        return json({"code": code, "expires_in": int(CODE_LIFE.total_seconds())})

    @bp.post("/_sandbox/wechat/login_code")
    async def login_code(request: Request) -> HTTPResponse:
        person, _ = person_of(request)
        return hand_out(state.login_codes, person.openid) if person else json({"error": "unknown person"}, status=404)

    @bp.post("/_sandbox/wechat/phone_code")
    async def phone_code(request: Request) -> HTTPResponse:
        person, _ = person_of(request)
        return hand_out(state.phone_codes, person.openid) if person else json({"error": "unknown person"}, status=404)

    @bp.post("/_sandbox/wechat/accept")
    async def accept(request: Request) -> HTTPResponse:
        person, body = person_of(request)
        template_id = str(body.get("template_id", ""))
        if person is None or template_id not in TEMPLATES:
            return json({"error": "unknown person or template"}, status=404)
        key = (person.openid, template_id)
        state.accepts[key] = state.accepts.get(key, 0) + int(body.get("times", 1))
        return json({"accepts": state.accepts[key]})
