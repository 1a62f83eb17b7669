"""SM4 in ECB mode with PKCS#7 padding (GB/T 32907-2016): the envelope that the postal carrier's interface prescribes.

ECB neither hides repeated blocks nor proves integrity. It is here because an outside interface demands it; our own data is sealed
by `core.crypto`.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY_BYTES = 16
_BLOCK_BITS = 128


class BadCiphertext(ValueError):
    """Not a whole number of blocks, or padded wrongly: made with another key, or altered."""


def ecb_encrypt(key: bytes, plaintext: bytes) -> bytes:
    """`key` has 16 bytes; the answer is a multiple of 16 bytes and always longer than the plaintext."""
    padder = PKCS7(_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    return encryptor.update(padder.update(plaintext) + padder.finalize()) + encryptor.finalize()


def ecb_decrypt(key: bytes, ciphertext: bytes) -> bytes:
    """Raises BadCiphertext."""
    if not ciphertext or len(ciphertext) % 16:
        raise BadCiphertext("not a whole number of blocks")
    decryptor = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    try:
        return unpadder.update(decryptor.update(ciphertext) + decryptor.finalize()) + unpadder.finalize()
    except ValueError:
        raise BadCiphertext("wrong padding") from None
