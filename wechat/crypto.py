"""Signatures and secure mode of WeChat's message pushes (server-ability/message-push).

AES-256-CBC, key = base64(EncodingAESKey + "="), iv = its first 16 bytes; the plaintext is 16 random bytes, a 4-byte big-endian length,
the message, the appid; padded to blocks of 32 bytes, so that pads of 17 to 32 are genuine.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAD_BLOCK = 32


class Undecryptable(ValueError):
    """Made with another key or for another appid, or altered."""


def signature(token: str, *values: str) -> str:
    """sha1 of the sorted, joined values and the token: three values for `signature`, with the ciphertext four for `msg_signature`."""
    return hashlib.sha1("".join(sorted((token, *values))).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, token: str, *values: str) -> bool:
    """False also when no token is configured: an empty token proves nothing."""
    return bool(token) and hmac.compare_digest(given.encode(), signature(token, *values).encode())


def _key(encoding_aes_key: str) -> bytes:
    key = base64.b64decode(encoding_aes_key + "=")
    if len(key) != 32:
        raise ValueError("EncodingAESKey has 43 characters")
    return key


def decrypt(encoding_aes_key: str, appid: str, encrypted: str) -> bytes:
    """The message inside. Raises Undecryptable."""
    key = _key(encoding_aes_key)
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise Undecryptable("not base64") from None
    if not sealed or len(sealed) % 16:
        raise Undecryptable("not a whole number of blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= PAD_BLOCK or len(plain) < pad + 20 or plain[-pad:] != bytes([pad]) * pad:
        raise Undecryptable("wrong padding")
    plain = plain[:-pad]
    length = int.from_bytes(plain[16:20], "big")
    if length > len(plain) - 20 or plain[20 + length :] != appid.encode():
        raise Undecryptable("for another appid")
    return plain[20 : 20 + length]


def encrypt(encoding_aes_key: str, appid: str, message: bytes, random16: bytes | None = None) -> str:
    """The `Encrypt` value of an answer; `random16` is given by tests only."""
    key = _key(encoding_aes_key)
    plain = (random16 or secrets.token_bytes(16)) + len(message).to_bytes(4, "big") + message + appid.encode()
    pad = PAD_BLOCK - len(plain) % PAD_BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()
