"""SM2 with SM3 (GB/T 32918.2, GM/T 0003.2, GM/T 0009) through the machine's libcrypto.

For seals, certificates and OFD. COSE and JOSE have no registered identifier and no key form for it (the one proposal,
draft-dang-webauthn-sm2, expired in 2022), and browsers cannot verify it, so that no credential is signed with it.
"""

from __future__ import annotations

from collections.abc import Callable

from esign.algorithms.libcrypto import Libcrypto, find, require
from esign.algorithms.ports import PrivateKey, PublicKey, WrongKey
from esign.algorithms.sm2_keys import Sm2PrivateKey, Sm2PublicKey


def is_available() -> bool:
    """Whether this machine can compute SM2. Where not, whatever needs it raises AlgorithmUnavailable (`esign.algorithm_unavailable`)."""
    return find() is not None


def library_version() -> str | None:
    """Of the OpenSSL that computes SM2, e.g. `3.0.19`; None where there is none."""
    library = find()
    return None if library is None else library.version


def load_private_key(der: bytes) -> Sm2PrivateKey:
    """The key of an unencrypted PKCS#8 PrivateKeyInfo. Raises BadSm2Key (a ValueError) and AlgorithmUnavailable."""
    return require().private_key(der)


class Sm2:
    """`library` is what tells the library from its absence in a test."""

    name = "SM2"
    cose_id = None
    cose_ids: frozenset[int] = frozenset()
    signature_size = 64

    def __init__(self, library: Callable[[], Libcrypto | None] = find) -> None:
        self._library = library

    def suits(self, public_key: PublicKey) -> bool:
        return isinstance(public_key, Sm2PublicKey)

    def generate(self) -> Sm2PrivateKey:
        return require(self._library).generate()

    def sign(self, private_key: PrivateKey, message: bytes) -> bytes:
        if not isinstance(private_key, Sm2PrivateKey):
            raise WrongKey("SM2 signs with an SM2 key")
        return require(self._library).sign(private_key, message)

    def verify(self, public_key: PublicKey, message: bytes, signature: bytes) -> bool:
        if not isinstance(public_key, Sm2PublicKey):
            return False
        return require(self._library).verify(public_key, message, signature)

    def jwk(self, public_key: PublicKey) -> dict[str, str]:
        raise WrongKey("there is no registered JSON Web Key form of SM2 keys")
