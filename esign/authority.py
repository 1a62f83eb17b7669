"""A certificate authority for development. Everything it makes says 测试, and nothing it makes is a 可靠电子签名.

One root signs the end certificates of authorities and one issuing authority for citizens' one-use certificates (RFC 5280, P-256).
Standing is published in the signed trust list. A revocation address is in the certificates only where there is one to be reached.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from esign.signer import SigningIdentity

LABEL = "测试"
ROOT_NAME = "零跑办测试根证书（测试）"

EVIDENCE_OID = ObjectIdentifier("2.25.182085911318126758537845409100010309624")
"""Carries the SHA-256 of the signing evidence as a DER OCTET STRING. Under 2.25 (ITU-T X.667) no registration is needed."""

_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_DRIFT = timedelta(minutes=5)
_ROOT_LIFE = timedelta(days=3650)


class Purpose(StrEnum):
    ROOT = "root"
    SEAL = "seal"
    LICENCE = "licence"
    PRESENTATION = "presentation"
    STATUS = "status"
    TIMESTAMP = "timestamp"
    TRUST = "trust"
    CITIZEN = "citizen"


AUTHORITY_PURPOSES = (Purpose.SEAL, Purpose.LICENCE, Purpose.PRESENTATION, Purpose.STATUS)
"""Keys that each issuing authority (发证机关) has of its own."""

PLATFORM_PURPOSES = (Purpose.TRUST, Purpose.TIMESTAMP, Purpose.CITIZEN)
"""Keys that the platform has once."""

_TITLES = {
    Purpose.SEAL: "电子印章",
    Purpose.LICENCE: "电子证照",
    Purpose.PRESENTATION: "出示码",
    Purpose.STATUS: "证照状态",
    Purpose.TIMESTAMP: "时间戳",
    Purpose.TRUST: "信任列表",
    Purpose.CITIZEN: "个人签名签发",
}

_USES = {
    purpose: ObjectIdentifier(f"2.25.182085911318126758537845409100010309624.{number}")
    for number, purpose in enumerate((Purpose.LICENCE, Purpose.PRESENTATION, Purpose.STATUS, Purpose.TRUST), start=1)
}
"""Private extended usages: the certificate itself says what its key is for, so that no licence key can sign a trust list."""


def fingerprint(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(SHA256())


def kid_of(certificate: x509.Certificate) -> bytes:
    """The short key id: 8 bytes. Two certificates may share one, so look-ups try every match."""
    return fingerprint(certificate)[:8]


def create_root(*, now: datetime) -> SigningIdentity:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(ROOT_NAME, organisation="零跑办（测试）")
    builder = _builder(name, name, key.public_key(), key.public_key(), now - _DRIFT, now + _ROOT_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    builder = builder.add_extension(_key_usage(issuing=True), critical=True)
    return SigningIdentity(key, builder.sign(key, SHA256()), ())


def issue_for_authority(
    root: SigningIdentity, purpose: Purpose, *, code: str, name: str, now: datetime, life: timedelta, crl_url: str = ""
) -> SigningIdentity:
    """A fresh key and certificate for one authority and one purpose, valid from five minutes before `now` for `life`.

    Subject: O = the authority's name, OU = its code, CN = name, use and 测试. Raises ValueError for the root's own purpose.
    """
    if purpose is Purpose.ROOT:
        raise ValueError("a root is made by create_root")
    key = ec.generate_private_key(ec.SECP256R1())
    title = f"{_TITLES[purpose]}（{LABEL}）"
    subject = _name(_cut(name, 64 - len(title.encode())) + title, organisation=name, unit=code)
    until = min(now + life, root.certificate.not_valid_after_utc)
    builder = _builder(subject, root.certificate.subject, key.public_key(), root.certificate.public_key(), now - _DRIFT, until)
    issuing = purpose is Purpose.CITIZEN
    builder = builder.add_extension(x509.BasicConstraints(ca=issuing, path_length=0 if issuing else None), critical=True)
    builder = builder.add_extension(_key_usage(issuing=issuing, documents=purpose in (Purpose.SEAL, Purpose.TIMESTAMP)), critical=True)
    if purpose is Purpose.TIMESTAMP:
        # RFC 3161 section 2.3: exactly this one extended usage, and critical.
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    elif purpose is Purpose.SEAL:
        builder = builder.add_extension(_document_usage(), critical=False)
    elif purpose in _USES:
        builder = builder.add_extension(x509.ExtendedKeyUsage([_USES[purpose]]), critical=False)
    builder = _with_crl_address(builder, crl_url, root.certificate)
    return SigningIdentity(key, builder.sign(root.private_key, SHA256()), (root.certificate, *root.chain))


def issue_for_citizen(
    issuer: SigningIdentity, *, name: str, masked_id: str, evidence_sha256: bytes, now: datetime, minutes: int = 10, crl_url: str = ""
) -> SigningIdentity:
    """A one-use signing certificate: a name, a masked ID number, minutes of life, and the evidence digest in `EVIDENCE_OID`.

    `issuer` is the platform's citizen identity. The caller signs once and drops the key, which is stored nowhere.
    Raises ValueError for a digest of another length or an ID number that is not masked.
    """
    if len(evidence_sha256) != 32:
        raise ValueError("the evidence digest has 32 bytes")
    if "*" not in masked_id:
        raise ValueError("only a masked ID number belongs in a certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    # The number goes to UID: serialNumber is a PrintableString, which has no asterisk.
    subject = _name(name, unit=f"个人一次性签名证书（{LABEL}）", user=masked_id)
    until = min(now + timedelta(minutes=minutes), issuer.certificate.not_valid_after_utc)
    start = now - timedelta(minutes=1)
    builder = _builder(subject, issuer.certificate.subject, key.public_key(), issuer.certificate.public_key(), start, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(documents=True), critical=True)
    builder = builder.add_extension(_document_usage(), critical=False)
    builder = builder.add_extension(x509.UnrecognizedExtension(EVIDENCE_OID, b"\x04\x20" + evidence_sha256), critical=False)
    builder = _with_crl_address(builder, crl_url, issuer.certificate)
    return SigningIdentity(key, builder.sign(issuer.private_key, SHA256()), (issuer.certificate, *issuer.chain))


def evidence_of(certificate: x509.Certificate) -> bytes | None:
    """The evidence digest of a citizen's certificate, or None where there is none."""
    try:
        extension = certificate.extensions.get_extension_for_oid(EVIDENCE_OID).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    value = extension.value if isinstance(extension, x509.UnrecognizedExtension) else b""
    return value[2:] if len(value) == 34 and value[:2] == b"\x04\x20" else None


def is_for(certificate: x509.Certificate, purpose: Purpose) -> bool:
    """Whether the certificate names this use. Only for the four uses with an identifier of their own; False for the rest."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return _USES.get(purpose) in list(usage)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Names match, the issuer is an authority, and its key made the signature. Validity in time is the caller's business."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # hostile certificates make the parser raise many kinds; all mean "no"
        return False
    return constraints.ca


def _name(common: str, *, organisation: str | None = None, unit: str | None = None, user: str | None = None) -> x509.Name:
    wanted = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common),
        (NameOID.USER_ID, user),
    )
    return x509.Name([x509.NameAttribute(oid, _cut(value, 64)) for oid, value in wanted if value])


def _cut(text: str, size: int) -> str:
    """RFC 5280 appendix A.1 counts 64 characters, the library 64 bytes: 21 Chinese characters. The full name is in the trust list."""
    return text.encode()[:size].decode("utf-8", "ignore")


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: object,
    start: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    assert isinstance(issuer_key, ec.EllipticCurvePublicKey)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _with_crl_address(builder: x509.CertificateBuilder, crl_url: str, issuer: x509.Certificate) -> x509.CertificateBuilder:
    """Names the issuer's list (RFC 5280 section 4.2.1.13) under `crl_url`, by the issuer's kid; nothing where it is empty."""
    if not crl_url:
        return builder
    address = x509.UniformResourceIdentifier(f"{crl_url.rstrip('/')}/{kid_of(issuer).hex()}.crl")
    return builder.add_extension(x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)]), critical=False)


def _key_usage(*, issuing: bool = False, documents: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issuing,
        content_commitment=documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuing,
        crl_sign=issuing,
        encipher_only=False,
        decipher_only=False,
    )


def _document_usage() -> x509.ExtendedKeyUsage:
    # emailProtection beside it because NSS, which pdfsig asks, judges document signers as mail signers.
    return x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
