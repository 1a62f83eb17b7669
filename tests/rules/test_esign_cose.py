"""COSE_Sign1 against the working group's published examples, and against bytes that only look like it."""

from __future__ import annotations

import itertools
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from esign.algorithms import algorithm_for
from esign.authority import Purpose, kid_of
from esign.credentials import cbor, cose
from esign.errors import CredentialMalformed
from tests.factories.credentials import World

world = World()
signer = world.keys[Purpose.LICENCE]
public = signer.certificate.public_key()

# cose-wg/Examples: sign1-tests/sign-pass-02 (external data) and RFC 8392 appendix A.3 (a signed CWT).
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


@pytest.mark.parametrize("example", [PASS_02, A_3])
def test_published_examples(example: dict[str, str]) -> None:
    raw = {name: bytes.fromhex(value) for name, value in example.items()}
    message = cose.signature_input(raw["protected"], raw["payload"], raw["external"])
    assert message == raw["to_be_signed"]
    numbers = ec.EllipticCurvePublicNumbers(int(example["x"], 16), int(example["y"], 16), ec.SECP256R1())
    key = numbers.public_key()
    assert algorithm_for(key).verify(key, message, raw["signature"])
    assert not algorithm_for(key).verify(key, message + b"\0", raw["signature"])


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


KID = kid_of(signer.certificate)


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
