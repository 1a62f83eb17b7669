"""A portrait authority over HTTP: `POST /portrait/query`, signed with HMAC-SHA256 over timestamp, nonce and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

import msgspec

from core.clock import Clock
from core.errors import UpstreamUnavailable
from core.http.client import HttpClient
from identity.portraits.config import PortraitConfig
from identity.portraits.ports import PortraitMatch

MAX_PORTRAIT_BYTES = 2 * 1024 * 1024
NOBODY = ("无", "000000000000000000")
"""Asked by `check`: no such person can exist."""

ANSWERS: dict[str, tuple[bool, bool]] = {
    "match": (True, True),
    "name_mismatch": (True, False),
    "not_found": (False, False),
}
"""The authority's word → (found, name matches). Any other word means that we do not know."""


class _Answer(msgspec.Struct):
    result: str
    portrait_jpeg_base64: str = ""


def signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over the three, joined by line feeds."""
    return hmac.new(secret.encode(), f"{timestamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()


class HttpPortraitAuthority:
    def __init__(self, *, client: HttpClient, config: PortraitConfig, clock: Clock) -> None:
        self._client = client
        self._config = config
        self._clock = clock

    async def lookup(self, name: str, id_number: str) -> PortraitMatch:
        """Ask once. UpstreamUnavailable for silence, a refusal, an unknown word or an unreadable answer: never taken for a mismatch."""
        body = msgspec.json.encode({"name": name, "id_number": id_number})
        response = await self._client.request("POST", "/portrait/query", content=body, headers=self._headers(body))
        if response.status_code != 200:
            raise UpstreamUnavailable()
        try:
            answer = msgspec.json.decode(response.content, type=_Answer)
        except msgspec.MsgspecError:
            raise UpstreamUnavailable() from None
        if answer.result not in ANSWERS:
            raise UpstreamUnavailable()
        found, name_matches = ANSWERS[answer.result]
        return PortraitMatch(found, name_matches, _portrait(answer.portrait_jpeg_base64) if name_matches else None)

    async def check(self) -> None:
        """UpstreamUnavailable if the address, the client id or the secret does not work."""
        if (await self.lookup(*NOBODY)).found:
            raise UpstreamUnavailable()

    async def close(self) -> None:
        await self._client.close()

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(16)
        return {
            "Content-Type": "application/json",
            "X-App-Id": self._config.app_id,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self._config.secret, timestamp, nonce, body),
        }


def _portrait(encoded: str) -> bytes | None:
    """None for an empty text. Only size and encoding are judged here; the vision process judges the picture."""
    if len(encoded) > MAX_PORTRAIT_BYTES * 4 // 3 + 4:
        raise UpstreamUnavailable()
    try:
        return base64.b64decode(encoded, validate=True) or None
    except binascii.Error:
        raise UpstreamUnavailable() from None
