"""Certificate revocation lists of our own authority (RFC 5280 section 5): one list an issuer, complete, about its own certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ObjectIdentifier

from esign.signer import SigningIdentity

LIFE = timedelta(days=7)
_EXPIRED_CERTIFICATES_STAY = ObjectIdentifier("2.5.29.60")


def issue_crl(issuer: SigningIdentity, revoked: Mapping[int, datetime], *, now: datetime, life: timedelta = LIFE) -> bytes:
    """The DER list of `revoked` ({serial number: since when}) by `issuer`, in force from `now` (to the second, rounded down) for `life`.

    Entries of expired certificates stay (expiredCertsOnCRL, ITU-T X.509 section 9.5.2.8): a signature is judged long after its
    certificate of ten minutes. The number is the time in microseconds, so it grows without being stored (RFC 5280 section 5.2.3).
    """
    since = issuer.certificate.not_valid_before_utc.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii")
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now.replace(microsecond=0))
        .next_update(now.replace(microsecond=0) + life)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1_000_000)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.private_key.public_key()), critical=False)
        .add_extension(x509.UnrecognizedExtension(_EXPIRED_CERTIFICATES_STAY, b"\x18" + bytes([len(since)]) + since), critical=False)
    )
    for serial, at in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at.replace(microsecond=0))
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(entry.add_extension(reason, critical=False).build())
    return builder.sign(issuer.private_key, SHA256()).public_bytes(Encoding.DER)
