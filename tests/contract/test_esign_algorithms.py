"""What every signature algorithm in the registry promises; a new one is tested by being registered (R53)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from esign.algorithms import (
    ALGORITHMS,
    READ_ONLY,
    PrivateKey,
    PublicKey,
    ReadOnlyAlgorithm,
    SignatureAlgorithm,
    WrongKey,
    algorithm_for,
    libcrypto,
    sm2,
)
from esign.algorithms.sm2_keys import Sm2PublicKey
from esign.errors import AlgorithmUnavailable

MESSAGE = b"message"
RSA = rsa.generate_private_key(65537, 2048)
WITHOUT_ALGORITHM = (ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256K1()), ed448.Ed448PrivateKey.generate())
PADDINGS = {"RS256": padding.PKCS1v15(), "PS256": padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)}
named: Callable[[SignatureAlgorithm], str] = lambda algorithm: algorithm.name  # noqa: E731
each = pytest.mark.parametrize("algorithm", (*ALGORITHMS, *READ_ONLY), ids=named)
each_that_signs = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=named)
each_that_only_reads = pytest.mark.parametrize("algorithm", READ_ONLY, ids=named)


@pytest.fixture(autouse=True)
def _sm2_is_here(request: pytest.FixtureRequest) -> None:
    algorithm = request.node.callspec.params.get("algorithm") if hasattr(request.node, "callspec") else None
    if algorithm is not None and algorithm.name == "SM2" and not sm2.is_available():
        pytest.skip("no libcrypto with SM2 (Debian package libssl3)")


def key_of(algorithm: SignatureAlgorithm) -> PrivateKey:
    return RSA if algorithm in READ_ONLY else algorithm.generate()


def signed(algorithm: SignatureAlgorithm, key: PrivateKey, message: bytes = MESSAGE) -> bytes:
    """By the library itself where we only read."""
    if algorithm in READ_ONLY:
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(message, PADDINGS[algorithm.name], hashes.SHA256())
    return algorithm.sign(key, message)


def strangers(algorithm: SignatureAlgorithm) -> list[PrivateKey]:
    """Keys of every kind but its own."""
    others: list[PrivateKey] = [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed448.Ed448PrivateKey.generate(),
    ]
    others += [key_of(other) for other in ALGORITHMS if other is not algorithm and (other.name != "SM2" or sm2.is_available())]
    return others if algorithm in READ_ONLY else [*others, RSA]


@each
def test_a_signature_is_good_for_its_message_and_key_alone(algorithm: SignatureAlgorithm) -> None:
    key = key_of(algorithm)
    public = key.public_key()
    assert algorithm.suits(public)
    signature = signed(algorithm, key)
    assert len(signature) == (algorithm.signature_size or 256)
    assert algorithm.verify(public, MESSAGE, signature) is True
    for other in (b"", b"messagf", MESSAGE + b"\0", b"\0" + MESSAGE):
        assert algorithm.verify(public, other, signature) is False
    stranger = rsa.generate_private_key(65537, 2048) if algorithm in READ_ONLY else algorithm.generate()
    assert algorithm.verify(stranger.public_key(), MESSAGE, signature) is False


@each
@pytest.mark.parametrize("message", [b"", b"\0", bytes(70_000)], ids=len)
def test_any_message(algorithm: SignatureAlgorithm, message: bytes) -> None:
    key = key_of(algorithm)
    signature = signed(algorithm, key, message)
    assert algorithm.verify(key.public_key(), message, signature)
    assert not algorithm.verify(key.public_key(), message + b"\0", signature)


@each
def test_every_flipped_bit_is_refused(algorithm: SignatureAlgorithm) -> None:
    key = key_of(algorithm)
    public, signature = key.public_key(), signed(algorithm, key)
    for place in range(len(signature)):
        for bit in range(8):
            flipped = bytearray(signature)
            flipped[place] ^= 1 << bit
            assert algorithm.verify(public, MESSAGE, bytes(flipped)) is False, (place, bit)


@each
def test_every_other_length_is_refused(algorithm: SignatureAlgorithm) -> None:
    key = key_of(algorithm)
    public, signature = key.public_key(), signed(algorithm, key)
    for wrong in (signature + b"\0", b"\0" + signature, signature * 2, signature + signature[:1], bytes(100_000)):
        assert algorithm.verify(public, MESSAGE, wrong) is False
    for length in range(len(signature)):
        assert algorithm.verify(public, MESSAGE, signature[:length]) is False
        assert algorithm.verify(public, MESSAGE, signature[length:] if length else b"") is False


@each
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_noise_is_false_and_never_raises(algorithm: SignatureAlgorithm, data: st.DataObject) -> None:
    public = key_of(algorithm).public_key()
    size = algorithm.signature_size or 256
    signature = data.draw(st.binary(min_size=size, max_size=size) | st.binary(max_size=size + 8))
    assert algorithm.verify(public, data.draw(st.binary(max_size=40)), signature) is False


@each
def test_keys_of_another_kind_are_refused(algorithm: SignatureAlgorithm) -> None:
    signature = signed(algorithm, key_of(algorithm))
    for strange in strangers(algorithm):
        assert not algorithm.suits(strange.public_key())
        assert algorithm.verify(strange.public_key(), MESSAGE, signature) is False
        with pytest.raises((WrongKey, ReadOnlyAlgorithm)):
            algorithm.sign(strange, MESSAGE)
        with pytest.raises(WrongKey):
            algorithm.jwk(strange.public_key())


@each_that_signs
def test_the_key_alone_chooses_the_algorithm(algorithm: SignatureAlgorithm) -> None:
    public = algorithm.generate().public_key()
    assert algorithm_for(public) is algorithm
    assert [other for other in (*ALGORITHMS, *READ_ONLY) if other.suits(public)] == [algorithm]


@each_that_only_reads
def test_what_is_only_read_says_so(algorithm: SignatureAlgorithm) -> None:
    with pytest.raises(ReadOnlyAlgorithm, match="only read"):
        algorithm.generate()
    with pytest.raises(ReadOnlyAlgorithm, match="only read"):
        algorithm.sign(RSA, MESSAGE)


@each_that_only_reads
def test_small_rsa_keys_are_refused(algorithm: SignatureAlgorithm) -> None:
    small = rsa.generate_private_key(65537, 2047)  # noqa: S505
    assert not algorithm.suits(small.public_key())
    assert algorithm.verify(small.public_key(), MESSAGE, signed(algorithm, small)) is False
    with pytest.raises(WrongKey, match="2048"):
        algorithm.jwk(small.public_key())


def test_one_rsa_scheme_is_not_taken_for_the_other() -> None:
    for algorithm, other in (READ_ONLY, READ_ONLY[::-1]):
        assert algorithm.verify(RSA.public_key(), MESSAGE, signed(algorithm, RSA))
        assert not algorithm.verify(RSA.public_key(), MESSAGE, signed(other, RSA))


@pytest.mark.parametrize("salt", [0, 20, 31, 33, 222])
def test_pss_with_another_salt_is_refused(salt: int) -> None:
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
    assert not READ_ONLY[1].verify(RSA.public_key(), MESSAGE, RSA.sign(MESSAGE, scheme, hashes.SHA256()))


MEMBERS = {"ES256": {"x": 32, "y": 32}, "EdDSA": {"x": 32}, "RS256": {"n": 256, "e": 3}, "PS256": {"n": 256, "e": 3}}
FIXED = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
    "RS256": {"kty": "RSA"},
    "PS256": {"kty": "RSA"},
}


@each
def test_the_jwk_is_of_the_registered_shape(algorithm: SignatureAlgorithm) -> None:
    public: PublicKey = key_of(algorithm).public_key()
    if algorithm.cose_id is None:
        with pytest.raises(WrongKey, match="registered"):
            algorithm.jwk(public)
        return
    jwk = algorithm.jwk(public)
    members = MEMBERS[algorithm.name]
    assert {name: value for name, value in jwk.items() if name not in members} == {**FIXED[algorithm.name], "alg": algorithm.name}
    for name, size in members.items():
        assert len(base64.urlsafe_b64decode(jwk[name] + "=" * (-len(jwk[name]) % 4))) == size and "=" not in jwk[name]


def test_ids_and_names_are_unique() -> None:
    everything = (*ALGORITHMS, *READ_ONLY)
    assert len({algorithm.name for algorithm in everything}) == len(everything)
    numbers = [number for algorithm in everything for number in algorithm.cose_ids]
    assert len(set(numbers)) == len(numbers)
    assert all(algorithm.cose_ids >= ({algorithm.cose_id} - {None}) for algorithm in everything)


def test_a_key_without_algorithm_is_refused() -> None:
    """RSA too: its key does not say which scheme it is for."""
    for key in (*WITHOUT_ALGORITHM, RSA):
        with pytest.raises(WrongKey):
            algorithm_for(key.public_key())


def test_es256_agrees_with_der_signatures_of_the_library() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    raw = ALGORITHMS[0].sign(key, b"message")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, b"message", ec.ECDSA(hashes.SHA256()))


P25519 = 2**255 - 19
D25519 = -121665 * pow(121666, -1, P25519) % P25519


def _doubled(point: tuple[int, int]) -> tuple[int, int]:
    """On edwards25519 (RFC 8032 section 5.1.4, affine)."""
    x, y = point
    both = D25519 * x * x * y * y
    return 2 * x * y * pow(1 + both, -1, P25519) % P25519, (y * y + x * x) * pow(1 - both, -1, P25519) % P25519


def _order_divides_eight(encoded: bytes) -> bool:
    y = (int.from_bytes(encoded, "little") & (2**255 - 1)) % P25519
    square = (y * y - 1) * pow(D25519 * y * y + 1, -1, P25519) % P25519
    x = pow(square, (P25519 + 3) // 8, P25519)
    if (x * x - square) % P25519:
        x = x * pow(2, (P25519 - 1) // 4, P25519) % P25519
    if (x * x - square) % P25519:
        return False
    return _doubled(_doubled(_doubled((x, y)))) == (0, 1)


SMALL = [
    *(number.to_bytes(32, "little") for number in (0, 1, P25519 - 1, P25519, P25519 + 1)),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]


@pytest.mark.parametrize("encoded", [*SMALL, *(key[:-1] + bytes([key[-1] | 0x80]) for key in SMALL)])
def test_an_ed25519_key_of_small_order_is_no_key(encoded: bytes) -> None:
    """Under such a key a signature made without any secret holds for every eighth message and more."""
    assert _order_divides_eight(encoded)
    public = ed25519.Ed25519PublicKey.from_public_bytes(encoded)
    eddsa = ALGORITHMS[1]
    assert not eddsa.suits(public)
    identity = (1).to_bytes(32, "little") + bytes(32)
    assert not any(eddsa.verify(public, secrets.token_bytes(8), identity) for _ in range(32))
    with pytest.raises(WrongKey):
        algorithm_for(public)


def test_an_honest_ed25519_key_is_not_of_small_order() -> None:
    assert not _order_divides_eight(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_machine_without_sm2_says_so_and_calls_nobody_a_forger() -> None:
    here = libcrypto.find()
    absent = sm2.Sm2(library=lambda: None)
    key = Sm2PublicKey(libcrypto.EXAMPLE_POINT)
    assert absent.suits(key)
    with pytest.raises(AlgorithmUnavailable) as caught:
        absent.verify(key, b"message digest", bytes(64))
    assert caught.value.code == "esign.algorithm_unavailable" and caught.value.status == 503
    with pytest.raises(AlgorithmUnavailable):
        absent.generate()
    if here is not None:
        with pytest.raises(AlgorithmUnavailable):
            absent.sign(here.generate(), MESSAGE)
    with pytest.raises(WrongKey):
        absent.sign(RSA, MESSAGE)
    assert absent.verify(RSA.public_key(), MESSAGE, bytes(64)) is False
