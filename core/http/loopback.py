"""Whether a request was sent on this machine, to this machine, by no page but our own: for doors open to whoever sits here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_HOST = re.compile(r"(?P<name>(?:[a-z0-9-]+\.)*localhost|[0-9.]+|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?", re.ASCII)
_OWN_FETCHES = {"", "same-origin", "none"}


def is_loopback(address: str) -> bool:
    """Of an IP address; IPv4 written as IPv6 counts as IPv4."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback


def is_loopback_host(host: str) -> bool:
    """Of a `Host` header (RFC 9110, section 7.2): a name of this machine and perhaps a port, nothing else. A page elsewhere whose name was
    made to lead to the loopback address (DNS rebinding) keeps its own name there."""
    found = _HOST.fullmatch(host.lower())
    if found is None or int(found["port"] or 80) > 65535:
        return False
    return found["name"].endswith("localhost") or is_loopback(found["name"].strip("[]"))


def is_own_request(headers: Mapping[str, str]) -> bool:
    """Sent through no proxy that hides the sender, to a name of this machine, by no page of another site.

    Names of headers in small letters. `Origin` may be another port of this machine (a development server that passes requests on);
    `Sec-Fetch-Site` is what the browser itself says of the page that asks (W3C Fetch Metadata).
    """
    if any(name in {"forwarded", "via", "x-real-ip"} or name.startswith("x-forwarded") for name in headers):
        return False
    if not is_loopback_host(headers.get("host", "")) or headers.get("sec-fetch-site", "") not in _OWN_FETCHES:
        return False
    return "origin" not in headers or _is_own_origin(headers["origin"])


def _is_own_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and origin == f"{parts.scheme}://{parts.netloc}" and is_loopback_host(parts.netloc)
