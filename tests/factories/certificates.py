"""A tiny certificate authority for tests: a root, an issuing authority, and leaves for seals, citizens and timestamps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from esign.revocation import issue_crl
from esign.signer import SigningIdentity

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2036, 1, 1, tzinfo=UTC)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "测试"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


class TinyAuthority:
    """`root` (the anchor) → seals and timestamps; `root` → `issuing` → citizens."""

    def __init__(self, name: str = "测试根") -> None:
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._authority(_name(name), self.root_key, _name(name), self.root_key, path_length=1)
        self.issuing_key = ec.generate_private_key(ec.SECP256R1())
        self.issuing = self._authority(_name(name + "签发"), self.issuing_key, self.root.subject, self.root_key, path_length=0)

    @staticmethod
    def _authority(
        subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey, *, path_length: int
    ) -> x509.Certificate:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return (
            x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), NOT_BEFORE, NOT_AFTER)
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )

    def leaf(
        self,
        common_name: str,
        *,
        not_before: datetime = NOT_BEFORE,
        not_after: datetime = NOT_AFTER,
        for_timestamps: bool = False,
        may_sign: bool = True,
        is_direct: bool = True,
    ) -> SigningIdentity:
        issuer, issuer_key = (self.root, self.root_key) if is_direct else (self.issuing, self.issuing_key)
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(may_sign, may_sign and not for_timestamps, not may_sign, False, False, False, False, False, False)
        builder = (
            x509.CertificateBuilder(
                issuer.subject, _name(common_name), key.public_key(), x509.random_serial_number(), not_before, not_after
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if for_timestamps:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return SigningIdentity(key, builder.sign(issuer_key, hashes.SHA256()), (self.root,) if is_direct else (self.issuing, self.root))

    def seal(self, name: str = "临江市市场监督管理局") -> SigningIdentity:
        return self.leaf(name)

    def timestamper(self, *, not_before: datetime = NOT_BEFORE, not_after: datetime = NOT_AFTER) -> SigningIdentity:
        return self.leaf("测试时间戳", for_timestamps=True, not_before=not_before, not_after=not_after)

    def crls(self, now: datetime, *, revoked: Mapping[x509.Certificate, datetime] | None = None) -> list[bytes]:
        """The root's list and the issuing authority's, each with those of `revoked` that it issued."""
        issuers = (SigningIdentity(self.root_key, self.root), SigningIdentity(self.issuing_key, self.issuing))
        return [
            issue_crl(
                issuer,
                {item.serial_number: at for item, at in (revoked or {}).items() if item.issuer == issuer.certificate.subject},
                now=now,
            )
            for issuer in issuers
        ]

    def citizen(self, name: str, at: datetime) -> SigningIdentity:
        """A one-use certificate of ten minutes."""
        return self.leaf(name, not_before=at - timedelta(minutes=1), not_after=at + timedelta(minutes=10), is_direct=False)
