"""A phone, a clerk's desk or a courier's scanner: a client that keeps its login and its nerve when the server goes away for a moment."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from core.http.client import tls

PATIENCE = 60.0
_USED_UP = {"wechat.code_used", "auth.credentials_wrong"}


class Refused(Exception):
    """The server answered with an error; `code` is its stable code."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, str]) -> None:
        self.status, self.code, self.fields = status, code, fields
        super().__init__(f"{status} {code}: {message} {fields or ''}")


class Phone:
    """Sends the same request with the same idempotency key until it is answered; a repeat that finds the work done counts as done."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._client = httpx.AsyncClient(base_url=base_url, timeout=30, trust_env=False, verify=tls())
        self.token = ""
        self._expects_refusal = False

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Idempotency-Key": secrets.token_hex(12)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        until, interrupted = time.monotonic() + PATIENCE, False
        while True:
            try:
                response = await self._client.request(method, path, headers=headers, **options)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                interrupted = True
                await asyncio.sleep(0.2)
                continue
            if response.status_code == 503 and time.monotonic() < until:
                await asyncio.sleep(0.3)
                continue
            if response.status_code == 429 and not self._expects_refusal and time.monotonic() < until:
                await asyncio.sleep(min(float(response.headers.get("Retry-After", "1")), 5.0))
                continue
            if response.status_code == 409 and interrupted and not self._expects_refusal:
                return httpx.Response(200, json={"data": None})
            if response.status_code >= 400:
                error = response.json()["error"]
                raise Refused(response.status_code, error["code"], error["message"], error["fields"])
            return response

    async def log_in(self, path: str, credentials: Callable[[], Awaitable[dict[str, str]]]) -> None:
        """Log in with what `credentials` gives. What is good only once may have been used up by an attempt whose answer was lost: then with
        new ones, as a phone asks WeChat again."""
        for is_last in (False, False, True):
            try:
                self.token = (await self.post(path, await credentials()))["token"]
                return
            except Refused as refusal:
                if is_last or refusal.code not in _USED_UP:
                    raise

    async def get(self, path: str, **params: Any) -> Any:
        return (await self.send("GET", path, params=params or None)).json()["data"]

    async def file(self, path: str) -> bytes:
        return (await self.send("GET", path)).content

    async def post(self, path: str, body: Any = None) -> Any:
        return (await self.send("POST", path, json=body)).json()["data"]

    async def put(self, path: str, body: Any) -> Any:
        return (await self.send("PUT", path, json=body)).json()["data"]

    async def upload(self, path: str, name: str, files: list[tuple[str, bytes, str]], **form: str) -> Any:
        return (await self.send("POST", path, files=[(name, file) for file in files], data=form)).json()["data"]

    async def refused(self, work: Awaitable[Any], *codes: str) -> str:
        """The code with which `work` is refused; AssertionError when it is not, or with another one."""
        self._expects_refusal = True
        try:
            await work
        except Refused as refusal:
            if refusal.code in codes:
                return refusal.code
            raise AssertionError(f"expected {' or '.join(codes)}, got {refusal.code}") from refusal
        finally:
            self._expects_refusal = False
        raise AssertionError(f"expected {' or '.join(codes)}, but it was allowed")


async def until(read: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], what: str, seconds: float = PATIENCE) -> Any:
    """Ask again and again until `holds`; AssertionError names what did not come."""
    end = time.monotonic() + seconds
    while True:
        value = await read()
        if holds(value):
            return value
        if time.monotonic() > end:
            raise AssertionError(f"没有等到：{what}")
        await asyncio.sleep(0.15)
