"""Blind indexes, digests and key derivation; the ciphers themselves are in tests/contract/test_field_ciphers.py."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from core.crypto import BlindIndex, FieldCipher, derive, keyed_digest, same

INDEX = BlindIndex(b"\x01" * 32)


def test_equal_values_meet_and_others_do_not() -> None:
    assert INDEX.of("51010419920315001X", context="id") == INDEX.of("51010419920315001X", context="id")
    different = {
        INDEX.of("51010419920315001X", context="id"),
        INDEX.of("510104199203150011", context="id"),
        INDEX.of("51010419920315001X", context="phone"),
        BlindIndex(b"\x02" * 32).of("51010419920315001X", context="id"),
    }
    assert len(different) == 4 and all(len(value) == 32 and set(value) <= set("0123456789abcdef") for value in different)


def test_an_index_is_not_a_plain_hash() -> None:
    """Eleven digits have only 10^11 values: without a key a stolen table would be read back in minutes."""
    plain = hashlib.sha256(b"13912345678").hexdigest()
    assert INDEX.of("13912345678", context="phone") not in plain
    assert INDEX.of("13912345678", context="phone") == hmac.new(derive(INDEX.key, "index:phone"), b"13912345678", "sha256").hexdigest()[:32]


def test_no_key_shows_in_a_repr() -> None:
    assert "\\x01" not in repr(INDEX) and "\\x07" not in repr(FieldCipher({"k": b"\x07" * 32}, "k"))


def test_digest_parts_cannot_be_shifted() -> None:
    key = b"k" * 32
    assert keyed_digest(key, "ab", "c") != keyed_digest(key, "a", "bc") != keyed_digest(key, "abc")
    assert keyed_digest(key, "码", "1") == keyed_digest(key, "码", "1") != keyed_digest(b"l" * 32, "码", "1")


def test_derived_keys_differ_by_purpose_and_have_their_length() -> None:
    master = b"m" * 32
    assert len(derive(master, "a", 16)) == 16 and derive(master, "a") != derive(master, "b")
    # RFC 5869 section 2.3 with one block: T(1) = HMAC(PRK, info | 0x01)
    assert derive(master, "a") == hmac.new(master, b"a\x01", "sha256").digest()


def test_comparison_in_constant_time_is_still_a_comparison() -> None:
    assert same("取件码", "取件码") and not same("a", "b") and not same("a", "aa") and not same("", "a")


@pytest.mark.parametrize(
    ("keys", "active"),
    [
        ({}, "a"),
        ({"a": b"k" * 32}, "b"),
        ({"a": b"k" * 31}, "a"),
        ({"a": b"k" * 32, "b": b""}, "a"),
        ({"": b"k" * 32}, ""),
        ({"k" * 33: b"k" * 32}, "k" * 33),
    ],
)
def test_a_cipher_refuses_bad_keys_at_once(keys: dict[str, bytes], active: str) -> None:
    with pytest.raises(ValueError, match="key"):
        FieldCipher(keys, active)
