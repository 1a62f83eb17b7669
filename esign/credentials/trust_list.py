"""The signed, versioned list of keys to trust: who may seal, issue, present, publish status and stamp time, and since when not.

COSE_Sign1 with typ `application/zerotrip-trust-list+cbor` and the signer's certificate as x5chain; the payload is a map:

| key | value |
|---|---|
| 1 | 1, the layout's version |
| 2 | the list's own version, growing |
| 3, 4 | issued_at, next_update (seconds since 1970) |
| 5 | roots: array of DER certificates |
| 6 | entries: array of maps |

| entry key | value |
|---|---|
| 1 | kid: first 8 bytes of the certificate's SHA-256 (not unique: try every match) |
| 2 | purpose: `seal`, `licence`, `presentation`, `status`, `timestamp`, `trust`, `citizen` |
| 3, 4 | name and code of the authority |
| 5 | certificate, DER, issued by one of the roots |
| 6, 7 | from and until when signatures by this key count (seconds since 1970), inside the certificate's own life |
| 8 | `active`, `retired` (no longer signs, old signatures stand) or `compromised` |
| 9 | compromised_at, exactly where the state is `compromised` |

A list vouches for itself only as far as its roots are known: pin a root's SHA-256 where lists come over a network.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from esign.algorithms import WrongKey, algorithm_for
from esign.authority import Purpose, fingerprint, is_for, is_issued_by, kid_of
from esign.credentials import cbor, cose
from esign.errors import CredentialMalformed, SignatureInvalid
from esign.signer import MessageSigner

TYPE = "application/zerotrip-trust-list+cbor"
MAX_BYTES = 4 * 1024 * 1024
LAYOUT = 1
State = Literal["active", "retired", "compromised"]
_DRIFT = timedelta(minutes=5)


@dataclass(frozen=True)
class TrustEntry:
    """One certificate and its standing. `public_key` is kept parsed, because a verifier uses it again and again."""

    purpose: Purpose
    issuer_name: str
    issuer_code: str
    certificate: x509.Certificate
    public_key: PublicKeyTypes
    valid_from: datetime
    valid_until: datetime
    state: State
    compromised_at: datetime | None

    @property
    def kid(self) -> bytes:
        return kid_of(self.certificate)

    def counts_at(self, at: datetime) -> bool:
        """Whether a signature made at that time is inside the key's window. Compromise is judged apart."""
        return self.valid_from <= at <= self.valid_until


@dataclass(frozen=True, eq=False)
class TrustList:
    version: int
    issued_at: datetime
    next_update: datetime
    roots: tuple[x509.Certificate, ...]
    entries: tuple[TrustEntry, ...]
    by_kid: Mapping[bytes, tuple[TrustEntry, ...]]

    def find(self, kid: bytes, *purposes: Purpose) -> tuple[TrustEntry, ...]:
        return tuple(entry for entry in self.by_kid.get(kid, ()) if entry.purpose in purposes)

    def for_purpose(self, purpose: Purpose) -> tuple[TrustEntry, ...]:
        return tuple(entry for entry in self.entries if entry.purpose is purpose)

    def is_fresh(self, at: datetime) -> bool:
        return self.issued_at - _DRIFT <= at < self.next_update

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The keys that verify credentials and lists, as a JSON Web Key Set (RFC 7517), compromised ones left out."""
        keys: list[dict[str, Any]] = []
        for entry in self.entries:
            if entry.purpose not in (Purpose.LICENCE, Purpose.PRESENTATION, Purpose.STATUS) or entry.state == "compromised":
                continue
            try:
                jwk: dict[str, Any] = dict(algorithm_for(entry.public_key).jwk(entry.public_key))
            except WrongKey:
                continue
            der = entry.certificate.public_bytes(Encoding.DER)
            keys.append({**jwk, "use": "sig", "kid": entry.kid.hex(), "x5c": [b64encode(der).decode()]})
        return {"keys": keys}


def build(
    entries: Iterable[TrustEntry],
    roots: Iterable[x509.Certificate],
    identity: MessageSigner,
    *,
    version: int,
    now: datetime,
    life: timedelta,
) -> bytes:
    """The signed list. Raises CredentialMalformed where it would not verify."""
    body = {
        1: LAYOUT,
        2: version,
        3: int(now.timestamp()),
        4: int((now + life).timestamp()),
        5: [root.public_bytes(Encoding.DER) for root in roots],
        6: [_row(entry) for entry in entries],
    }
    data = cose.sign(cbor.encode(body), identity, typ=TYPE, with_certificate=True)
    parse(data)
    return data


def parse(data: bytes, *, pinned_root: bytes | None = None) -> TrustList:
    """Take a list apart and check everything that does not depend on the time of day.

    `pinned_root`: SHA-256 of the one root certificate to believe. Raises CredentialMalformed or SignatureInvalid.
    """
    message = cose.decode(data, limit=MAX_BYTES)
    if message.typ != TYPE:
        raise CredentialMalformed("not a trust list")
    body = cbor.decode(message.payload, limit=MAX_BYTES)
    if not isinstance(body, dict) or body.keys() != {1, 2, 3, 4, 5, 6} or body[1] != LAYOUT:
        raise CredentialMalformed("layout")
    version, rows = body[2], body[6]
    if type(version) is not int or version < 0 or not isinstance(rows, list) or not isinstance(body[5], list):
        raise CredentialMalformed("layout")
    roots = tuple(_certificate(der) for der in body[5])
    if pinned_root is not None:
        roots = tuple(root for root in roots if fingerprint(root) == pinned_root)
    if not roots or not all(is_issued_by(root, root) for root in roots):
        raise CredentialMalformed("no root to believe")
    issued_at = _time(body[3])
    _check_signer(message, roots, issued_at)
    entries = tuple(_entry(row, roots) for row in rows)
    by_kid: dict[bytes, tuple[TrustEntry, ...]] = {}
    for entry in entries:
        by_kid[entry.kid] = (*by_kid.get(entry.kid, ()), entry)
    return TrustList(version, issued_at, _time(body[4]), roots, entries, by_kid)


def entry_for(
    certificate: x509.Certificate,
    purpose: Purpose,
    *,
    issuer_name: str,
    issuer_code: str,
    state: State = "active",
    valid_until: datetime | None = None,
    compromised_at: datetime | None = None,
) -> TrustEntry:
    """An entry whose window is the certificate's life, or ends earlier."""
    until = certificate.not_valid_after_utc
    return TrustEntry(
        purpose=purpose,
        issuer_name=issuer_name,
        issuer_code=issuer_code,
        certificate=certificate,
        public_key=certificate.public_key(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=until if valid_until is None else min(until, valid_until.replace(microsecond=0)),
        state=state,
        compromised_at=compromised_at,
    )


def _row(entry: TrustEntry) -> dict[int, Any]:
    row: dict[int, Any] = {
        1: entry.kid,
        2: entry.purpose.value,
        3: entry.issuer_name,
        4: entry.issuer_code,
        5: entry.certificate.public_bytes(Encoding.DER),
        6: int(entry.valid_from.timestamp()),
        7: int(entry.valid_until.timestamp()),
        8: entry.state,
    }
    if entry.compromised_at is not None:
        row[9] = int(entry.compromised_at.timestamp())
    return row


def _entry(row: object, roots: tuple[x509.Certificate, ...]) -> TrustEntry:
    if not isinstance(row, dict) or not {*range(1, 9)} <= row.keys() <= {*range(1, 10)}:
        raise CredentialMalformed("entry")
    certificate = _certificate(row[5])
    state, purpose, name, code = row[8], row[2], row[3], row[4]
    if purpose not in [*Purpose] or purpose == Purpose.ROOT or not isinstance(name, str) or not isinstance(code, str):
        raise CredentialMalformed("entry's purpose or names")
    if state not in get_args(State) or (state == "compromised") != (9 in row):
        raise CredentialMalformed("entry's state")
    if row[1] != kid_of(certificate) or not any(is_issued_by(certificate, root) for root in roots):
        raise CredentialMalformed("entry's certificate")
    valid_from, valid_until = _time(row[6]), _time(row[7])
    if not certificate.not_valid_before_utc <= valid_from <= valid_until <= certificate.not_valid_after_utc:
        raise CredentialMalformed("entry's window")
    compromised_at = _time(row[9]) if 9 in row else None
    return TrustEntry(Purpose(purpose), name, code, certificate, certificate.public_key(), valid_from, valid_until, state, compromised_at)


def _check_signer(message: cose.Sign1, roots: tuple[x509.Certificate, ...], issued_at: datetime) -> None:
    signer = cose.certificate_of(message)
    if signer is None or kid_of(signer) != message.kid or not is_for(signer, Purpose.TRUST):
        raise SignatureInvalid("not signed as a trust list")
    if not any(is_issued_by(signer, root) for root in roots) or not message.is_signed_by(signer.public_key()):
        raise SignatureInvalid("not signed under a root of the list")
    if not signer.not_valid_before_utc <= issued_at <= signer.not_valid_after_utc:
        raise SignatureInvalid("signed outside the certificate's life")


def _certificate(der: object) -> x509.Certificate:
    if not isinstance(der, bytes):
        raise CredentialMalformed("certificate")
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
    except Exception as error:  # hostile DER raises many kinds
        raise CredentialMalformed("certificate") from error
    return certificate


def _time(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= 253_402_300_799:
        raise CredentialMalformed("time")
    return datetime.fromtimestamp(value, UTC)
