"""ECDSA with P-256 and SHA-256: COSE algorithm -7 (RFC 9053 section 2.1), JOSE `ES256` (RFC 7518 section 3.4).

RFC 9864 deprecates COSE's -7, which leaves the curve to the key, for -9, `ESP256`. Written is -7, which every reader knows; see `eddsa.py`.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from esign.algorithms.encoding import HALF, der_from_raw, raw_from_der
from esign.algorithms.ports import PrivateKey, PublicKey, WrongKey

_SCHEME = ec.ECDSA(SHA256())


class Es256:
    name = "ES256"
    cose_id = -7
    cose_ids = frozenset({-7, -9})
    signature_size = 2 * HALF

    def suits(self, public_key: PublicKey) -> bool:
        return isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1)

    def generate(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def sign(self, private_key: PrivateKey, message: bytes) -> bytes:
        if not isinstance(private_key, ec.EllipticCurvePrivateKey) or not isinstance(private_key.curve, ec.SECP256R1):
            raise WrongKey("ES256 signs with a P-256 key")
        raw = raw_from_der(private_key.sign(message, _SCHEME))
        assert raw is not None
        return raw

    def verify(self, public_key: PublicKey, message: bytes, signature: bytes) -> bool:
        if len(signature) != self.signature_size or not isinstance(public_key, ec.EllipticCurvePublicKey) or not self.suits(public_key):
            return False
        try:
            public_key.verify(der_from_raw(signature), message, _SCHEME)
        except InvalidSignature:
            return False
        return True

    def jwk(self, public_key: PublicKey) -> dict[str, str]:
        if not isinstance(public_key, ec.EllipticCurvePublicKey) or not self.suits(public_key):
            raise WrongKey("ES256 describes a P-256 key")
        numbers = public_key.public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y), "alg": self.name}


def _coordinate(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes(HALF, "big")).rstrip(b"=").decode()
