"""WeChat's own examples of message pushes (vectors/wechat_message.json names their page)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wechat.crypto import Undecryptable, decrypt, encrypt, is_signed, signature

OFFICIAL: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "wechat_message.json").read_text("utf-8"))["official"]
CASES = {case["name"]: case for case in OFFICIAL["cases"]}
KEY, APPID, TOKEN = OFFICIAL["encoding_aes_key"], OFFICIAL["appid"], OFFICIAL["token"]


@pytest.mark.parametrize("name", ["url_verify_get", "plaintext_post", "secure_post"])
def test_signature_over_three_values(name: str) -> None:
    case = CASES[name]
    assert signature(TOKEN, case["timestamp"], case["nonce"]) == case["signature"]


@pytest.mark.parametrize("name", ["secure_post", "secure_reply"])
def test_msg_signature_over_four_values(name: str) -> None:
    case = CASES[name]
    assert signature(TOKEN, case["timestamp"], case["nonce"], case["encrypt"]) == case["msg_signature"]


def test_a_genuine_message_with_a_pad_of_19_opens() -> None:
    case = CASES["secure_post"]
    assert case["pad_len"] == 19
    assert decrypt(KEY, APPID, case["encrypt"]).decode() == case["plaintext"]


def test_reply_is_encrypted_as_in_the_example() -> None:
    case = CASES["secure_reply"]
    assert encrypt(KEY, APPID, case["plaintext"].encode(), case["random16"].encode()) == case["encrypt"]


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27, 28, 100])
def test_every_pad_length_round_trips(length: int) -> None:
    assert decrypt(KEY, APPID, encrypt(KEY, APPID, b"x" * length)) == b"x" * length


def test_another_appid_or_key_is_refused() -> None:
    sealed = encrypt(KEY, APPID, b"{}")
    with pytest.raises(Undecryptable):
        decrypt(KEY, "wx1111111111111111", sealed)
    with pytest.raises(Undecryptable):
        decrypt("B" * 43, APPID, sealed)


@pytest.mark.parametrize("sealed", ["", "!!!!", "AAAA", "A" * 64])
def test_rubbish_is_refused(sealed: str) -> None:
    with pytest.raises(Undecryptable):
        decrypt(KEY, APPID, sealed)


def test_an_empty_token_proves_nothing() -> None:
    assert not is_signed(signature("", "1", "2"), "", "1", "2")
    assert is_signed(signature("t", "1", "2"), "t", "1", "2")
