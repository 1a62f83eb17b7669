"""The two spellings of a pair (r, s) of 256-bit numbers: raw r || s (COSE, JOSE), and DER as X.509 and CMS carry it.

SEQUENCE { r INTEGER, s INTEGER }        RFC 3279 section 2.2.3 for ECDSA, GM/T 0009 section 7.3 for SM2
"""

from __future__ import annotations

HALF = 32
"""Bytes of r and of s."""

_SEQUENCE, _INTEGER = 0x30, 0x02
_LONGEST = HALF + 1


def der_from_raw(raw: bytes) -> bytes:
    """64 bytes to DER. Raises ValueError for another length."""
    if len(raw) != 2 * HALF:
        raise ValueError("a raw signature has 64 bytes")
    body = _integer(raw[:HALF]) + _integer(raw[HALF:])
    return bytes([_SEQUENCE, len(body)]) + body


def raw_from_der(der: bytes) -> bytes | None:
    """DER to 64 bytes, or None for anything but the one DER form of two unsigned numbers below 2**256."""
    if not 8 <= len(der) <= 2 + 2 * (2 + _LONGEST) or der[0] != _SEQUENCE or der[1] != len(der) - 2:
        return None
    middle = 4 + der[3]
    if middle + 2 > len(der) or middle + 2 + der[middle + 1] != len(der):
        return None
    halves = [der[4:middle].lstrip(b"\0"), der[middle + 2 :].lstrip(b"\0")]
    if any(len(half) > HALF for half in halves):
        return None
    raw = b"".join(half.rjust(HALF, b"\0") for half in halves)
    return raw if der_from_raw(raw) == der else None


def _integer(unsigned: bytes) -> bytes:
    body = unsigned.lstrip(b"\0") or b"\0"
    if body[0] & 0x80:
        body = b"\0" + body
    return bytes([_INTEGER, len(body)]) + body
