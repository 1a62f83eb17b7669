"""Who signs: a key with the certificate for it, and for documents the certificates up to (not necessarily including) the root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from esign.algorithms import algorithm_for


class MessageSigner(Protocol):
    """What signing a COSE message takes. Every SigningIdentity is one."""

    @property
    def private_key(self) -> PrivateKeyTypes: ...

    @property
    def certificate(self) -> x509.Certificate: ...


@dataclass(frozen=True)
class SigningIdentity:
    """A key that signs PDFs or timestamps. `chain` is ordered from the issuer of `certificate` upwards."""

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.private_key.curve, ec.SECP256R1):
            raise ValueError("only P-256 keys sign documents")
        _check_pair(self)


@dataclass(frozen=True)
class MessageIdentity:
    """A key of any kind in `ALGORITHMS` that `cryptography` knows (P-256, Ed25519). It signs credentials and lists, never documents.

    Raises ValueError where the certificate is for another key, WrongKey for a key without an algorithm.
    """

    private_key: PrivateKeyTypes = field(repr=False)
    certificate: x509.Certificate

    def __post_init__(self) -> None:
        _check_pair(self)
        algorithm_for(self.certificate.public_key())


def _check_pair(signer: MessageSigner) -> None:
    if signer.certificate.public_key() != signer.private_key.public_key():
        raise ValueError("the certificate is not for this key")
