"""Timestamps from an authority: over HTTP (RFC 3161 section 3.4), or from our own authority in the same process."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

import httpx
from asn1crypto import cms, core, tsp
from pyhanko.sign.timestamps import TimeStamper

from core.clock import Clock
from core.errors import UpstreamUnavailable
from core.http.client import tls
from esign.signer import SigningIdentity
from esign.timestamps.server import CONTENT_TYPE_REQUEST, CONTENT_TYPE_RESPONSE, answer

MAX_RESPONSE_BYTES = 64 * 1024


class TimestampUnavailable(UpstreamUnavailable):
    """The time-stamping authority did not answer, refused, or answered something else than was asked."""

    code = "esign.timestamp_unavailable"
    message = "时间戳服务暂时没有响应，您的签名没有生效，请稍后再试。"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


def check_response(response_der: bytes, *, digest: bytes, algorithm: str, nonce: int | None) -> Any:
    """The token (asn1crypto ContentInfo) of a response, once status, nonce and imprint agree with what was asked.

    The token's own signature is verified by the verifier, not here. Raises TimestampUnavailable.
    """
    try:
        members = core.SequenceOf.load(response_der, strict=True, spec=core.Any)
        info = members[0].parse(tsp.PKIStatusInfo)
        status, failure = info["status"].native, info["fail_info"].native
        if status not in {"granted", "granted_with_mods"}:
            raise TimestampUnavailable(f"refused: {status} {sorted(failure or ())}")
        token = members[1].parse(cms.ContentInfo)
        info = token["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        echoed = info["nonce"].native
        told = (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise TimestampUnavailable("the answer is not a TimeStampResp") from error
    if echoed != nonce:
        raise TimestampUnavailable("the answer carries another nonce")
    if told != (algorithm, digest):
        raise TimestampUnavailable("the answer is about another digest")
    return token


class _Timestamper(TimeStamper, ABC):
    """pyHanko's time-stamper on top of one method that carries bytes."""

    @abstractmethod
    async def exchange(self, request_der: bytes) -> bytes:
        """Carry a TimeStampReq to the authority and its answer back, both DER. Raises TimestampUnavailable."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        nonce, request = self.request_cms(message_digest, md_algorithm)  # type: ignore[no-untyped-call]
        answer_der = await self.exchange(request.dump())
        return check_response(answer_der, digest=message_digest, algorithm=md_algorithm, nonce=nonce)


class HttpTimestamper(_Timestamper):
    """A time-stamping authority at a URL. `timeout` in seconds covers the whole exchange. Raises TimestampUnavailable."""

    def __init__(self, url: str, timeout: float = 10.0, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url
        self._timeout = timeout
        self._transport = transport

    async def exchange(self, request_der: bytes) -> bytes:
        headers = {"Content-Type": CONTENT_TYPE_REQUEST, "Accept": CONTENT_TYPE_RESPONSE, "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(timeout=self._timeout, transport=self._transport, trust_env=False, verify=tls()) as client,
                client.stream("POST", self._url, content=request_der, headers=headers) as response,
            ):
                if response.status_code != 200:
                    raise TimestampUnavailable(f"HTTP status {response.status_code}")
                if response.headers.get("Content-Type", "").split(";")[0].strip().lower() != CONTENT_TYPE_RESPONSE:
                    raise TimestampUnavailable("the answer is of another media type")
                body = b""
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > MAX_RESPONSE_BYTES:
                        raise TimestampUnavailable("the answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise TimestampUnavailable(type(error).__name__) from error
        return body


class LocalTimestamper(_Timestamper):
    """Our own development authority without the network, for one-process installs and tests."""

    def __init__(self, signer: SigningIdentity, clock: Clock) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._signer = signer
        self._clock = clock

    async def exchange(self, request_der: bytes) -> bytes:
        return answer(request_der, signer=self._signer, clock=self._clock)
