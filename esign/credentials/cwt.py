"""The licence credential: a CBOR Web Token (RFC 8392) with the facts a shopper or inspector needs.

| claim | key | value |
|---|---|---|
| iss | 1 | code of the issuing authority, as in the trust list |
| exp | 4 | NumericDate (seconds since 1970); left out for a licence without end |
| iat | 6 | NumericDate |
| status | 65535 | `{"status_list": {"idx": n, "uri": "…"}}` (draft-ietf-oauth-status-list, section 6.3) |
| licence | -65537 | our map, keys below; RFC 8392 section 9.1 leaves everything under -65536 to private use |

| in the licence map | key | value |
|---|---|---|
| licence_id | 1 | text, 证照标识 |
| licence_type | 2 | text, name of the kind of licence |
| holder_name | 3 | text |
| holder_uscc | 4 | text, 统一社会信用代码 |
| address | 5 | text |
| scope | 6 | text |
| legal_person | 7 | text, name |
| issued_on | 8 | whole days since 1970-01-01 (as RFC 8943, without its tag) |
| valid_from | 9 | the same |
| valid_until | 10 | the same; the last day on which the licence holds, in Beijing |

A shown code (出示码) has the same layout with only the consented facts and a life of a minute or two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from esign.credentials import cbor, cose
from esign.errors import CredentialMalformed
from esign.signer import MessageSigner

MAX_BYTES = 8_192
_ISS, _EXP, _IAT, _STATUS, _LICENCE = 1, 4, 6, 65535, -65537
_EPOCH = date(1970, 1, 1)
_TEXTS = {1: "licence_id", 2: "licence_type", 3: "holder_name", 4: "holder_uscc", 5: "address", 6: "scope", 7: "legal_person"}
_DATES = {8: "issued_on", 9: "valid_from", 10: "valid_until"}
_LONGEST_TEXT = 2_000
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_LAST_DAY = 2_932_896


class StatusReference(msgspec.Struct, frozen=True):
    uri: str
    idx: int


class LicenceClaims(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the credential says. Times are aware and in UTC; a fact that is not shown is None."""

    issuer: str
    issued_at: datetime
    licence_id: str
    licence_type: str
    expires_at: datetime | None = None
    holder_name: str | None = None
    holder_uscc: str | None = None
    address: str | None = None
    scope: str | None = None
    legal_person: str | None = None
    issued_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    status: StatusReference | None = None


DISCLOSABLE = frozenset({*_TEXTS.values(), *_DATES.values()} - {"licence_id", "licence_type"})
"""Facts that a holder may show or leave out in a 出示码; number and kind are always shown."""


def encode(claims: LicenceClaims) -> bytes:
    """The claims set, deterministic. Raises ValueError for what `decode` would refuse."""
    licence: dict[int, Any] = {key: value for key, name in _TEXTS.items() if (value := getattr(claims, name)) is not None}
    licence.update({key: (value - _EPOCH).days for key, name in _DATES.items() if (value := getattr(claims, name)) is not None})
    body: dict[int, Any] = {_ISS: claims.issuer, _IAT: _seconds(claims.issued_at), _LICENCE: licence}
    if claims.expires_at is not None:
        body[_EXP] = _seconds(claims.expires_at)
    if claims.status is not None:
        body[_STATUS] = {"status_list": {"idx": claims.status.idx, "uri": claims.status.uri}}
    data = cbor.encode(body)
    decode(data)
    return data


def decode(data: bytes) -> LicenceClaims:
    """Raises CredentialMalformed for a missing or unknown claim and for every wrong type or range."""
    body = cbor.decode(data, limit=MAX_BYTES)
    if not isinstance(body, dict) or not {_ISS, _IAT, _LICENCE} <= body.keys() <= {_ISS, _EXP, _IAT, _STATUS, _LICENCE}:
        raise CredentialMalformed("claims")
    licence = body[_LICENCE]
    if not isinstance(licence, dict) or not {1, 2} <= licence.keys() <= _TEXTS.keys() | _DATES.keys():
        raise CredentialMalformed("licence claims")
    facts: dict[str, Any] = {}
    for key, value in licence.items():
        facts[_TEXTS.get(key) or _DATES[key]] = _text(value) if key in _TEXTS else _date(value)
    return LicenceClaims(
        issuer=_text(body[_ISS]),
        issued_at=_time(body[_IAT]),
        expires_at=_time(body[_EXP]) if _EXP in body else None,
        status=_status(body[_STATUS]) if _STATUS in body else None,
        **facts,
    )


def issue(claims: LicenceClaims, identity: MessageSigner) -> bytes:
    """The signed credential, as attached to the PDF as `licence.cwt` and packed into the QR. Raises ValueError for impossible claims."""
    return cose.sign(encode(claims), identity)


def present(claims: LicenceClaims, shown: frozenset[str], identity: MessageSigner, *, now: datetime, seconds: int) -> bytes:
    """A 出示码: only the consented facts, signed anew with the authority's presentation key, `exp` in 60 to 120 seconds.

    Never lives longer than the licence. Raises ValueError for an unknown fact, another life, or a licence that is over.
    """
    if not 60 <= seconds <= 120 or not shown <= DISCLOSABLE:
        raise ValueError("a shown code lives 60 to 120 seconds and shows facts of the licence")
    hidden: dict[str, None] = dict.fromkeys(DISCLOSABLE - shown)
    at = now.replace(microsecond=0)
    until = at + timedelta(seconds=seconds)
    if claims.expires_at is not None and claims.expires_at < until:
        until = claims.expires_at
    if until <= at:
        raise ValueError("the licence is over")
    return issue(msgspec.structs.replace(claims, issued_at=at, expires_at=until, **hidden), identity)


def _seconds(value: datetime) -> int:
    if value.tzinfo is None:
        raise ValueError("a claim needs an aware time")
    return int(value.timestamp())


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
        raise CredentialMalformed("text")
    return value


def _time(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise CredentialMalformed("time")
    return datetime.fromtimestamp(value, UTC)


def _date(value: object) -> date:
    if type(value) is not int or not 0 <= value <= _LAST_DAY:
        raise CredentialMalformed("date")
    return date.fromordinal(_EPOCH.toordinal() + value)


def _status(value: object) -> StatusReference:
    inner = value.get("status_list") if isinstance(value, dict) and value.keys() == {"status_list"} else None
    if not isinstance(inner, dict) or inner.keys() != {"idx", "uri"} or type(inner["idx"]) is not int or inner["idx"] < 0:
        raise CredentialMalformed("status")
    return StatusReference(uri=_text(inner["uri"]), idx=inner["idx"])
