"""Certificate revocation lists (RFC 5280 section 5) as evidence about a moment in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from esign.pdf_verification.der import check_der, content
from esign.pdf_verification.verdict import Doubt, Sub

EXPIRED_CERTIFICATES_STAY = ObjectIdentifier("2.5.29.60")
"""expiredCertsOnCRL (ITU-T X.509 section 9.5.2.8): since when the list keeps entries of expired certificates."""

_UNDERSTOOD = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER, EXPIRED_CERTIFICATES_STAY}
_GENERALIZED_TIME = 0x18
_CLOCK_DRIFT = timedelta(minutes=5)


@dataclass(frozen=True)
class RevocationList:
    """`revision`: of the file, which brought it. `keeps_since`: None where entries leave the list when their certificates expire."""

    crl: x509.CertificateRevocationList
    revision: int
    this_update: datetime
    next_update: datetime | None
    keeps_since: datetime | None

    def is_by(self, issuer: x509.Certificate) -> bool:
        """Whether `issuer` signed it and may sign such lists."""
        key = issuer.public_key()
        if self.crl.issuer != issuer.subject or not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            return False
        try:
            usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
            return usage.crl_sign and self.crl.is_signature_valid(key)
        except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
            return False

    def revoked_at(self, certificate: x509.Certificate) -> datetime | None:
        entry = self.crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        return None if entry is None else entry.revocation_date_utc

    def speaks_about(self, certificate: x509.Certificate, moment: datetime) -> bool:
        """Whether silence about `certificate` means that it was not revoked at `moment` (freshness as in EN 319 102-1 section 5.2.5)."""
        is_fresh = moment <= self.this_update or (self.next_update is not None and moment < self.next_update)
        until = certificate.not_valid_after_utc
        return is_fresh and (self.this_update <= until or (self.keeps_since is not None and self.keeps_since <= until))


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.VALIDATION_DATA_FAILURE, detail)


def _keeps_since(crl: x509.CertificateRevocationList) -> datetime | None:
    for extension in crl.extensions:
        if extension.oid == EXPIRED_CERTIFICATES_STAY and isinstance(extension.value, x509.UnrecognizedExtension):
            text = content(extension.value.value, _GENERALIZED_TIME).decode("ascii")
            return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return None


def read_crl(der: bytes, revision: int) -> RevocationList:
    """Raises Doubt or ValueError. Only whole lists about the issuer's own certificates: no delta, no partition, no indirect list."""
    check_der(der)
    crl = x509.load_der_x509_crl(der)
    _need(isinstance(crl.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512), "a list signed over a weak digest")
    _need(all(item.oid in _UNDERSTOOD or not item.critical for item in crl.extensions), "a partial or indirect list")
    _need(not any(item.critical for entry in crl for item in entry.extensions), "an entry that is not understood")
    return RevocationList(crl, revision, crl.last_update_utc, crl.next_update_utc, _keeps_since(crl))


@dataclass(frozen=True)
class Revocations:
    """All that is known about revocation: lists from the file, and `struck` from elsewhere: {certificate's SHA-256: since when}."""

    lists: Sequence[RevocationList] = ()
    struck: Mapping[bytes, datetime] | None = None

    def check(self, path: Sequence[x509.Certificate], moment: datetime, made_at: datetime | None = None) -> int | None:
        """Nothing in `path` had been revoked at `moment`, the time by which the signature is proven to have existed. Raises Doubt.

        The answer is the revision by which the file holds lists that say so, for the time of its making (`made_at`, else `moment`), of
        every certificate but the anchor; None where some miss.
        """
        since: list[int | None] = []
        for certificate, issuer in zip(path, path[1:], strict=False):
            lists = [item for item in self.lists if item.is_by(issuer)]
            times = [item.revoked_at(certificate) for item in lists] + [(self.struck or {}).get(certificate.fingerprint(hashes.SHA256()))]
            if any(time is not None and time <= moment for time in times):
                raise Doubt(Sub.REVOKED_NO_POE, "a certificate had been revoked")
            within = [item for item in lists if issuer.not_valid_before_utc <= item.this_update <= issuer.not_valid_after_utc]
            since.append(min((item.revision for item in within if item.speaks_about(certificate, made_at or moment)), default=None))
        return None if None in since else max((item for item in since if item is not None), default=0)

    def check_use(self, issuers: Sequence[x509.Certificate], at: datetime) -> None:
        """Every list is by one of `issuers` and not from the future. Raises Doubt."""
        for item in self.lists:
            _need(item.this_update <= at + _CLOCK_DRIFT, "a revocation list from the future")
            _need(any(item.is_by(issuer) for issuer in issuers), "a revocation list that belongs to no chain")
