"""What a signature algorithm must offer. One file each; the registry in `esign/algorithms/__init__.py` names them."""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from esign.algorithms.sm2_keys import Sm2PrivateKey, Sm2PublicKey

PublicKey = PublicKeyTypes | Sm2PublicKey
PrivateKey = PrivateKeyTypes | Sm2PrivateKey
"""Keys are those of `cryptography`; SM2, which it does not have, brings classes of its own."""


class SignatureAlgorithm(Protocol):
    """Signatures are raw (for ECDSA and SM2 r || s), as COSE and JOSE carry them (RFC 9053 section 2.1, RFC 7518 section 3.4)."""

    @property
    def name(self) -> str:
        """The JOSE name, e.g. `ES256`; the usual one where JOSE has none."""
        ...

    @property
    def cose_id(self) -> int | None:
        """The number written into COSE messages, from IANA's "COSE Algorithms" registry, e.g. -7. None: not for COSE and JOSE."""
        ...

    @property
    def cose_ids(self) -> frozenset[int]:
        """Every number that means this algorithm and nothing else for its keys, `cose_id` among them (RFC 9864 gave some a second one)."""
        ...

    @property
    def signature_size(self) -> int | None:
        """Bytes of a raw signature; None where the key decides."""
        ...

    def suits(self, public_key: PublicKey) -> bool:
        """Whether this algorithm takes that key."""
        ...

    def generate(self) -> PrivateKey:
        """Raises ReadOnlyAlgorithm, and AlgorithmUnavailable as `verify` does."""
        ...

    def sign(self, private_key: PrivateKey, message: bytes) -> bytes:
        """Raises WrongKey if the key is of another kind, ReadOnlyAlgorithm, and AlgorithmUnavailable as `verify` does."""
        ...

    def verify(self, public_key: PublicKey, message: bytes, signature: bytes) -> bool:
        """False for a bad signature, a wrong length or a key of another kind; never raises for anything in its input.

        AlgorithmUnavailable (`esign.errors`) where this machine cannot compute it at all: False would call a good signature forged.
        """
        ...

    def jwk(self, public_key: PublicKey) -> dict[str, str]:
        """The public key as a JSON Web Key without `kid` and `use`. Raises WrongKey."""
        ...


class WrongKey(TypeError):
    """A key was given to an algorithm that it does not belong to."""


class ReadOnlyAlgorithm(TypeError):
    """Signatures of this kind are judged, never made."""
