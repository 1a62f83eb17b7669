"""Who signs: a P-256 key with the certificate for it and the certificates up to (not necessarily including) the root."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class SigningIdentity:
    """A key that signs PDFs or timestamps. `chain` is ordered from the issuer of `certificate` upwards."""

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.private_key.curve, ec.SECP256R1):
            raise ValueError("only P-256 keys sign documents")
        if self.certificate.public_key() != self.private_key.public_key():
            raise ValueError("the certificate is not for this key")
