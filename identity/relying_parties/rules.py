"""Pure rules: months of a quota, addresses that may be called, and the signature of a webhook (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from core.clock import BEIJING
from identity.relying_parties.errors import SignatureInvalid, SignatureStale, WebhookUrlInvalid

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
REPLAY_WINDOW = timedelta(minutes=5)
_NAT64 = ip_network("64:ff9b::/96")


def month_of(at: datetime) -> str:
    """The month a verification counts for, as people in Beijing name it: "2026-11"."""
    return f"{at.astimezone(BEIJING):%Y-%m}"


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one leads to (mapped, 6to4, Teredo, NAT64), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def is_public_address(text: str) -> bool:
    """Whether an IP address belongs to the open internet: not private, loopback, link-local, shared, reserved or multicast."""
    try:
        address = _inner(ip_address(text.split("%")[0]))
    except ValueError:
        return False
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not address.is_reserved and not is_site_local


def check_webhook_url(url: str, *, is_production: bool) -> None:
    """WebhookUrlInvalid unless it is an absolute http(s) address without account and fragment; https only in production."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookUrlInvalid(fields={"url": WebhookUrlInvalid.message}) from None
    schemes = {"https"} if is_production else {"https", "http"}
    is_plain = parts.username is None and parts.password is None and not parts.fragment and url.isascii() and url.isprintable()
    if parts.scheme not in schemes or not parts.hostname or not is_plain or " " in url or "\\" in url or port == 0:
        raise WebhookUrlInvalid(fields={"url": WebhookUrlInvalid.message})


def secret_bytes(secret: str) -> bytes:
    """The key inside `whsec_…`; ValueError when it is none."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("a webhook secret begins with whsec_")
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret_bytes(secret), content, hashlib.sha256).digest()).decode()


def signed_headers(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers; one signature for each secret in force, separated by spaces."""
    timestamp = int(at.timestamp())
    signatures = " ".join(sign(secret, message_id, timestamp, body) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime, window: timedelta = REPLAY_WINDOW) -> str:
    """What a receiver does with a message: its id, by which repeats are known. SignatureInvalid; SignatureStale outside the window."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise SignatureInvalid()
    try:
        expected = sign(secret, message_id, int(stamp), body)
    except (ValueError, binascii.Error):
        raise SignatureInvalid() from None
    offered = given.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in offered):
        raise SignatureInvalid()
    if abs(now.timestamp() - int(stamp)) > window.total_seconds():
        raise SignatureStale()
    return message_id
