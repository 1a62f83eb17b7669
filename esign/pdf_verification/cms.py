"""A CMS SignedData (RFC 5652) read without any tolerance: one encoding is right, every other is refused.

The tolerance of ordinary parsers is where a changed byte hides: version numbers, lengths, algorithm parameters and unused certificates are
outside the signature. Here each of them has exactly one accepted value, compared on the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from esign.pdf_verification.der import check_der, children, content
from esign.pdf_verification.verdict import Doubt, Sub

_SEQUENCE, _SET, _OCTETS, _CONTEXT_0, _CONTEXT_1 = 0x30, 0x31, 0x04, 0xA0, 0xA1

DATA = bytes.fromhex("06092a864886f70d010701")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_VERSIONS = {DATA: bytes.fromhex("020101"), TST_INFO: bytes.fromhex("020103")}
_SIGNER_VERSION = bytes.fromhex("020101")

_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
_ALGORITHM_PROTECTION = bytes.fromhex("06092a864886f70d010934")
_SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910020c")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
_TIMESTAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
_MAY_BE_SIGNED = {_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME, _ALGORITHM_PROTECTION, _SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2}

SHA256 = {bytes.fromhex("300b0609608648016503040201"), bytes.fromhex("300d06096086480165030402010500")}
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_RSA_SHA256 = {bytes.fromhex("300d06092a864886f70d01010b0500"), bytes.fromhex("300d06092a864886f70d0101010500")}


@dataclass(frozen=True)
class SignedMessage:
    """A SignedData whose own signature is right: who signed, what digest, and what came along."""

    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    message_digest: bytes
    inner: bytes
    """The encapsulated content; empty for a detached signature."""
    signature: bytes
    timestamp_token: bytes | None


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.FORMAT_FAILURE, detail)


def _name_and_serial(certificate: x509.Certificate) -> list[bytes]:
    fields = children(certificate.tbs_certificate_bytes, _SEQUENCE)
    serial_at = 1 if fields[0][0] == _CONTEXT_0 else 0
    return [fields[serial_at + 2], fields[serial_at]]


def _certificates(field: bytes) -> list[x509.Certificate]:
    encoded = children(field, _CONTEXT_0)
    _need(all(item[0] == _SEQUENCE for item in encoded), "an attribute certificate came along")
    _need(len(set(encoded)) == len(encoded), "a certificate came twice")
    return [x509.load_der_x509_certificate(item) for item in encoded]


def _signer_of(identifier: bytes, certificates: list[x509.Certificate]) -> x509.Certificate:
    wanted = children(identifier, _SEQUENCE)
    matching = [item for item in certificates if _name_and_serial(item) == wanted]
    _need(len(matching) == 1, "the signer's certificate did not come along")
    return matching[0]


def _attributes(members: list[bytes]) -> dict[bytes, bytes]:
    """{object identifier: its single value}."""
    found: dict[bytes, bytes] = {}
    for member in members:
        pair = children(member, _SEQUENCE)
        _need(len(pair) == 2 and pair[0] not in found, "a malformed attribute")
        values = children(pair[1], _SET)
        _need(len(values) == 1, "an attribute with several values")
        found[pair[0]] = values[0]
    return found


def _check_certificate_hash(attributes: dict[bytes, bytes], certificate: x509.Certificate) -> None:
    """RFC 5035: the signature names its certificate by hash, so that it cannot be swapped for another of the same key."""
    if _SIGNING_CERTIFICATE_V2 in attributes:
        named = children(children(children(attributes[_SIGNING_CERTIFICATE_V2], _SEQUENCE)[0], _SEQUENCE)[0], _SEQUENCE)
        if named[0][0] == _SEQUENCE:
            _need(named.pop(0) in SHA256, "the certificate is named by another hash than SHA-256")
        expected = certificate.fingerprint(hashes.SHA256())
    else:
        named = children(children(children(attributes[_SIGNING_CERTIFICATE], _SEQUENCE)[0], _SEQUENCE)[0], _SEQUENCE)
        expected = certificate.fingerprint(hashes.SHA1())  # fixed by RFC 2634; older authorities still write it
    _need(content(named[0], _OCTETS) == expected, "the signature names another certificate")


def _check_signature(algorithm: bytes, signature: bytes, signed: bytes, certificate: x509.Certificate, *, rsa_allowed: bool) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) and algorithm == _ECDSA_SHA256:
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        elif rsa_allowed and isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048 and algorithm in _RSA_SHA256:
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise Doubt(Sub.FORMAT_FAILURE, "an algorithm that is not accepted")
    except InvalidSignature as error:
        raise Doubt(Sub.SIG_CRYPTO_FAILURE, "the signature value is wrong") from error


def _timestamp_token(rest: list[bytes]) -> bytes | None:
    if not rest:
        return None
    _need(len(rest) == 1, "more than a signer info holds")
    attributes = _attributes(children(rest[0], _CONTEXT_1))
    _need(attributes.keys() == {_TIMESTAMP_TOKEN}, "an unexpected unsigned attribute")
    return attributes[_TIMESTAMP_TOKEN]


def _inner(encapsulated: bytes, kind: bytes) -> bytes:
    parts = children(encapsulated, _SEQUENCE)
    _need(parts[0] == kind and len(parts) == (1 if kind == DATA else 2), "another content than expected")
    return content(children(parts[1], _CONTEXT_0)[0], _OCTETS) if kind != DATA else b""


def is_token(der: bytes) -> bool:
    """Whether a SignedData says that it is a timestamp token. Nothing else of it is looked at. Raises Doubt."""
    outer = children(der, _SEQUENCE)
    fields = children(children(outer[1], _CONTEXT_0)[0], _SEQUENCE) if len(outer) == 2 else []
    return len(fields) > 2 and children(fields[2], _SEQUENCE)[:1] == [TST_INFO]


def read_signed_message(der: bytes, *, kind: bytes, rsa_allowed: bool) -> SignedMessage:
    """Parse and check a SignedData of content type `kind` (DATA: detached; TST_INFO: with its content inside).

    The caller still has to compare `message_digest`, check the certificate's path and the timestamp token. Raises Doubt.
    """
    check_der(der)
    outer = children(der, _SEQUENCE)
    _need(len(outer) == 2 and outer[0] == _SIGNED_DATA, "not a SignedData")
    wrapped = children(outer[1], _CONTEXT_0)
    fields = children(wrapped[0], _SEQUENCE)
    _need(len(wrapped) == 1 and len(fields) == 5, "not the five fields of a SignedData with certificates")
    version, digests, encapsulated, certificate_field, signers = fields
    _need(version == _VERSIONS[kind], "another version")
    digest_algorithms, signer_infos = children(digests, _SET), children(signers, _SET)
    _need(len(digest_algorithms) == 1 and digest_algorithms[0] in SHA256, "a digest other than SHA-256")
    _need(len(signer_infos) == 1, "not exactly one signer")
    inner = _inner(encapsulated, kind)

    parts = children(signer_infos[0], _SEQUENCE)
    _need(len(parts) >= 6, "a signer info without signed attributes")
    signer_version, identifier, digest_algorithm, signed_field, algorithm, signature_field = parts[:6]
    _need(signer_version == _SIGNER_VERSION and digest_algorithm == digest_algorithms[0], "another signer version or digest")
    certificates = _certificates(certificate_field)
    certificate = _signer_of(identifier, certificates)
    attributes = _attributes(children(signed_field, _CONTEXT_0))
    _need(attributes.keys() <= _MAY_BE_SIGNED and {_CONTENT_TYPE, _MESSAGE_DIGEST} <= attributes.keys(), "unexpected signed attributes")
    _need(bool({_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2} & attributes.keys()), "the signature does not name its certificate")
    _need(attributes[_CONTENT_TYPE] == kind, "the signed content type differs")
    signature = content(signature_field, _OCTETS)
    # RFC 5652 section 5.4: what is signed is the SET, not the [0] that carries it.
    _check_signature(algorithm, signature, bytes([_SET]) + signed_field[1:], certificate, rsa_allowed=rsa_allowed)
    _check_certificate_hash(attributes, certificate)
    return SignedMessage(
        certificate,
        tuple(item for item in certificates if item != certificate),
        content(attributes[_MESSAGE_DIGEST], _OCTETS),
        inner,
        signature,
        _timestamp_token(parts[6:]),
    )
