"""Any other verification service, over HTTP and JSON; docs/howto/connect-a-face-verification-service.md is the interface it has to offer.

Each request carries X-App-Id, X-Timestamp, X-Nonce and X-Signature: HMAC-SHA256 over path, timestamp, nonce and body. Each answer carries
X-Signature over the request's nonce and its own body, so that no answer can be passed off for another's.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import structlog

from core.clock import Clock
from core.crypto import same
from core.errors import UpstreamUnavailable
from core.http.client import HttpClient
from identity.liveness.config import FaceProviderConfig
from identity.liveness.facts import Capabilities
from identity.liveness.providers.errors import ProviderUnavailable
from identity.liveness.providers.ports import ProviderResult, ProviderSubject, ProviderTicket, State

CHECK, BEGIN, RESULT = "/face/check", "/face/sessions", "/face/results"
TRIES = 2
PAUSE_SECONDS = 0.2
RESULTS: dict[str, tuple[State, tuple[str, ...]]] = {
    "passed": ("passed", ()),
    "pending": ("pending", ()),
    "other_person": ("failed", ("PROVIDER_OTHER_PERSON",)),
    "name_or_number": ("failed", ("PROVIDER_NAME_OR_NUMBER",)),
    "attack": ("failed", ("PROVIDER_ATTACK",)),
    "poor_capture": ("failed", ("PROVIDER_POOR_CAPTURE",)),
    "timed_out": ("failed", ("PROVIDER_TIMED_OUT",)),
    "no_source": ("review", ("PROVIDER_NO_SOURCE",)),
    "cancelled": ("pending", ("PROVIDER_CANCELLED",)),
    "trouble": ("pending", ("PROVIDER_TROUBLE",)),
}
"""The service's word → state and reasons. Any other word means that we do not know."""
UNKNOWN: tuple[State, tuple[str, ...]] = ("review", ("PROVIDER_UNSURE",))
Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")

log = structlog.get_logger("remote_face")


class _Ticket(msgspec.Struct, frozen=True):
    session: str
    reference: str


class _Checked(msgspec.Struct):
    ok: bool


class _Begun(msgspec.Struct):
    """`client` is handed to the phone as it is."""

    session: str
    reference: str
    client: dict[str, str]
    expires_at: datetime


class _Result(msgspec.Struct):
    session: str
    reference: str
    result: str


def request_signature(secret: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over the four, joined by line feeds."""
    return hmac.new(secret.encode(), f"{path}\n{timestamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()


def answer_signature(secret: str, nonce: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"answer\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()


class RemoteFaceProvider:
    """Both calls may be repeated: a session is opened once for a reference, and looking changes nothing."""

    name = "remote"

    def __init__(
        self, *, client: HttpClient, config: FaceProviderConfig, clock: Clock, capabilities: Capabilities, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._client, self._config, self._clock, self._sleep = client, config, clock, sleep
        self.capabilities = capabilities

    async def check(self) -> None:
        if not (await self._once(CHECK, {}, _Checked)).ok:
            raise ProviderUnavailable()

    async def begin(self, subject: ProviderSubject, reference: str) -> ProviderTicket:
        asked = {"reference": reference, "name": subject.name, "id_number": subject.id_number}
        begun = await self._patiently(BEGIN, asked, _Begun)
        if begun.reference != reference or not begun.session or begun.expires_at.tzinfo is None:
            raise ProviderUnavailable()
        ticket = _Ticket(begun.session, reference)
        return ProviderTicket(msgspec.json.encode(ticket).decode(), begun.client, begun.expires_at)

    async def result(self, ticket: str) -> ProviderResult:
        held = msgspec.json.decode(ticket, type=_Ticket)
        told = await self._patiently(RESULT, msgspec.to_builtins(held), _Result)
        if (told.session, told.reference) != (held.session, held.reference):
            log.error("remote_face_answered_about_another")
            raise ProviderUnavailable()
        return ProviderResult(*RESULTS.get(told.result, UNKNOWN), told.result[:32])

    async def close(self) -> None:
        await self._client.close()

    async def _patiently(self, path: str, body: dict[str, Any], kind: type[T]) -> T:
        for attempt in range(1, TRIES):
            try:
                return await self._once(path, body, kind)
            except UpstreamUnavailable:
                await self._sleep(PAUSE_SECONDS * attempt)
        return await self._once(path, body, kind)

    async def _once(self, path: str, body: dict[str, Any], kind: type[T]) -> T:
        content = msgspec.json.encode(body)
        timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json",
            "X-App-Id": self._config.app_id,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": request_signature(self._config.secret, path, timestamp, nonce, content),
        }
        response = await self._client.request("POST", path, content=content, headers=headers)
        if response.status_code != 200:
            raise ProviderUnavailable()
        if not same(response.headers.get("x-signature", ""), answer_signature(self._config.secret, nonce, response.content)):
            log.error("remote_face_signature_wrong")
            raise ProviderUnavailable()
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ProviderUnavailable() from None
