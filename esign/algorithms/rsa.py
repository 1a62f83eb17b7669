"""RSA with SHA-256, to judge the documents and certificates of others: PKCS#1 v1.5 and PSS (RFC 8017 sections 8.1 and 8.2).

Nothing is signed with it here: five times dearer than P-256 in a PDF, and a QR code has no room for 256 bytes. An RSA key does not say
which of the two schemes it is for, so that neither stands in `ALGORITHMS`: they are chosen by the AlgorithmIdentifier of a certificate
or a CMS signature (`certificates.verify_named`), and a credential signed with RSA has no algorithm.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from esign.algorithms.ports import PrivateKey, PublicKey, ReadOnlyAlgorithm, WrongKey

SMALLEST_KEY = 2048
"""Bits; NIST SP 800-131A allows no less for signatures."""

_SALT = 32
"""Bytes; as long as the digest (RFC 7518 section 3.5)."""


class Rs256:
    """PKCS#1 v1.5 (RFC 7518 section 3.3, RFC 8812 section 2)."""

    name = "RS256"
    cose_id = -257
    cose_ids = frozenset({-257})
    signature_size = None

    def suits(self, public_key: PublicKey) -> bool:
        return isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size >= SMALLEST_KEY

    def generate(self) -> NoReturn:
        raise ReadOnlyAlgorithm("RSA signatures are only read here; new keys are for ES256, EdDSA or SM2")

    def sign(self, private_key: PrivateKey, message: bytes) -> NoReturn:
        raise ReadOnlyAlgorithm("RSA signatures are only read here; sign with ES256, EdDSA or SM2")

    def verify(self, public_key: PublicKey, message: bytes, signature: bytes) -> bool:
        if not isinstance(public_key, rsa.RSAPublicKey) or not self.suits(public_key):
            return False
        if len(signature) != (public_key.key_size + 7) // 8:
            return False
        try:
            public_key.verify(signature, message, self._padding(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    def jwk(self, public_key: PublicKey) -> dict[str, str]:
        if not isinstance(public_key, rsa.RSAPublicKey) or not self.suits(public_key):
            raise WrongKey(f"{self.name} describes an RSA key of at least {SMALLEST_KEY} bits")
        numbers = public_key.public_numbers()
        return {"kty": "RSA", "n": _unsigned(numbers.n), "e": _unsigned(numbers.e), "alg": self.name}

    def _padding(self) -> padding.AsymmetricPadding:
        return padding.PKCS1v15()


class Ps256(Rs256):
    """PSS with MGF1 over SHA-256 and a salt of 32 bytes (RFC 7518 section 3.5, RFC 8230 section 2)."""

    name = "PS256"
    cose_id = -37
    cose_ids = frozenset({-37})

    def _padding(self) -> padding.AsymmetricPadding:
        return padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=_SALT)


def _unsigned(value: int) -> str:
    """Base64urlUInt (RFC 7518 section 2): the shortest big-endian form."""
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
