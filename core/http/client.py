"""Calling outside services: base URL from settings, bounded time and size, metrics, and no personal data in a log or an error."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx
import structlog

from core.errors import UpstreamUnavailable
from core.metrics import UPSTREAM_SECONDS

MAX_ANSWER_BYTES = 16 * 1024 * 1024

log = structlog.get_logger("upstream")


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The trusted authorities, read once a process: that takes as long as several requests, and each client would do it anew."""
    return httpx.create_ssl_context(trust_env=False)


class HttpClient:
    """One outside service. Answers of any status below 500 are returned; the adapter judges them."""

    def __init__(self, name: str, base_url: str, *, timeout: float = 10.0, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.name = name
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=timeout, transport=transport, follow_redirects=False, trust_env=False, verify=tls()
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send once; the caller decides about retries. UpstreamUnavailable on a timeout, a broken connection, 5xx, an oversized answer."""
        started = time.perf_counter()
        outcome = "error"
        try:
            async with self._client.stream(method, path, params=params, json=json, data=data, content=content, headers=headers) as response:
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_BYTES:
                        raise UpstreamUnavailable()
            outcome = str(response.status_code)
        except httpx.HTTPError as error:
            outcome = type(error).__name__
            raise UpstreamUnavailable() from None
        finally:
            elapsed = time.perf_counter() - started
            UPSTREAM_SECONDS.labels(self.name, outcome).observe(elapsed)
            log.info("upstream_call", service=self.name, method=method, path=path.split("?")[0], outcome=outcome, ms=round(elapsed * 1000))
        if response.status_code >= 500:
            raise UpstreamUnavailable()
        return httpx.Response(
            response.status_code,
            headers=[pair for pair in response.headers.items() if pair[0].lower() not in {"content-encoding", "content-length"}],
            content=bytes(body),
            request=response.request,
        )

    async def close(self) -> None:
        await self._client.aclose()
