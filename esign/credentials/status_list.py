"""Token Status List in CWT form (draft-ietf-oauth-status-list, sections 4.3 and 5.2): which licences of a list are valid just now.

Two bits an entry, lowest bits of a byte first, pressed with zlib. Whoever serves licences draws an index at random with
`random_index` and keeps it unique in its own table, so that neighbours in the list say nothing about each other.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from esign.credentials import cbor, cose
from esign.errors import CredentialMalformed
from esign.signer import MessageSigner

TYPE = "application/statuslist+cwt"
BITS = 2
MAX_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 1 << 24
_ISS, _SUB, _EXP, _IAT, _LIST, _TTL = 1, 2, 4, 6, 65533, 65534
_LAST_SECOND = 253_402_300_799


class Status(IntEnum):
    """Values of section 7.1."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


@dataclass(frozen=True)
class StatusList:
    uri: str
    issuer: str | None
    issued_at: datetime
    expires_at: datetime | None
    ttl: timedelta | None
    bits: int
    entries: bytes = field(repr=False)

    def __len__(self) -> int:
        return len(self.entries) * 8 // self.bits

    def lookup(self, index: int) -> Status | None:
        """None for an index outside the list or a value we have no meaning for."""
        if not 0 <= index < len(self):
            return None
        byte, place = divmod(index * self.bits, 8)
        value = self.entries[byte] >> place & ((1 << self.bits) - 1)
        return Status(value) if value in Status._value2member_map_ else None

    def is_fresh(self, at: datetime) -> bool:
        """Neither expired nor older than its time to live; a list with neither limit is never fresh."""
        limits = [limit for limit in (self.expires_at, self.issued_at + self.ttl if self.ttl is not None else None) if limit is not None]
        return bool(limits) and at < min(limits)


def random_index(size: int) -> int:
    """Draw again where the index is taken; keep lists less than half full so that this stays rare."""
    return secrets.randbelow(size)


def build(
    statuses: Mapping[int, Status],
    identity: MessageSigner,
    *,
    uri: str,
    issuer: str,
    size: int,
    now: datetime,
    ttl: timedelta,
) -> bytes:
    """A signed list of `size` entries, all valid except the given ones. `uri` is `sub` and equals the credentials' `status.uri`.

    Raises ValueError for an index outside the list or a size that is no multiple of four.
    """
    if size <= 0 or size % (8 // BITS) or size > MAX_ENTRIES:
        raise ValueError("a status list has a multiple of four entries, at most 16,777,216")
    entries = bytearray(size * BITS // 8)
    for index, status in statuses.items():
        if not 0 <= index < size:
            raise ValueError("index outside the status list")
        byte, place = divmod(index * BITS, 8)
        entries[byte] = entries[byte] & ~(3 << place) & 0xFF | status << place
    issued = int(now.timestamp())
    seconds = int(ttl.total_seconds())
    body = {
        _ISS: issuer,
        _SUB: uri,
        _EXP: issued + seconds,
        _IAT: issued,
        _LIST: {"bits": BITS, "lst": zlib.compress(bytes(entries), 9)},
        _TTL: seconds,
    }
    return cose.sign(cbor.encode(body), identity, typ=TYPE)


def parse(data: bytes) -> tuple[cose.Sign1, StatusList]:
    """The message, whose signature is for the caller to judge, and the list in it. Inflates to a cap. Raises CredentialMalformed."""
    message = cose.decode(data, limit=MAX_BYTES)
    if message.typ != TYPE:
        raise CredentialMalformed("not a status list")
    return message, read_claims(message.payload)


def read_claims(payload: bytes) -> StatusList:
    """The claims of a status list token, other people's included. Raises CredentialMalformed."""
    body = cbor.decode_loosely(payload, limit=MAX_BYTES)
    if not isinstance(body, dict):
        raise CredentialMalformed("claims")
    uri, issuer, inner = body.get(_SUB), body.get(_ISS), body.get(_LIST)
    if not isinstance(uri, str) or not isinstance(issuer, str | None) or not isinstance(inner, dict):
        raise CredentialMalformed("claims")
    bits, pressed = inner.get("bits"), inner.get("lst")
    if type(bits) is not int or bits not in (1, 2, 4, 8) or not isinstance(pressed, bytes):
        raise CredentialMalformed("list")
    exp, ttl = body.get(_EXP), body.get(_TTL)
    return StatusList(
        uri=uri,
        issuer=issuer,
        issued_at=datetime.fromtimestamp(_seconds(body.get(_IAT)), UTC),
        expires_at=None if exp is None else datetime.fromtimestamp(_seconds(exp), UTC),
        ttl=None if ttl is None else timedelta(seconds=_seconds(ttl, most=10 * 366 * 86_400)),
        bits=bits,
        entries=_inflate(pressed, MAX_ENTRIES * bits // 8),
    )


def _seconds(value: object, *, most: int = _LAST_SECOND) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise CredentialMalformed("time")
    return value


def _inflate(pressed: bytes, limit: int) -> bytes:
    press = zlib.decompressobj()
    try:
        entries = press.decompress(pressed, limit)
    except zlib.error as error:
        raise CredentialMalformed("not zlib") from error
    if not press.eof or press.unused_data:
        raise CredentialMalformed("cut off, too large, or bytes behind the end")
    return entries
