"""What every signature algorithm in the registry promises; a new one is tested by being registered."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from esign.algorithms import ALGORITHMS, SignatureAlgorithm, WrongKey, algorithm_for

each = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)


@each
def test_signs_and_verifies(algorithm: SignatureAlgorithm) -> None:
    key = algorithm.generate()
    public = key.public_key()
    assert algorithm.suits(public) and algorithm_for(public) is algorithm
    signature = algorithm.sign(key, b"message")
    assert len(signature) == algorithm.signature_size
    assert algorithm.verify(public, b"message", signature)
    assert not algorithm.verify(public, b"another", signature)
    assert not algorithm.verify(algorithm.generate().public_key(), b"message", signature)


@each
@pytest.mark.parametrize("cut", [b"", b"\0" * 64, b"\xff" * 64, b"\0" * 63, b"\0" * 65])
def test_bad_signatures_are_false_and_never_raise(algorithm: SignatureAlgorithm, cut: bytes) -> None:
    assert algorithm.verify(algorithm.generate().public_key(), b"message", cut) is False


@each
def test_keys_of_another_kind_are_refused(algorithm: SignatureAlgorithm) -> None:
    signature = algorithm.sign(algorithm.generate(), b"message")
    for strange in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        assert algorithm.verify(strange.public_key(), b"message", signature) is False
        with pytest.raises(WrongKey):
            algorithm.sign(strange, b"message")
        with pytest.raises(WrongKey):
            algorithm.jwk(strange.public_key())


def test_ids_and_names_are_unique() -> None:
    assert len({algorithm.cose_id for algorithm in ALGORITHMS}) == len({algorithm.name for algorithm in ALGORITHMS}) == len(ALGORITHMS)


def test_a_key_without_algorithm_is_refused() -> None:
    with pytest.raises(WrongKey):
        algorithm_for(ec.generate_private_key(ec.SECP384R1()).public_key())
    if -8 not in {algorithm.cose_id for algorithm in ALGORITHMS}:
        with pytest.raises(WrongKey):
            algorithm_for(ed25519.Ed25519PrivateKey.generate().public_key())


def test_es256_agrees_with_der_signatures_of_the_library() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (es256,) = [algorithm for algorithm in ALGORITHMS if algorithm.cose_id == -7]
    raw = es256.sign(key, b"message")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, b"message", ec.ECDSA(SHA256()))
