"""Which key and which signature a certificate carries, read from bytes that anybody may have made."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from esign.algorithms import PublicKey, WrongKey, sm2
from esign.algorithms.certificates import is_signed_by, public_key_of, verify_named
from esign.algorithms.sm2_keys import Sm2PublicKey

LISTED = json.loads((Path(__file__).parents[1] / "vectors" / "sm2.json").read_text("utf-8"))["certificates"]
ROOT, UNDER = (b64decode(LISTED[name]) for name in ("national_root", "shanghai_ca"))
needs_sm2 = pytest.mark.skipif(not sm2.is_available(), reason="no libcrypto with SM2 (Debian package libssl3)")
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "测试")])
RSA, P256, ED25519 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()


def certificate(key: Any, algorithm: Any, scheme: Any = None) -> x509.Certificate:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(NAME, NAME, key.public_key(), 7, start, start.replace(year=2036))
    return builder.sign(key, algorithm, rsa_padding=scheme)


def pss(digest: Any = None, salt: int = 32) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(digest or hashes.SHA256()), salt_length=salt)


@pytest.mark.parametrize(
    ("key", "algorithm", "scheme"),
    [(P256, hashes.SHA256(), None), (ED25519, None, None), (RSA, hashes.SHA256(), None), (RSA, hashes.SHA256(), pss())],
    ids=["ES256", "EdDSA", "RS256", "PS256"],
)
def test_each_algorithm_by_its_name(key: Any, algorithm: Any, scheme: Any) -> None:
    made = certificate(key, algorithm, scheme)
    assert public_key_of(made) == key.public_key()
    assert is_signed_by(made, key.public_key())
    for other in (P256, ED25519, RSA):
        assert is_signed_by(made, other.public_key()) is (other is key)


@pytest.mark.parametrize(
    ("key", "algorithm", "scheme"),
    [
        (P256, hashes.SHA384(), None),
        (ec.generate_private_key(ec.SECP384R1()), hashes.SHA256(), None),
        (RSA, hashes.SHA384(), None),
        (RSA, hashes.SHA256(), pss(salt=20)),
        (RSA, hashes.SHA256(), pss(hashes.SHA512())),
        (RSA, hashes.SHA384(), pss()),
        (ed448.Ed448PrivateKey.generate(), None, None),
    ],
    ids=["P-256 SHA-384", "P-384", "RSA SHA-384", "PSS salt 20", "PSS mask SHA-512", "PSS SHA-384", "Ed448"],
)
def test_other_algorithms_are_not_judged_good(key: Any, algorithm: Any, scheme: Any) -> None:
    assert not is_signed_by(certificate(key, algorithm, scheme), key.public_key())


def test_a_key_of_no_known_kind() -> None:
    p256, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f")
    der = certificate(P256, hashes.SHA256()).public_bytes(Encoding.DER)
    assert p256 in der
    with pytest.raises(WrongKey):
        public_key_of(x509.load_der_x509_certificate(der.replace(p256, unknown)))


def test_an_sm2_key_that_is_no_point() -> None:
    changed = bytearray(ROOT)
    changed[ROOT.index(bytes.fromhex("06082a811ccf5501822d034200")) + 20] ^= 1
    with pytest.raises(WrongKey):
        public_key_of(x509.load_der_x509_certificate(bytes(changed)))


@needs_sm2
def test_sm2_certificates_have_a_key_and_a_signature() -> None:
    root, under = x509.load_der_x509_certificate(ROOT), x509.load_der_x509_certificate(UNDER)
    key = public_key_of(root)
    assert isinstance(key, Sm2PublicKey)
    assert is_signed_by(under, key) and not is_signed_by(under, public_key_of(under))
    for stranger in (P256, ED25519, RSA):
        assert not is_signed_by(under, stranger.public_key())


@needs_sm2
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("name", ["national_root", "shanghai_ca"])
def test_no_changed_bit_of_a_real_certificate_passes(name: str) -> None:
    """Nor does any raise anything but what the parser itself refuses."""
    der, key = b64decode(LISTED[name]), public_key_of(x509.load_der_x509_certificate(ROOT))
    assert is_signed_by(x509.load_der_x509_certificate(der), key)
    judged = 0
    for place in range(len(der)):
        for bit in range(8):
            changed = bytearray(der)
            changed[place] ^= 1 << bit
            try:
                parsed = x509.load_der_x509_certificate(bytes(changed))
            except (ValueError, x509.InvalidVersion):
                continue
            judged += 1
            assert not is_signed_by(parsed, key), (place, bit)
            try:
                public_key_of(parsed)
            except WrongKey:
                continue
    assert judged > 2_000


@needs_sm2
def test_the_unsigned_name_of_the_algorithm_must_be_the_signed_one() -> None:
    """The outer AlgorithmIdentifier without its NULL would be good by itself, but it is not the one that was signed."""
    key = public_key_of(x509.load_der_x509_certificate(ROOT))
    with_null, without = bytes.fromhex("300c06082a811ccf550183750500"), bytes.fromhex("300a06082a811ccf55018375")
    before, after = UNDER.rsplit(with_null, 1)
    assert before[:2] == b"\x30\x82" and with_null in before
    changed = before[:2] + (len(UNDER) - 6).to_bytes(2, "big") + before[4:] + without + after
    parsed = x509.load_der_x509_certificate(changed)
    assert parsed.signature == x509.load_der_x509_certificate(UNDER).signature
    assert not is_signed_by(parsed, key)


def test_the_name_of_an_algorithm_is_taken_to_the_byte() -> None:
    key: PublicKey = P256.public_key()
    signature = P256.sign(b"x", ec.ECDSA(hashes.SHA256()))
    right = bytes.fromhex("300a06082a8648ce3d040302")
    assert verify_named(right, key, b"x", signature)
    with_null = bytes.fromhex("300c06082a8648ce3d0403020500")
    for wrong in (b"", with_null, right + b"\0", right[:-1], bytes.fromhex("300506032b6570"), bytes.fromhex("300a06082a811ccf55018375")):
        assert verify_named(wrong, key, b"x", signature) is False
    for broken in (b"", signature[:-1], signature + b"\0", b"\0" * 64, b"\x30" * 70):
        assert verify_named(right, key, b"x", broken) is False
