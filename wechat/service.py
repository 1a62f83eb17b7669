"""The public door of `wechat`."""

from __future__ import annotations

from collections.abc import Mapping

from core.cache import Cache
from core.clock import Clock
from core.crypto import Cipher
from core.http.client import HttpClient
from wechat.callbacks import CallbackQuery, Received, WechatCallbacks
from wechat.client import WechatClient
from wechat.config import WechatConfig
from wechat.errors import MessageFieldsInvalid, MessageRefused, UnknownAnswer
from wechat.login import WechatSession, code_to_session
from wechat.messages import check_fields

__all__ = ["CallbackQuery", "MessageRefused", "Received", "Wechat", "WechatSession"]


class Wechat:
    def __init__(self, config: WechatConfig, *, http: HttpClient, cache: Cache, clock: Clock, cipher: Cipher) -> None:
        self._client = WechatClient(config, http, cache)
        self._callbacks = WechatCallbacks(config, clock=clock, cipher=cipher)

    async def login(self, code: str) -> WechatSession:
        """Exchange a single-use `wx.login` code. CodeInvalid, CodeUsed, UserBlocked, WechatTooMany, WechatBusy, UnknownAnswer."""
        return await code_to_session(self._client, code)

    async def phone_number(self, code: str) -> str:
        """The mainland number behind a `getPhoneNumber` code (its own kind, single use; WeChat bills each success)."""
        answer = await self._client.post("/wxa/business/getuserphonenumber", {"code": code})
        info = answer.get("phone_info")
        phone = info.get("purePhoneNumber") if isinstance(info, dict) else None
        if not isinstance(phone, str) or not phone:
            raise UnknownAnswer()
        return phone

    async def send_message(self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = "") -> None:
        """One subscribe message. Its fields are checked first; MessageFieldsInvalid names those that WeChat would refuse.

        MessageRefused when the person has not accepted (or has used up the acceptance). Not repeated after a lost answer.
        """
        problems = check_fields(fields)
        if problems:
            raise MessageFieldsInvalid(fields=problems)
        data = {name: {"value": value} for name, value in fields.items()}
        body = {"touser": openid, "template_id": template_id, "page": page, "data": data, "lang": "zh_CN"}
        await self._client.post("/cgi-bin/message/subscribe/send", body)

    async def access_token(self, *, failed: str | None = None) -> str:
        """The access token that all processes share, for a neighbour that calls WeChat itself; one that is not `failed`."""
        return await self._client.token(failed=failed)

    def echo(self, query: CallbackQuery) -> str:
        return self._callbacks.echo(query)

    async def receive_callback(self, query: CallbackQuery, body: bytes) -> Received:
        return await self._callbacks.receive(query, body)

    async def check(self) -> None:
        """Can we get a token? Raises what keeps us from it (doctor, readiness)."""
        await self._client.token()
