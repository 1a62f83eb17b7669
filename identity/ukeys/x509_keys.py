"""X.509 certificates in U-keys (RFC 5280), keys on P-256 (ECDSA with SHA-256) or RSA from 2048 bits (PKCS #1 v1.5 with SHA-256).

The holder is the common name and the personal number: the subject's serialNumber, or the extension 1.2.156.10260.4.1.1 (GM/T 0015-2012).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from identity.ukeys.ports import KeyHolder, Refused

PERSONAL_NUMBER = x509.ObjectIdentifier("1.2.156.10260.4.1.1")
MOST_CERTIFICATES, MOST_BYTES = 4, 8192
LEAST_RSA_BITS = 2048


class X509Ukeys:
    """`anchors`: certificates of the authorities, each trusted by itself. `lists`: their revocation lists.

    Without lists revocation is not looked at; with them, no fresh one for an authority means no.
    """

    def __init__(self, anchors: Sequence[x509.Certificate], lists: Sequence[x509.CertificateRevocationList] = ()) -> None:
        self._anchors, self._lists = list(anchors), list(lists)

    def verify(self, certificates: Sequence[bytes], message: bytes, signature: bytes, at: datetime) -> KeyHolder:
        if not 1 <= len(certificates) <= MOST_CERTIFICATES or any(len(data) > MOST_BYTES for data in certificates):
            raise Refused("too_many")
        try:
            leaf, *others = [x509.load_der_x509_certificate(data) for data in certificates]
            self._check_holder_s(leaf, at)
            self._check_path(leaf, others, at)
            _check_signature(leaf, message, signature)
            return KeyHolder(
                name=_one(leaf, NameOID.COMMON_NAME),
                id_number=_personal_number(leaf),
                serial=f"{leaf.serial_number:x}",
                issuer_sha256=hashlib.sha256(leaf.issuer.public_bytes()).hexdigest(),
            )
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion):
            raise Refused("malformed") from None

    def _check_holder_s(self, leaf: x509.Certificate, at: datetime) -> None:
        _check_time(leaf, at)
        if _is_authority(leaf):
            raise Refused("an_authority_s")
        try:
            if not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
                raise Refused("wrong_use")
        except x509.ExtensionNotFound:
            raise Refused("wrong_use") from None

    def _check_path(self, leaf: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> None:
        """From the holder up to one of ours, over what was sent along."""
        current, below = leaf, 0
        while True:
            anchor = next((one for one in self._anchors if _issued(current, one)), None)
            issuer = anchor or next((one for one in others if one is not current and _issued(current, one)), None)
            if issuer is None or below >= MOST_CERTIFICATES:
                raise Refused("unknown_authority")
            if not _may_issue(issuer, below):
                raise Refused("not_an_authority")
            _check_time(issuer, at)
            self._check_revocation(current, issuer, at)
            if anchor is not None:
                return
            current, below = issuer, below + 1

    def _check_revocation(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> None:
        if not self._lists:
            return
        key = issuer.public_key()
        fitting = [one for one in self._lists if one.issuer == issuer.subject and one.is_signature_valid(key)]  # type: ignore[arg-type]
        fresh = [one for one in fitting if one.next_update_utc is not None and one.last_update_utc <= at < one.next_update_utc]
        if not fresh:
            raise Refused("no_fresh_revocation_list")
        if any(one.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None for one in fresh):
            raise Refused("revoked")


def load_ukeys(ca_path: Path, crl_path: Path | None) -> X509Ukeys:
    """ValueError for files that hold no certificates or lists."""
    lists = []
    if crl_path is not None:
        end = b"-----END X509 CRL-----"
        lists = [x509.load_pem_x509_crl(part + end) for part in crl_path.read_bytes().split(end)[:-1]]
        if not lists:
            raise ValueError("ZT_IDENTITY_UKEY_CRL holds no revocation list")
    return X509Ukeys(x509.load_pem_x509_certificates(ca_path.read_bytes()), lists)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return isinstance(certificate.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _may_issue(certificate: x509.Certificate, below: int) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    is_short_enough = constraints.path_length is None or below <= constraints.path_length
    return bool(constraints.ca and usage.key_cert_sign and is_short_enough)


def _check_time(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise Refused("out_of_time")


def _check_signature(leaf: x509.Certificate, message: bytes, signature: bytes) -> None:
    key = leaf.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise Refused("weak_key")
    except InvalidSignature:
        raise Refused("wrong_signature") from None


def _one(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    if len(found) != 1:
        raise Refused("unnamed")
    return str(found[0].value)


def _personal_number(certificate: x509.Certificate) -> str:
    try:
        extension = certificate.extensions.get_extension_for_oid(PERSONAL_NUMBER).value
    except x509.ExtensionNotFound:
        return _one(certificate, NameOID.SERIAL_NUMBER)
    data = extension.value if isinstance(extension, x509.UnrecognizedExtension) else b""
    # A DER string: tag, length, text (PrintableString, UTF8String or IA5String).
    if len(data) < 3 or data[0] not in {0x0C, 0x13, 0x16} or data[1] != len(data) - 2:
        raise Refused("unnamed")
    return data[2:].decode("ascii")
