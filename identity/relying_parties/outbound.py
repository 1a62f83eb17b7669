"""Sending a webhook to an address that a stranger chose: checked after its name is resolved, pinned to what was checked, bounded."""

from __future__ import annotations

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol

import httpx
import structlog

from core.http.client import tls
from core.metrics import UPSTREAM_SECONDS
from identity.relying_parties.errors import WebhookUrlInvalid
from identity.relying_parties.rules import check_webhook_url, is_public_address

_MOST_BYTES = 16 * 1024
_NAMES_AT_ONCE = 8

log = structlog.get_logger("webhooks")


@dataclass(frozen=True)
class Sent:
    """`status` of the answer, or None and why there was none: address_refused, timeout or unreachable."""

    status: int | None
    error: str | None = None

    @property
    def is_received(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Sender(Protocol):
    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        """Send once, never raise for what the receiver does."""
        ...


class WebhookSender:
    """`is_production`: https only, and only addresses of the open internet. `seconds` bounds everything from the name to the answer."""

    def __init__(self, *, seconds: float, is_production: bool) -> None:
        self._seconds, self._is_production = seconds, is_production
        # A kept connection belongs to an address, not to the name that was checked: none is kept. Nor is any cookie: they would go to
        # whoever else is served at that address.
        self._client = httpx.AsyncClient(
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            verify=tls(),
            limits=httpx.Limits(max_keepalive_connections=0),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
        # A name server that does not answer holds a thread longer than anybody waits: it may hold only these.
        self._names = ThreadPoolExecutor(_NAMES_AT_ONCE, thread_name_prefix="webhook-names")

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._seconds):
                sent = await self._post(url, headers, body)
        except (TimeoutError, httpx.TimeoutException):
            sent = Sent(None, "timeout")
        except WebhookUrlInvalid:
            sent = Sent(None, "address_refused")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError):
            sent = Sent(None, "unreachable")
        outcome = str(sent.status) if sent.status is not None else sent.error or ""
        elapsed = time.perf_counter() - started
        UPSTREAM_SECONDS.labels("webhook", outcome).observe(elapsed)
        log.info("webhook_sent", outcome=outcome, ms=round(elapsed * 1000))
        return sent

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        check_webhook_url(url, is_production=self._is_production)
        target = httpx.URL(url)
        address = await self._checked_address(target)
        # The connection goes to the checked address; the name stays in the Host header and in TLS, where the certificate is checked for it.
        request = self._client.build_request(
            "POST",
            target.copy_with(host=address),
            content=body,
            headers={
                **headers,
                "Host": target.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "User-Agent": "zerotrip-webhooks",
            },
            extensions={"sni_hostname": target.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            read = 0
            async for part in response.aiter_raw():
                read += len(part)
                if read > _MOST_BYTES:
                    break
        finally:
            await response.aclose()
        return Sent(response.status_code)

    async def _checked_address(self, target: httpx.URL) -> str:
        """One address of the name; WebhookUrlInvalid in production if any of its addresses is not of the open internet."""
        port = target.port or (443 if target.scheme == "https" else 80)
        ask = partial(socket.getaddrinfo, target.host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._names, ask)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or (self._is_production and not all(is_public_address(address) for address in addresses)):
            raise WebhookUrlInvalid()
        return addresses[0]

    async def close(self) -> None:
        self._names.shutdown(wait=False, cancel_futures=True)
        await self._client.aclose()
