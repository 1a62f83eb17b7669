"""What a signature algorithm must offer. One file each; the registry in `esign/algorithms/__init__.py` names them."""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes


class SignatureAlgorithm(Protocol):
    """Signatures are raw (for ECDSA r || s), as COSE and JOSE carry them (RFC 9053 section 2.1, RFC 7518 section 3.4)."""

    @property
    def name(self) -> str:
        """The JOSE name, e.g. `ES256`."""
        ...

    @property
    def cose_id(self) -> int:
        """The number in IANA's "COSE Algorithms" registry, e.g. -7."""
        ...

    @property
    def signature_size(self) -> int:
        """Bytes of a raw signature."""
        ...

    def suits(self, public_key: PublicKeyTypes) -> bool:
        """Whether this algorithm is the one for that key."""
        ...

    def generate(self) -> PrivateKeyTypes: ...

    def sign(self, private_key: PrivateKeyTypes, message: bytes) -> bytes:
        """Raises WrongKey if the key is of another kind."""
        ...

    def verify(self, public_key: PublicKeyTypes, message: bytes, signature: bytes) -> bool:
        """False for a bad signature, a wrong length or a key of another kind; never raises."""
        ...

    def jwk(self, public_key: PublicKeyTypes) -> dict[str, str]:
        """The public key as a JSON Web Key without `kid` and `use`. Raises WrongKey."""
        ...


class WrongKey(TypeError):
    """A key was given to an algorithm that it does not belong to."""
