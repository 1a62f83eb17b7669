"""An RFC 3161 timestamp token, as strictly read as the signature it belongs to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from esign.pdf_verification.cms import SHA256, TST_INFO, SignedMessage, read_signed_message
from esign.pdf_verification.der import check_der, children, content
from esign.pdf_verification.verdict import Doubt, Sub

_SEQUENCE, _OCTETS, _TIME = 0x30, 0x04, 0x18
_VERSION_1 = bytes.fromhex("020101")


@dataclass(frozen=True)
class Timestamp:
    """A timestamp token that says: this signature, or file, existed at `at`. Its certificate's path is still to be checked."""

    at: datetime
    message: SignedMessage


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.TIMESTAMP_FAILURE, detail)


def _time(value: bytes) -> datetime:
    text = content(value, _TIME).decode("ascii").rstrip("Z")
    whole, _, fraction = text.partition(".")
    return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC, microsecond=int(fraction[:6].ljust(6, "0") or 0))


def read_timestamp(token: bytes, *, of_signature: bytes) -> Timestamp:
    """Check a token over `of_signature`: its own signature, digest, imprint. Raises Doubt."""
    return read_timestamp_of_digest(token, hashlib.sha256(of_signature).digest())


def read_timestamp_of_digest(token: bytes, sha256: bytes) -> Timestamp:
    """The same for what has this digest. Raises Doubt."""
    message = read_signed_message(token, kind=TST_INFO, rsa_allowed=True)
    _need(message.timestamp_token is None, "the token has unsigned attributes")
    _need(hashlib.sha256(message.inner).digest() == message.message_digest, "the token's digest differs")
    check_der(message.inner)
    version, _policy, imprint, _serial, made_at, *_ = children(message.inner, _SEQUENCE)
    algorithm, digest = children(imprint, _SEQUENCE)
    _need(version == _VERSION_1 and algorithm in SHA256, "another version or digest")
    _need(content(digest, _OCTETS) == sha256, "the token is about something else")
    return Timestamp(_time(made_at), message)
