"""What a login code is worth. The session key stays on the server; the openid is never taken from a client."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.client import WechatClient
from wechat.errors import CodeInvalid, UnknownAnswer

_CODE = re.compile(r"[\x21-\x7e]{8,256}")


@dataclass(frozen=True)
class WechatSession:
    """`session_key` is 16 bytes; a later login of the same person may replace it at any time."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: bytes = field(repr=False)


def session_from(answer: Mapping[str, Any]) -> WechatSession:
    """Raises UnknownAnswer when a field is missing or has another shape."""
    openid, unionid, key = answer.get("openid"), answer.get("unionid"), answer.get("session_key")
    if not isinstance(openid, str) or not openid or not isinstance(key, str) or not isinstance(unionid, str | None):
        raise UnknownAnswer()
    try:
        raw_key = base64.b64decode(key, validate=True)
    except binascii.Error:
        raise UnknownAnswer() from None
    if len(raw_key) != 16:
        raise UnknownAnswer()
    return WechatSession(openid, unionid or None, raw_key)


async def code_to_session(client: WechatClient, code: str) -> WechatSession:
    """Exchange the single-use code of `wx.login` (auth.code2Session). CodeInvalid, CodeUsed, UserBlocked, WechatBusy, UnknownAnswer."""
    if not _CODE.fullmatch(code):
        raise CodeInvalid()
    return session_from(await client.get("/sns/jscode2session", {"js_code": code, "grant_type": "authorization_code"}))
