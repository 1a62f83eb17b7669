"""COSE_Sign1 against the working group's published examples, and against bytes that only look like it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from esign.algorithms import WrongKey, algorithm_for
from esign.algorithms.libcrypto import EXAMPLE_POINT
from esign.algorithms.sm2_keys import Sm2PublicKey
from esign.authority import Purpose, kid_of
from esign.credentials import cbor, cose
from esign.errors import CredentialMalformed
from esign.signer import MessageIdentity
from tests.factories.credentials import World

world = World()
signer = world.keys[Purpose.LICENCE]
public = signer.certificate.public_key()
KID = kid_of(signer.certificate)

# cose-wg/Examples: sign1-tests/sign-pass-02 (external data), ecdsa-examples/ecdsa-sig-01, eddsa-examples/eddsa-sig-01,
# and RFC 8392 appendix A.3 (a signed CWT).
PASS_02 = {
    "x": "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff",
    "y": "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e",
    "protected": "a10126",
    "external": "11aa22bb33cc44dd55006699",
    "payload": "546869732069732074686520636f6e74656e742e",
    "to_be_signed": "846a5369676e61747572653143a101264c11aa22bb33cc44dd5500669954546869732069732074686520636f6e74656e742e",
    "signature": "eae868ecc176883766c5dc5ba5b8dca25dab3c2e56a551ce5705b793914348e1"
    "55388b10c4f1b59a6733eab416870a945111a4b2fbdbef33a77234b1deff2f9b",
}
ECDSA_SIG_01 = {
    "x": PASS_02["x"],
    "y": PASS_02["y"],
    "protected": "a201260300",
    "external": "",
    "payload": PASS_02["payload"],
    "to_be_signed": "846a5369676e61747572653145a2012603004054546869732069732074686520636f6e74656e742e",
    "signature": "eae868ecc176883766c5dc5ba5b8dca25dab3c2e56a551ce5705b793914348e1"
    "72727f48461fabbba2e343492ddecac3983686250bc68e9f1a7a07d41225b59f",
}
EDDSA_SIG_01 = {
    "d": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "x": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "protected": "a201270300",
    "payload": PASS_02["payload"],
    "signature": "7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb87"
    "11497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d",
}
A_3 = {
    "x": "c4f9160fc22682991c59c4d96e8accc2da3cc7b7a9bc197c7c1e1bc6d0c1dc61",
    "y": "feb11ca73b028a10cf77d58a2dfdf2a11eab8ffeeeaaeeb03097ffee9f3ef2fc",
    "protected": "a20319fde80126",
    "external": "",
    "payload": "a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e6578616d706c652e636f6d"
    "04c11a5612aeb005c11a5610d9f006c11a5610d9f007420b71",
    "to_be_signed": "846a5369676e61747572653147a20319fde80126405853a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818"
    "636f61703a2f2f6c696768742e6578616d706c652e636f6d04c11a5612aeb005c11a5610d9f006c11a5610d9f007420b71",
    "signature": "8caad9ebd60e5f41cd683771e8a02cade07d894dd1cfaf3a23c6481546e78feb"
    "c0c13e8f649096f347480db3e8c16cddc04116a3874cf0a4da2f4cb2d67c8eb0",
}


@pytest.mark.parametrize("example", [PASS_02, ECDSA_SIG_01, A_3])
def test_published_examples(example: dict[str, str]) -> None:
    raw = {name: bytes.fromhex(value) for name, value in example.items()}
    message = cose.signature_input(raw["protected"], raw["payload"], raw["external"])
    assert message == raw["to_be_signed"]
    numbers = ec.EllipticCurvePublicNumbers(int(example["x"], 16), int(example["y"], 16), ec.SECP256R1())
    key = numbers.public_key()
    assert algorithm_for(key).verify(key, message, raw["signature"])
    assert not algorithm_for(key).verify(key, message + b"\0", raw["signature"])


def test_the_published_eddsa_example() -> None:
    """Ed25519 signs alike every time (RFC 8032 section 5.1.6), so that both directions can be compared."""
    raw = {name: bytes.fromhex(value) for name, value in EDDSA_SIG_01.items()}
    key = ed25519.Ed25519PrivateKey.from_private_bytes(raw["d"])
    assert key.public_key().public_bytes_raw() == raw["x"]
    message = cose.signature_input(raw["protected"], raw["payload"])
    assert algorithm_for(key.public_key()).sign(key, message) == raw["signature"]
    assert algorithm_for(key.public_key()).verify(key.public_key(), message, raw["signature"])


def _self_signed(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "测试")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start.replace(year=2036))
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def test_an_ed25519_identity_signs_credentials() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    identity = MessageIdentity(key, _self_signed(key))
    data = cose.sign(b"payload", identity, with_certificate=True)
    assert cbor2.loads(cbor2.loads(data).value[0])[1] == -8
    message = cose.decode(data, limit=1_000)
    assert message.is_signed_by(key.public_key()) and not message.is_signed_by(public)
    assert not message.is_signed_by(ed25519.Ed25519PrivateKey.generate().public_key())
    brought = cose.certificate_of(message)
    assert brought is not None and message.is_signed_by(brought.public_key())


@pytest.mark.parametrize("number", [-8, -19, -7, -9, -257, -53])
def test_both_names_of_ed25519_are_read_and_no_other(number: int) -> None:
    """RFC 9864 registers -19 for what -8 means with an Ed25519 key."""
    key = ed25519.Ed25519PrivateKey.generate()
    protected = cbor.encode({1: number, 4: KID})
    signature = key.sign(cose.signature_input(protected, b"payload"))
    message = cose.decode(b"\xd2" + cbor.encode([protected, {}, b"payload", signature]), limit=1_000)
    assert message.is_signed_by(key.public_key()) is (number in (-8, -19))


def test_an_identity_holds_together() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(ValueError, match="not for this key"):
        MessageIdentity(ed25519.Ed25519PrivateKey.generate(), _self_signed(key))
    other_curve = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(WrongKey):
        MessageIdentity(other_curve, _self_signed(other_curve))
    assert MessageIdentity(signer.private_key, signer.certificate).certificate == signer.certificate
    assert "private_key" not in repr(MessageIdentity(key, _self_signed(key)))


def test_an_algorithm_that_cose_does_not_know_signs_nothing() -> None:
    """SM2 has no registered number; a made-up one would be read by nobody."""

    class Certified:
        private_key = signer.private_key
        certificate = SimpleNamespace(public_key=lambda: Sm2PublicKey(EXAMPLE_POINT))

    with pytest.raises(WrongKey, match="COSE has no identifier for SM2"):
        cose.sign(b"payload", cast(Any, Certified()))
    assert not cose.decode(cose.sign(b"payload", signer), limit=1_000).is_signed_by(Sm2PublicKey(EXAMPLE_POINT))


def test_round_trip_and_layout_by_an_independent_reader() -> None:
    data = cose.sign(b"payload", signer, typ="application/test")
    tag = cbor2.loads(data)
    assert tag.tag == 18
    protected, unprotected, payload, signature = tag.value
    assert cbor2.loads(protected) == {1: -7, 4: kid_of(signer.certificate), 16: "application/test"}
    assert dict(unprotected) == {} and payload == b"payload" and len(signature) == 64
    message = cose.decode(data, limit=1_000)
    assert message.is_signed_by(public) and message.typ == "application/test"
    assert not message.is_signed_by(world.keys[Purpose.SEAL].certificate.public_key())


def _resigned(header: Any, unprotected: Any = None, payload: Any = b"payload", *, tag: int | None = 18, parts: int = 4) -> bytes:
    """A message with a good signature over whatever header is asked for."""
    protected = header if isinstance(header, bytes) else cbor2.dumps(header, canonical=True)
    covered = payload if isinstance(payload, bytes) else b""
    signature = algorithm_for(public).sign(signer.private_key, cose.signature_input(protected, covered))
    body = [protected, unprotected or {}, payload, signature, b""][:parts]
    return cbor2.dumps(body if tag is None else cbor2.CBORTag(tag, body), canonical=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        b"\xd2\x80",
        b"\xff" * 40,
        _resigned({1: -7, 4: KID}, tag=None),
        _resigned({1: -7, 4: KID}, tag=98),
        _resigned({1: -7, 4: KID}, tag=17),
        _resigned({1: -7, 4: KID}, parts=3),
        _resigned({1: -7, 4: KID}, parts=5),
        _resigned({1: -7, 4: KID}, {4: KID}),
        _resigned({1: -7, 4: KID}, {33: b"other"}),
        _resigned({1: -7, 4: KID}, payload=None),
        _resigned({1: -7, 4: KID}, payload="text"),
        _resigned({1: -7}),
        _resigned({4: KID}),
        _resigned({1: -7, 4: KID[:7]}),
        _resigned({1: -7, 4: "12345678"}),
        _resigned({1: "ES256", 4: KID}),
        _resigned({1: True, 4: KID}),
        _resigned({1: -7, 4: KID, 2: [16]}),
        _resigned({1: -7, 4: KID, 16: 7}),
        _resigned({1: -7, 4: KID, 33: "x"}),
        _resigned([1, -7]),
        _resigned(b""),
        _resigned(bytes.fromhex("a2012604") + b"\x58\x08" + KID),
        _resigned(b"\xa2\x04\x48" + KID + b"\x01\x26"),
        _resigned({1: -7, 4: KID}) + b"\0",
        b"\xd8\x12" + _resigned({1: -7, 4: KID})[1:],
        b"\xd2\x9f" + _resigned({1: -7, 4: KID})[2:] + b"\xff",
    ],
    ids=itertools.count(),
)
def test_anything_but_the_exact_form_is_refused(data: bytes) -> None:
    with pytest.raises(CredentialMalformed):
        cose.decode(data, limit=1_000)


@pytest.mark.parametrize("algorithm", [-8, -35, -36, -257, -37, 0, 5, -65535])
def test_a_message_cannot_choose_its_algorithm(algorithm: int) -> None:
    """A good signature by the right key is worth nothing under another algorithm's name."""
    message = cose.decode(_resigned({1: algorithm, 4: KID}), limit=1_000)
    assert not message.is_signed_by(public)
    assert cose.decode(_resigned({1: -7, 4: KID}), limit=1_000).is_signed_by(public)
    assert cose.decode(_resigned({1: -9, 4: KID}), limit=1_000).is_signed_by(public)  # RFC 9864: ESP256, the same thing


def test_too_large_is_refused_before_reading() -> None:
    with pytest.raises(CredentialMalformed):
        cose.decode(cose.sign(b"x" * 1_000, signer), limit=1_000)


@pytest.mark.parametrize(
    "data",
    [
        "c11a5612aeb0",  # a date
        "c249010000000000000000",  # a big number
        "d81c80",  # a shared value
        "d8236161",  # a pattern
        "d9d9f700",  # self-described
        "f97e00",  # not a number
        "fb3ff0000000000000",  # a float
        "1800",  # 0 in two bytes
        "9f01ff",  # without a length
        "a201010102",  # one key twice
        "a202010101",  # keys out of order
        "a1f500",  # true as a key
        "a1810000",  # a list as a key
        "81" * 40 + "00",  # too deep
        "9bffffffffffffffff",  # more items than atoms
        "5b00000fffffffffff",
        "0000",
        "",
        "62c328",  # not UTF-8
    ],
)
def test_cbor_that_is_not_ours(data: str) -> None:
    with pytest.raises(CredentialMalformed):
        cbor.decode(bytes.fromhex(data), limit=1_000)
