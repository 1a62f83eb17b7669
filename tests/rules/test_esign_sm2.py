"""SM2 and SM3: the standards' examples, a slow second implementation, and keys and signatures that mean harm (R53)."""

from __future__ import annotations

import copy
import ctypes
import json
import pickle
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from esign.algorithms import libcrypto, sm2
from esign.algorithms.certificates import is_signed_by, public_key_of
from esign.algorithms.encoding import der_from_raw, raw_from_der
from esign.algorithms.sm2_keys import BadSm2Key, N, P, Sm2PrivateKey, Sm2PublicKey, pkcs8_of, read_pkcs8
from tests.factories.sm2_reference import SM2P256V1, Curve, halves, sm3

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "sm2.json").read_text("utf-8"))
STANDARD, OTHER_CURVE = VECTORS["signatures"]["cases"]
needs_sm2 = pytest.mark.skipif(not sm2.is_available(), reason="no libcrypto with SM2 (Debian package libssl3)")
algorithm = sm2.Sm2()


def library() -> libcrypto.Libcrypto:
    return libcrypto.require()


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def public_of(key: Sm2PrivateKey) -> tuple[int, int]:
    return halves(key.public_key().point[1:])


@pytest.mark.parametrize("case", VECTORS["sm3"]["cases"], ids=lambda case: f"{len(case['message']) // 2} bytes")
def test_sm3_examples(case: dict[str, str]) -> None:
    message, digest = bytes.fromhex(case["message"]), bytes.fromhex(case["digest"])
    library_hash = hashes.Hash(hashes.SM3())
    library_hash.update(message)
    assert sm3(message) == digest == library_hash.finalize()


@pytest.mark.parametrize("case", [STANDARD, OTHER_CURVE], ids=["sm2p256v1", "Fp-256"])
def test_the_reference_computes_the_standards_examples(case: dict[str, str]) -> None:
    """Hash, Z and signature, each step as printed; so the judge of the other tests is itself judged."""
    parts = {name: bytes.fromhex(value) for name, value in case.items() if name != "name"}
    p, a, b, n, private, nonce = (int.from_bytes(parts[name], "big") for name in ("p", "a", "b", "n", "private", "nonce"))
    curve, public = Curve(p, a, b, halves(parts["g"]), n), halves(parts["public"])
    assert curve.has(public) and curve.times(private, curve.g) == public
    assert curve.z(parts["id"], public) == parts["z"]
    e = curve.e(parts["id"], public, parts["message"])
    assert number(e) == parts["e"]
    r, s = curve.sign(private, e, nonce)
    assert number(r) + number(s) == parts["signature"]
    assert curve.verify(public, e, r, s) and not curve.verify(public, e ^ 1, r, s)


@needs_sm2
def test_the_standards_example() -> None:
    key = Sm2PublicKey(b"\x04" + bytes.fromhex(STANDARD["public"]))
    message, signature = bytes.fromhex(STANDARD["message"]), bytes.fromhex(STANDARD["signature"])
    assert bytes.fromhex(STANDARD["id"]) == libcrypto.DEFAULT_ID
    assert algorithm.verify(key, message, signature)
    assert not algorithm.verify(key, message + b".", signature)
    assert not library().verify(key, message, signature, b"1234567812345679")
    private = library().private_key(pkcs8_of(bytes.fromhex(STANDARD["private"])))
    assert private.public_key() == key


@needs_sm2
def test_a_published_key_and_its_signatures_over_hashes() -> None:
    """OpenSSL's own examples give the hash without Z; the reference judges them with the key that we read."""
    public = public_of(library().private_key(b64decode(VECTORS["openssl"]["key"])))
    for case in VECTORS["openssl"]["cases"]:
        raw = raw_from_der(bytes.fromhex(case["der"]))
        assert raw is not None
        assert SM2P256V1.verify(public, int(case["e"], 16), *halves(raw))
        assert not SM2P256V1.verify(public, int(case["e"], 16) ^ 1, *halves(raw))


@needs_sm2
def test_the_national_root_and_an_authority_under_it() -> None:
    listed = VECTORS["certificates"]
    root, under = (x509.load_der_x509_certificate(b64decode(listed[name])) for name in ("national_root", "shanghai_ca"))
    root_key, under_key = public_key_of(root), public_key_of(under)
    assert isinstance(root_key, Sm2PublicKey) and isinstance(under_key, Sm2PublicKey)
    assert is_signed_by(root, root_key) and is_signed_by(under, root_key)
    assert not is_signed_by(root, under_key) and not is_signed_by(under, under_key)


@needs_sm2
@settings(max_examples=25, deadline=None)
@given(message=st.binary(max_size=200), signer_id=st.binary(min_size=1, max_size=40))
def test_the_slow_reference_agrees(message: bytes, signer_id: bytes) -> None:
    """Ours under its eyes, and its signatures under ours."""
    key = library().generate()
    public = public_of(key)
    e = SM2P256V1.e(signer_id, public, message)
    ours = library().sign(key, message, signer_id)
    assert SM2P256V1.verify(public, e, *halves(ours))
    private = int.from_bytes(read_pkcs8(key.private_bytes_pkcs8())[0], "big")
    r, s = SM2P256V1.sign(private, e, 1 + int.from_bytes(sm3(message)) % (N - 1))
    theirs = number(r) + number(s)
    assert library().verify(key.public_key(), message, theirs, signer_id)
    assert not library().verify(key.public_key(), message, theirs, signer_id + b"\0")


@needs_sm2
def test_two_signatures_of_one_message_differ() -> None:
    key = library().generate()
    assert len({library().sign(key, b"x")[:32] for _ in range(50)}) == 50


@needs_sm2
@pytest.mark.parametrize("r", [0, 1, N - 1, N, N + 1, P, 2**256 - 1], ids=hex)
@pytest.mark.parametrize("s", [0, 1, N - 1, N, N + 1, P, 2**256 - 1], ids=hex)
def test_special_values_are_no_signature(r: int, s: int) -> None:
    key = Sm2PublicKey(libcrypto.EXAMPLE_POINT)
    assert algorithm.verify(key, b"message digest", number(r) + number(s)) is False


@needs_sm2
def test_a_second_spelling_of_a_good_signature_is_refused() -> None:
    """r + n and s + n are the same numbers modulo n; and r + s = n would make t zero."""
    key = library().generate()
    good = library().sign(key, b"x")
    r, s = halves(good)
    for other in ((r + N, s), (r, s + N), (N - r, s), (r, N - s), (s, r), (r, (N - r) % N)):
        if all(half < 2**256 for half in other) and other != (r, s):
            assert not algorithm.verify(key.public_key(), b"x", number(other[0]) + number(other[1]))


@needs_sm2
@pytest.mark.parametrize("s", [1, 5, N - 1], ids=hex)
def test_a_sum_at_infinity_is_no_signature(s: int) -> None:
    """Only the holder of the key can make s G + t P vanish; no x is left to compare r with."""
    d = int.from_bytes(bytes.fromhex(STANDARD["private"]), "big")
    r = -s * (1 + d) * pow(d, -1, N) % N
    public = halves(bytes.fromhex(STANDARD["public"]))
    assert SM2P256V1.add(SM2P256V1.times(s, SM2P256V1.g), SM2P256V1.times((r + s) % N, public)) is None
    key = Sm2PublicKey(libcrypto.EXAMPLE_POINT)
    assert not any(algorithm.verify(key, message, number(r) + number(s)) for message in (b"", b"x", b"message digest"))


@needs_sm2
@pytest.mark.parametrize("signer_id", [b"", bytes(8_191)], ids=len)
def test_an_impossible_identifier_is_named(signer_id: bytes) -> None:
    key = library().generate()
    with pytest.raises(ValueError, match="8190"):
        library().sign(key, b"x", signer_id)
    with pytest.raises(ValueError, match="8190"):
        library().verify(key.public_key(), b"x", bytes(31) + b"\1" + bytes(31) + b"\1", signer_id)
    longest = bytes(8_190)
    assert library().verify(key.public_key(), b"x", library().sign(key, b"x", longest), longest)


def points() -> dict[str, bytes]:
    good = libcrypto.EXAMPLE_POINT
    x, y = halves(good[1:])
    return {
        "empty": b"",
        "infinity": b"\0",
        "zeros": b"\x04" + bytes(64),
        "compressed": bytes([2 + y % 2]) + good[1:33],
        "hybrid": bytes([6 + y % 2]) + good[1:],
        "short": good[:-1],
        "long": good + b"\0",
        "off the curve": good[:-1] + bytes([good[-1] ^ 1]),
        "swapped": b"\x04" + number(y) + number(x),
        "x is p": b"\x04" + number(P) + number(y),
        "y + p": b"\x04" + number(0) + number(min(2**256 - 1, pow(SM2P256V1.b, (P + 1) // 4, P) + P)),
        "a point of P-256": bytes.fromhex(
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        ),
    }


@pytest.mark.parametrize("point", points().values(), ids=points().keys())
def test_what_is_no_point_is_no_key(point: bytes) -> None:
    with pytest.raises(BadSm2Key):
        Sm2PublicKey(point)
    with pytest.raises(BadSm2Key):
        Sm2PublicKey.from_spki(Sm2PublicKey(libcrypto.EXAMPLE_POINT).public_bytes_spki()[:-65] + point)


def test_the_other_root_of_a_point_is_another_key() -> None:
    x, y = halves(libcrypto.EXAMPLE_POINT[1:])
    assert Sm2PublicKey(b"\x04" + number(x) + number(P - y)) != Sm2PublicKey(libcrypto.EXAMPLE_POINT)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 90), st.integers(0, 7), st.integers(0, 91))
def test_a_changed_spki_is_refused_or_another_key(place: int, bit: int, length: int) -> None:
    good = Sm2PublicKey(libcrypto.EXAMPLE_POINT).public_bytes_spki()
    flipped = bytearray(good)
    flipped[place] ^= 1 << bit
    for der in (bytes(flipped), good[:length] if length < 91 else good + b"\0"):
        with pytest.raises(BadSm2Key):
            Sm2PublicKey.from_spki(der)


def with_point(key: Sm2PrivateKey, public: Sm2PublicKey) -> bytes:
    """The longer PrivateKeyInfo, as the openssl command writes it."""
    body = bytes.fromhex("306b0201010420") + read_pkcs8(key.private_bytes_pkcs8())[0] + bytes.fromhex("a144034200") + public.point
    return bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d") + body


@needs_sm2
def test_pkcs8_round_trip_in_both_forms() -> None:
    key = library().generate()
    der = key.private_bytes_pkcs8()
    assert sm2.load_private_key(der).public_key() == key.public_key()
    longer = with_point(key, key.public_key())
    assert read_pkcs8(longer) == (read_pkcs8(der)[0], key.public_key()) and read_pkcs8(der)[1] is None
    assert sm2.load_private_key(longer).public_key() == key.public_key()
    assert algorithm.verify(key.public_key(), b"x", algorithm.sign(sm2.load_private_key(longer), b"x"))


@needs_sm2
def test_a_private_key_with_another_ones_point_is_refused() -> None:
    """Signing with it would hash a stranger's name: such a file is damaged or a trap."""
    mine, other = library().generate(), library().generate()
    body = (
        bytes.fromhex("306b0201010420") + read_pkcs8(mine.private_bytes_pkcs8())[0] + bytes.fromhex("a144034200") + other.public_key().point
    )
    with pytest.raises(BadSm2Key, match="not that of the private one"):
        sm2.load_private_key(bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d") + body)


@pytest.mark.parametrize("private", [0, N - 1, N, N + 1, 2**256 - 1], ids=hex)
def test_private_numbers_out_of_range(private: int) -> None:
    with pytest.raises(BadSm2Key):
        pkcs8_of(number(private))
    template = pkcs8_of(number(1))
    with pytest.raises(BadSm2Key):
        read_pkcs8(template[:-32] + number(private))


@needs_sm2
@pytest.mark.parametrize("private", [1, 2, N - 2], ids=hex)
def test_private_numbers_at_the_edge_of_the_range(private: int) -> None:
    key = sm2.load_private_key(pkcs8_of(number(private)))
    assert public_of(key) == SM2P256V1.times(private, SM2P256V1.g)
    assert algorithm.verify(key.public_key(), b"x", algorithm.sign(key, b"x"))


@needs_sm2
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_private_keys_are_refused_or_read(data: st.DataObject) -> None:
    good = pkcs8_of(bytes.fromhex(STANDARD["private"]))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    der = bytes(damaged)[: data.draw(st.sampled_from([len(good), len(good) - 1, len(good) // 2]))] + data.draw(st.binary(max_size=2))
    try:
        key = sm2.load_private_key(der)
    except BadSm2Key:
        return
    assert algorithm.verify(key.public_key(), b"x", algorithm.sign(key, b"x"))


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x80", b"\x30" * 4_000, bytes(5_000), b"\x30\x84\xff\xff\xff\xff"], ids=len)
def test_what_is_no_private_key_at_all(der: bytes) -> None:
    with pytest.raises(BadSm2Key):
        read_pkcs8(der)


def test_a_private_key_of_another_curve() -> None:
    p256 = pkcs8_of(number(7)).replace(bytes.fromhex("06082a811ccf5501822d"), bytes.fromhex("06082a8648ce3d030107"))
    with pytest.raises(BadSm2Key, match="another curve"):
        read_pkcs8(p256)


@settings(max_examples=200)
@given(st.binary(min_size=64, max_size=64) | st.sampled_from([bytes(64), b"\xff" * 64, bytes(32) + b"\x80" + bytes(31), b"\0\x80" * 32]))
def test_der_and_raw_are_one_to_one(raw: bytes) -> None:
    der = der_from_raw(raw)
    assert raw_from_der(der) == raw
    for wrong in (der + b"\0", der[:-1], b"\x31" + der[1:], der[:1] + bytes([der[1] + 1]) + der[2:], b""):
        assert raw_from_der(wrong) is None


@pytest.mark.parametrize(
    "der",
    [
        "300702020001020101",  # a zero too many
        "30070202ff01020101",  # negative
        "3006020181020101",  # negative
        "308106020101020101",  # the long form of a length
        "30800201010201010000",
        "30060201010201010500",
        "3009020101020101020101",
        "3003020101",
        "3006040101020101",
        "3006020101040101",
        "30050200020101",
        "3027022101" + "00" * 32 + "02020080",  # 257 bits
        "30" + "ff" * 70,
        "",
    ],
)
def test_der_in_any_other_spelling(der: str) -> None:
    assert raw_from_der(bytes.fromhex(der)) is None


@settings(max_examples=500)
@given(st.binary(max_size=80))
def test_noise_is_no_der(noise: bytes) -> None:
    raw = raw_from_der(noise)
    assert raw is None or der_from_raw(raw) == noise


@needs_sm2
def test_private_keys_are_neither_shown_copied_nor_pickled() -> None:
    key = library().generate()
    secret = read_pkcs8(key.private_bytes_pkcs8())[0]
    assert secret.hex() not in repr(key) and str(int.from_bytes(secret, "big")) not in repr(key)
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(key)
    assert pickle.loads(pickle.dumps(key.public_key())) == key.public_key()


@needs_sm2
def test_many_threads_share_a_key() -> None:
    key = library().generate()

    def round_trip(turn: int) -> bool:
        message = turn.to_bytes(4, "big")
        signature = algorithm.sign(key, message)
        return algorithm.verify(key.public_key(), message, signature) and not algorithm.verify(key.public_key(), message + b"x", signature)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(400)))


@needs_sm2
def test_the_error_queue_that_ssl_reads_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's ssl module asks the same queue; a stale entry would be taken for its own failure, and a missing one for none."""
    monkeypatch.setattr(libcrypto, "_ID_LIMIT", 10_000)
    c = next(ctypes.CDLL(name) for name in libcrypto.NAMES if libcrypto.open_first([name]))
    c.ERR_peek_error.restype = c.ERR_peek_last_error.restype = ctypes.c_ulong
    key = library().generate()
    c.ERR_clear_error()
    with pytest.raises(libcrypto.LibcryptoFailure):
        library().sign(key, b"x", bytes(9_000))  # one that only libcrypto refuses
    assert c.ERR_peek_error() == 0
    junk = ctypes.create_string_buffer(b"junk")
    c.d2i_PUBKEY(None, ctypes.byref(ctypes.c_void_p(ctypes.addressof(junk))), ctypes.c_long(4))
    before = c.ERR_peek_error(), c.ERR_peek_last_error()
    with pytest.raises(libcrypto.LibcryptoFailure):
        library().sign(key, b"x", bytes(9_000))
    assert before[0] != 0 and (c.ERR_peek_error(), c.ERR_peek_last_error()) == before
    c.ERR_clear_error()


def test_a_library_that_is_none_is_passed_over() -> None:
    """Absent, not OpenSSL at all, or the C library: none of them is taken, and nothing is raised."""
    assert libcrypto.open_first([]) is None
    assert libcrypto.open_first(["libcrypto.so.999", "libm.so.6", "libc.so.6"]) is None


@needs_sm2
def test_the_first_library_that_works_is_taken() -> None:
    found = libcrypto.open_first(["libcrypto.so.999", *libcrypto.NAMES])
    assert found is not None and int(found.version.split(".")[0]) >= 3
