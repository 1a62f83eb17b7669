"""Personal fields at rest: authenticated encryption with key rotation by key id, and a blind index for equality look-ups.

A sealed value is `0x5A | algorithm | len(kid) | kid | nonce(12) | ciphertext+tag(16)`; the context string (table, column, row) is
authenticated, so that a value copied to another place does not open. Two algorithms behind one port: AES-256-GCM (NIST SP 800-38D)
and SM4-GCM (GM/T 0002-2012, RFC 8998).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as RawCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

Algorithm = Literal["aes-256-gcm", "sm4-gcm"]
_MAGIC = 0x5A
_CODES: dict[Algorithm, int] = {"aes-256-gcm": 1, "sm4-gcm": 2}
_KEY_BYTES: dict[Algorithm, int] = {"aes-256-gcm": 32, "sm4-gcm": 16}


class Unsealable(Exception):
    """The value was not sealed by these keys for this context, or was altered."""


class Cipher(Protocol):
    def seal(self, plaintext: bytes, *, context: str) -> bytes: ...

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Raises Unsealable."""
        ...


def derive(master: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose from a master secret (HKDF-Expand, RFC 5869 section 2.3)."""
    return HKDFExpand(SHA256(), length, purpose.encode()).derive(master)


@dataclass(frozen=True, repr=False)
class FieldCipher:
    """`keys` maps a key id to a 32-byte master key; new values use `active`, old ones keep opening with the key they name."""

    keys: Mapping[str, bytes]
    active: str
    algorithm: Algorithm = "aes-256-gcm"

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise ValueError("the active key id has no key")
        if any(len(key) != 32 for key in self.keys.values()):
            raise ValueError("a data key has 32 bytes")
        if any(not 1 <= len(kid.encode()) <= 32 for kid in self.keys):
            raise ValueError("a key id has 1 to 32 bytes")

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        kid = self.active.encode()
        nonce = os.urandom(12)
        head = bytes([_MAGIC, _CODES[self.algorithm], len(kid)]) + kid + nonce
        key = derive(self.keys[self.active], f"field:{self.algorithm}", _KEY_BYTES[self.algorithm])
        return head + _encrypt(self.algorithm, key, nonce, plaintext, head + context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        if len(sealed) < 3 or sealed[0] != _MAGIC:
            raise Unsealable("not a sealed value")
        algorithm = next((name for name, code in _CODES.items() if code == sealed[1]), None)
        end = 3 + sealed[2]
        kid = sealed[3:end].decode("utf-8", "replace")
        if algorithm is None or kid not in self.keys or len(sealed) < end + 12 + 16:
            raise Unsealable("unknown algorithm or key id")
        head, nonce = sealed[: end + 12], sealed[end : end + 12]
        key = derive(self.keys[kid], f"field:{algorithm}", _KEY_BYTES[algorithm])
        return _decrypt(algorithm, key, nonce, sealed[end + 12 :], head + context.encode())

    def key_id(self, sealed: bytes) -> str:
        """Which key a sealed value needs, for re-encryption after a rotation."""
        return sealed[3 : 3 + sealed[2]].decode("utf-8", "replace")


def _encrypt(algorithm: Algorithm, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    if algorithm == "aes-256-gcm":
        return AESGCM(key).encrypt(nonce, plaintext, aad)
    encryptor = RawCipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    body = encryptor.update(plaintext) + encryptor.finalize()
    return body + encryptor.tag


def _decrypt(algorithm: Algorithm, key: bytes, nonce: bytes, body: bytes, aad: bytes) -> bytes:
    try:
        if algorithm == "aes-256-gcm":
            return AESGCM(key).decrypt(nonce, body, aad)
        decryptor = RawCipher(algorithms.SM4(key), modes.GCM(nonce, body[-16:])).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(body[:-16]) + decryptor.finalize()
    except InvalidTag:
        raise Unsealable("the value was altered or belongs elsewhere") from None


@dataclass(frozen=True, repr=False)
class BlindIndex:
    """A keyed digest that finds equal values without revealing them; 128 bits, lower-case hexadecimal."""

    key: bytes

    def of(self, value: str, *, context: str) -> str:
        return hmac.new(derive(self.key, f"index:{context}"), value.encode(), hashlib.sha256).hexdigest()[:32]


def keyed_digest(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 over length-prefixed parts, hexadecimal (session tokens, pick-up codes)."""
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def same(a: str, b: str) -> bool:
    """Constant-time equality."""
    return hmac.compare_digest(a.encode(), b.encode())
