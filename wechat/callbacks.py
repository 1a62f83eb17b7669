"""WeChat's pushes to us: proven first, then read, then kept once.

Secure mode proves by `msg_signature` over four values (token, timestamp, nonce, ciphertext); the three-value `signature` that comes with
it does not cover the message and is not enough. Old timestamps are accepted: replays are caught by their identity, not by their age.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import msgspec

from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.ids import new_id
from core.outbox import emit
from wechat.config import WechatConfig
from wechat.crypto import Undecryptable, decrypt, is_signed
from wechat.errors import MessageUnreadable, SignatureWrong
from wechat.events import CallbackReceived
from wechat.models import CallbackReceipt

MAX_BODY_BYTES = 64 * 1024
_KIND = re.compile(r"[^0-9A-Za-z_.]")


@dataclass(frozen=True)
class CallbackQuery:
    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    echostr: str = ""


@dataclass(frozen=True)
class Received:
    receipt_id: str
    is_new: bool


def read_message(body: bytes) -> dict[str, str]:
    """A flat JSON object or flat XML, as text values. Raises MessageUnreadable."""
    if len(body) > MAX_BODY_BYTES:
        raise MessageUnreadable()
    try:
        if body.lstrip().startswith(b"<"):
            if b"<!" in body.replace(b"<![CDATA[", b""):  # no DOCTYPE, hence no entities to expand
                raise MessageUnreadable()
            return {child.tag: child.text or "" for child in ElementTree.fromstring(body)}
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ElementTree.ParseError, ValueError):
        raise MessageUnreadable() from None
    if not isinstance(found, dict):
        raise MessageUnreadable()
    return {name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in found.items()}


def kind_of(message: Mapping[str, str]) -> str:
    kind = message.get("MsgType", "unknown")
    return _KIND.sub("", f"event.{message.get('Event', '')}" if kind == "event" else kind)[:64]


def identity_of(message: Mapping[str, str]) -> str:
    """What makes a push the same push: its MsgId, else sender, time and event (WeChat's own advice)."""
    if message.get("MsgId"):
        parts: object = ["id", message["MsgId"]]
    elif message.get("FromUserName") and message.get("CreateTime"):
        parts = ["event", message["FromUserName"], message["CreateTime"], message.get("Event", "")]
    else:
        parts = ["whole", sorted(message.items())]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


class WechatCallbacks:
    def __init__(self, config: WechatConfig, *, clock: Clock, cipher: Cipher) -> None:
        self._config, self._clock, self._cipher = config, clock, cipher

    def echo(self, query: CallbackQuery) -> str:
        """WeChat checks our address: give back `echostr`. Raises SignatureWrong."""
        if not is_signed(query.signature, self._config.token, query.timestamp, query.nonce):
            raise SignatureWrong()
        return query.echostr

    async def receive(self, query: CallbackQuery, body: bytes) -> Received:
        """Prove, read and keep one push. SignatureWrong or MessageUnreadable leave nothing behind; a repeat is answered like the first."""
        message = self._proven(query, body)
        receipt_id, kind, dedupe = new_id("wxmsg"), kind_of(message), identity_of(message)
        try:
            async with transaction():
                sealed = self._cipher.seal(msgspec.json.encode(message), context=f"wechat_callback_receipt:{receipt_id}")
                await CallbackReceipt.create(id=receipt_id, dedupe=dedupe, kind=kind, message=sealed, received_at=self._clock.now())
                await emit(CallbackReceived(receipt_id=receipt_id, kind=kind), at=self._clock.now())
        except IntegrityError:
            first = await CallbackReceipt.get(dedupe=dedupe)
            return Received(first.id, False)
        return Received(receipt_id, True)

    def _proven(self, query: CallbackQuery, body: bytes) -> dict[str, str]:
        if not self._config.aes_key:
            if not is_signed(query.signature, self._config.token, query.timestamp, query.nonce):
                raise SignatureWrong()
            return read_message(body)
        try:
            encrypted = read_message(body).get("Encrypt", "")
        except MessageUnreadable:
            raise SignatureWrong() from None
        if not is_signed(query.msg_signature, self._config.token, query.timestamp, query.nonce, encrypted):
            raise SignatureWrong()
        try:
            return read_message(decrypt(self._config.aes_key, self._config.appid, encrypted))
        except Undecryptable:
            raise SignatureWrong() from None
