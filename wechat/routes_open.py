"""Where WeChat's pushes arrive."""

from __future__ import annotations

import msgspec

from core.http.routes import Audience, Binary, Call, Routes
from wechat.service import CallbackQuery, Wechat

routes = Routes("wechat", "/wechat", Audience.CALLBACK)


class PushQuery(msgspec.Struct, frozen=True):
    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    echostr: str = ""
    encrypt_type: str = ""
    openid: str = ""


def _query(call: Call) -> CallbackQuery:
    sent: PushQuery = call.query
    return CallbackQuery(sent.signature, sent.msg_signature, sent.timestamp, sent.nonce, sent.echostr)


@routes.get("/callback", query=PushQuery, returns=Binary, summary="微信验证回调地址")
async def wechat_callback_echo(call: Call) -> Binary:
    return Binary(call.service(Wechat).echo(_query(call)).encode(), "text/plain; charset=utf-8")


@routes.post("/callback", query=PushQuery, returns=Binary, summary="接收微信推送")
async def wechat_callback(call: Call) -> Binary:
    await call.service(Wechat).receive_callback(_query(call), call.body)
    return Binary(b"success", "text/plain; charset=utf-8")
