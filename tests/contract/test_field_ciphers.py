"""One contract for every algorithm behind `core.crypto.Cipher`: sealed for one place, useless and unchangeable elsewhere, keys rotate."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crypto import Algorithm, FieldCipher, Unsealable

OLD, NEW = b"\x0a" * 32, b"\x0b" * 32
CONTEXT = "identity_account.phone:account_1"


@pytest.fixture(params=get_args(Algorithm))
def algorithm(request: pytest.FixtureRequest) -> Algorithm:
    name: Algorithm = request.param
    return name


@pytest.fixture
def cipher(algorithm: Algorithm) -> FieldCipher:
    return FieldCipher({"k1": OLD}, "k1", algorithm)


@pytest.mark.parametrize("plaintext", [b"", b"x", "𠮷祥".encode(), bytes(range(256)) * 4096])
def test_round_trip(cipher: FieldCipher, plaintext: bytes) -> None:
    sealed = cipher.seal(plaintext, context=CONTEXT)
    assert cipher.open(sealed, context=CONTEXT) == plaintext
    assert len(plaintext) < 8 or plaintext not in sealed
    assert cipher.key_id(sealed) == "k1"


@settings(max_examples=50)
@given(st.binary(max_size=200), st.text(max_size=40), st.sampled_from(get_args(Algorithm)))
def test_any_bytes_for_any_place(plaintext: bytes, context: str, name: Algorithm) -> None:
    cipher = FieldCipher({"k1": OLD}, "k1", name)
    assert cipher.open(cipher.seal(plaintext, context=context), context=context) == plaintext


def test_the_same_value_is_sealed_differently_each_time(cipher: FieldCipher) -> None:
    assert len({cipher.seal(b"13912345678", context=CONTEXT) for _ in range(50)}) == 50


def test_a_value_moved_to_another_row_does_not_open(cipher: FieldCipher) -> None:
    sealed = cipher.seal(b"x", context=CONTEXT)
    for elsewhere in ("identity_account.phone:account_2", "identity_account.name:account_1", "", CONTEXT + " "):
        with pytest.raises(Unsealable):
            cipher.open(sealed, context=elsewhere)


def test_every_changed_bit_is_noticed(cipher: FieldCipher) -> None:
    sealed = cipher.seal(b"thirteen bytes", context=CONTEXT)
    for place in range(len(sealed)):
        for bit in (0x01, 0x80):
            changed = bytearray(sealed)
            changed[place] ^= bit
            with pytest.raises(Unsealable):
                cipher.open(bytes(changed), context=CONTEXT)


def test_every_shortened_or_lengthened_value_is_refused(cipher: FieldCipher) -> None:
    sealed = cipher.seal(b"value", context=CONTEXT)
    for length in range(len(sealed)):
        with pytest.raises(Unsealable):
            cipher.open(sealed[:length], context=CONTEXT)
    with pytest.raises(Unsealable):
        cipher.open(sealed + b"\x00", context=CONTEXT)


@pytest.mark.parametrize("junk", [b"", b"Z", b"not sealed at all", b"\x5a\x09\x02k1" + bytes(40), b"\x5a\x01\xff" + bytes(40)])
def test_what_was_never_sealed(cipher: FieldCipher, junk: bytes) -> None:
    with pytest.raises(Unsealable):
        cipher.open(junk, context=CONTEXT)


def test_rotation_by_key_id(algorithm: Algorithm) -> None:
    old = FieldCipher({"k1": OLD}, "k1", algorithm)
    both = FieldCipher({"k2": NEW, "k1": OLD}, "k2", algorithm)
    only_new = FieldCipher({"k2": NEW}, "k2", algorithm)
    before, after = old.seal(b"before", context=CONTEXT), both.seal(b"after", context=CONTEXT)
    assert both.open(before, context=CONTEXT) == b"before" and both.key_id(before) == "k1"
    assert only_new.open(after, context=CONTEXT) == b"after" and only_new.key_id(after) == "k2"
    for cipher, sealed in ((only_new, before), (old, after)):
        with pytest.raises(Unsealable, match="key id"):
            cipher.open(sealed, context=CONTEXT)


def test_the_right_key_id_with_another_key(algorithm: Algorithm) -> None:
    sealed = FieldCipher({"k1": OLD}, "k1", algorithm).seal(b"x", context=CONTEXT)
    with pytest.raises(Unsealable):
        FieldCipher({"k1": NEW}, "k1", algorithm).open(sealed, context=CONTEXT)


def test_a_change_of_algorithm_keeps_old_values_readable() -> None:
    aes, sm4 = (FieldCipher({"k1": OLD}, "k1", name) for name in get_args(Algorithm))
    assert aes.open(sm4.seal(b"x", context=CONTEXT), context=CONTEXT) == b"x" == sm4.open(aes.seal(b"x", context=CONTEXT), context=CONTEXT)


def test_a_message_names_nothing_of_the_value(cipher: FieldCipher) -> None:
    with pytest.raises(Unsealable) as caught:
        cipher.open(cipher.seal(b"13912345678", context=CONTEXT), context="elsewhere:account_9")
    assert "139" not in str(caught.value) and "account" not in str(caught.value)
