"""WeChat's API over HTTP: one access token for all processes, one refresh when it fails, patience when WeChat is busy."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec
import structlog

from core.cache import Cache
from core.errors import UpstreamUnavailable
from core.http.client import HttpClient
from wechat.config import WechatConfig
from wechat.errors import TokenRejected, TokenStuck, UnknownAnswer, WechatBusy, error_of

BUSY_TRIES = 3
LEASE_SECONDS = 15.0
EARLY_SECONDS = 300
"""WeChat issues a new token in the last five minutes of the old one, and both are good meanwhile."""

log = structlog.get_logger("wechat")
Sleep = Callable[[float], Awaitable[None]]


def decode(response: httpx.Response) -> dict[str, Any]:
    """The answer as a JSON object; a missing errcode means 0. Raises the error of its errcode, or UnknownAnswer."""
    try:
        answer = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnknownAnswer() from None
    if response.status_code != 200 or not isinstance(answer, dict):
        raise UnknownAnswer()
    errcode = answer.get("errcode", 0)
    if errcode != 0:
        log.warning("wechat_refused", errcode=errcode)
        raise error_of(errcode) if isinstance(errcode, int) else UnknownAnswer()
    return answer


class WechatClient:
    def __init__(self, config: WechatConfig, http: HttpClient, cache: Cache, *, sleep: Sleep = asyncio.sleep) -> None:
        self._config, self._http, self._cache, self._sleep = config, http, cache, sleep
        self._token_key, self._lease_key = f"wechat:token:{config.appid}", f"wechat:token-lease:{config.appid}"

    async def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """A call that proves itself by appid and secret."""
        credentials = {"appid": self._config.appid, "secret": self._config.secret}
        return await self._patiently(lambda: self._once("GET", path, params={**credentials, **params}))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A call with the access token. A refused token is refreshed and the call repeated once; TokenStuck when that does not help."""
        token = await self.token()
        try:
            return await self._patiently(lambda: self._once("POST", path, params={"access_token": token}, json=body))
        except TokenRejected:
            fresh = await self.token(failed=token)
        try:
            return await self._patiently(lambda: self._once("POST", path, params={"access_token": fresh}, json=body))
        except TokenRejected:
            log.error("wechat_token_stuck", path=path)
            raise TokenStuck() from None

    async def _once(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            response = await self._http.request(method, path, **options)
        except UpstreamUnavailable:
            # Not repeated: a login code may be spent and a message sent, although the answer was lost.
            raise WechatBusy() from None
        try:
            return decode(response)
        except WechatBusy:
            raise _Busy from None

    async def _patiently(self, call: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Repeat on errcode -1, which WeChat answers before it does anything."""
        for attempt in range(BUSY_TRIES):
            if attempt:
                await self._sleep(0.1 * 2**attempt * (0.5 + random.random()))
            try:
                return await call()
            except _Busy:
                continue
        raise WechatBusy()

    async def token(self, failed: str | None = None) -> str:
        """The shared access token; one that is not `failed`. Only the holder of the lease asks WeChat, the others wait for its answer."""
        me = secrets.token_bytes(8)
        for _ in range(int(LEASE_SECONDS / 0.05) + 1):
            cached = await self._cached(failed)
            if cached is not None:
                return cached
            if await self._cache.claim(self._lease_key, me, ttl=LEASE_SECONDS):
                try:
                    return await self._cached(failed) or await self._fetch(failed, me)
                finally:
                    await self._cache.release(self._lease_key, me)
            await self._sleep(0.05)
        raise WechatBusy()

    async def _cached(self, failed: str | None) -> str | None:
        held = await self._cache.get(self._token_key)
        return held.decode() if held is not None and held.decode() != failed else None

    async def _fetch(self, failed: str | None, me: bytes) -> str:
        body = {"grant_type": "client_credential", "appid": self._config.appid, "secret": self._config.secret}
        answer = await self._patiently(lambda: self._once("POST", "/cgi-bin/stable_token", json=body))
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise UnknownAnswer()
        if token == failed:
            log.error("wechat_token_stuck", path="/cgi-bin/stable_token")
            raise TokenStuck()
        # A holder that lost its lease while waiting must not overwrite a newer token.
        if await self._cache.get(self._lease_key) == me:
            await self._cache.set(self._token_key, token.encode(), ttl=max(30, seconds - EARLY_SECONDS))
        return token


class _Busy(Exception):
    """errcode -1."""
