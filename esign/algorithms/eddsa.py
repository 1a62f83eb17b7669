"""Ed25519 (RFC 8032 section 5.1), pure, with empty context: COSE -8 and JOSE `EdDSA` (RFC 9053 section 2.2, RFC 8037 section 3.1).

RFC 9864 deprecates the names that leave the curve to the key and registers `Ed25519`, COSE -19, for the same computation. Written are the
older ones, because a printed code is read for years by libraries that know no other; both are read, which gives a message no choice, since
the key is of one curve. Ed448 is not taken.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from esign.algorithms.ports import PrivateKey, PublicKey, WrongKey

_SIGN_BIT = 0x80
_SMALL_ORDER = frozenset(
    bytes.fromhex(encoded)
    for encoded in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)
"""The y coordinates, in every spelling, of the eight points P with 8 P = 0. Under such a "key" one signature holds for many messages."""


class EdDsa:
    name = "EdDSA"
    cose_id = -8
    cose_ids = frozenset({-8, -19})
    signature_size = 64

    def suits(self, public_key: PublicKey) -> bool:
        """False also for keys of small order."""
        if not isinstance(public_key, ed25519.Ed25519PublicKey):
            return False
        encoded = public_key.public_bytes_raw()
        return encoded[:-1] + bytes([encoded[-1] & ~_SIGN_BIT]) not in _SMALL_ORDER

    def generate(self) -> ed25519.Ed25519PrivateKey:
        return ed25519.Ed25519PrivateKey.generate()

    def sign(self, private_key: PrivateKey, message: bytes) -> bytes:
        if not isinstance(private_key, ed25519.Ed25519PrivateKey):
            raise WrongKey("EdDSA signs with an Ed25519 key")
        return private_key.sign(message)

    def verify(self, public_key: PublicKey, message: bytes, signature: bytes) -> bool:
        if len(signature) != self.signature_size or not isinstance(public_key, ed25519.Ed25519PublicKey) or not self.suits(public_key):
            return False
        try:
            public_key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def jwk(self, public_key: PublicKey) -> dict[str, str]:
        if not isinstance(public_key, ed25519.Ed25519PublicKey) or not self.suits(public_key):
            raise WrongKey("EdDSA describes an Ed25519 key")
        x = urlsafe_b64encode(public_key.public_bytes_raw()).rstrip(b"=").decode()
        return {"kty": "OKP", "crv": "Ed25519", "x": x, "alg": self.name}
