"""Published signatures, good and bad, for ES256, EdDSA and RSA. Where each comes from stands in its file in `tests/vectors/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from esign.algorithms import algorithm_for
from esign.algorithms.certificates import verify_named
from esign.algorithms.eddsa import EdDsa
from esign.algorithms.encoding import der_from_raw
from esign.algorithms.es256 import Es256
from esign.algorithms.rsa import Rs256

VECTORS = Path(__file__).parents[1] / "vectors"
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
ED25519 = bytes.fromhex("300506032b6570")
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")


def cases(file: str) -> list[Any]:
    """Every case of every source in the file, named after both."""
    sources = json.loads((VECTORS / file).read_text("utf-8"))
    return [pytest.param(case, id=f"{source}: {case['name']}") for source, body in sources.items() for case in body["cases"]]


def fields(case: dict[str, Any]) -> tuple[bytes, bytes]:
    return bytes.fromhex(case["message"]), bytes.fromhex(case["signature"])


@pytest.mark.parametrize("case", cases("es256.json"))
def test_es256(case: dict[str, Any]) -> None:
    point, (message, signature) = bytes.fromhex(case["public"]), fields(case)
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:  # NIST's set has keys that are no points
        assert case["valid"] is False
        return
    assert algorithm_for(key).name == "ES256"
    assert Es256().verify(key, message, signature) is case["valid"]
    if len(signature) == 64:
        assert verify_named(ECDSA_SHA256, key, message, der_from_raw(signature)) is case["valid"]


@pytest.mark.parametrize("case", cases("eddsa.json"))
def test_eddsa(case: dict[str, Any]) -> None:
    key, (message, signature) = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["public"])), fields(case)
    assert algorithm_for(key).name == "EdDSA"
    assert EdDsa().verify(key, message, signature) is case["valid"]
    assert verify_named(ED25519, key, message, signature) is case["valid"]
    if "secret" in case:
        private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(case["secret"]))
        assert EdDsa().sign(private, message) == signature and private.public_key() == key


def rsa_key(case: dict[str, Any]) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(int(case["e"], 16), int(case["n"], 16)).public_key()


@pytest.mark.parametrize("case", cases("rsa.json"))
def test_rsa(case: dict[str, Any]) -> None:
    message, signature = fields(case)
    assert Rs256().verify(rsa_key(case), message, signature) is case["valid"]
    assert verify_named(RSA_SHA256, rsa_key(case), message, signature) is case["valid"]


def test_a_good_signature_by_a_small_rsa_key_counts_for_nothing() -> None:
    case = json.loads((VECTORS / "rsa.json").read_text("utf-8"))["nist_186"]["good_but_too_small"]
    assert case["valid"] and rsa_key(case).key_size == 1024
    assert not verify_named(RSA_SHA256, rsa_key(case), *fields(case))


@pytest.mark.parametrize("file", ["es256.json", "eddsa.json", "rsa.json"])
def test_every_file_has_good_and_bad_ones(file: str) -> None:
    verdicts = [param.values[0]["valid"] for param in cases(file)]
    assert verdicts.count(True) >= 6 and verdicts.count(False) >= 12
