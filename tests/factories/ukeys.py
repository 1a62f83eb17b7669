"""U-keys as authorities issue them, with real keys and certificates made on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PERSONAL_NUMBER = x509.ObjectIdentifier("1.2.156.10260.4.1.1")


@dataclass
class Issuer:
    key: Key
    certificate: x509.Certificate


@dataclass
class Ukey:
    key: Key
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, message: str) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(message.encode(), ec.ECDSA(hashes.SHA256()))


def new_key(kind: str = "p256") -> Key:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1())


def issued(
    subject: list[tuple[x509.ObjectIdentifier, str]],
    key: Key,
    by: Issuer | None,
    now: datetime,
    *,
    is_authority: bool = False,
    days: int = 365,
    use: bool = True,
    extra: x509.ExtensionType | None = None,
    path_length: int | None = None,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])
    usage: dict[str, Any] = dict.fromkeys(
        ("crl_sign", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject if by else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(is_authority, path_length if is_authority else None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=use and not is_authority, key_cert_sign=is_authority, **usage), critical=True)
    )
    if extra is not None:
        builder = builder.add_extension(extra, critical=False)
    return builder.sign(by.key if by else key, hashes.SHA256())


def authority(now: datetime, name: str = "示例 CA", by: Issuer | None = None, **how: Any) -> Issuer:
    key = new_key()
    return Issuer(key, issued([(NameOID.COMMON_NAME, name)], key, by, now, is_authority=True, **how))


def ukey(by: Issuer, holder: tuple[str, str], now: datetime, kind: str = "p256", *, in_extension: bool = False, **how: Any) -> Ukey:
    key = new_key(kind)
    subject = [(NameOID.COMMON_NAME, holder[0])]
    if in_extension:
        how["extra"] = x509.UnrecognizedExtension(PERSONAL_NUMBER, b"\x13" + bytes([len(holder[1])]) + holder[1].encode())
    else:
        subject.append((NameOID.SERIAL_NUMBER, holder[1]))
    return Ukey(key, issued(subject, key, by, now, **how))


def revocations(by: Issuer, revoked: list[x509.Certificate], now: datetime, *, days: int = 7) -> x509.CertificateRevocationList:
    builder = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    builder = builder.last_update(now - timedelta(days=1)).next_update(now + timedelta(days=days))
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(now - timedelta(hours=1)).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(by.key, hashes.SHA256())
