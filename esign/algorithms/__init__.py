"""The signature algorithms this installation knows. A new one is a file beside `es256.py` and a line in `ALGORITHMS`.

`ALGORITHMS` are those a key decides for by itself. RSA keys do not (PKCS#1 v1.5 or PSS?), so that RSA is only read, where a certificate or
a CMS signature names the scheme: `certificates.verify_named`.
"""

from __future__ import annotations

from esign.algorithms.eddsa import EdDsa
from esign.algorithms.es256 import Es256
from esign.algorithms.ports import PrivateKey, PublicKey, ReadOnlyAlgorithm, SignatureAlgorithm, WrongKey
from esign.algorithms.rsa import Ps256, Rs256
from esign.algorithms.sm2 import Sm2

__all__ = [
    "ALGORITHMS",
    "READ_ONLY",
    "PrivateKey",
    "PublicKey",
    "ReadOnlyAlgorithm",
    "SignatureAlgorithm",
    "WrongKey",
    "algorithm_for",
]

ALGORITHMS: tuple[SignatureAlgorithm, ...] = (Es256(), EdDsa(), Sm2())
READ_ONLY: tuple[SignatureAlgorithm, ...] = (Rs256(), Ps256())


def algorithm_for(public_key: PublicKey) -> SignatureAlgorithm:
    """The one algorithm of a key. A verifier takes it from the key and never from the message (RFC 9052 section 7.1). Raises WrongKey."""
    for algorithm in ALGORITHMS:
        if algorithm.suits(public_key):
            return algorithm
    raise WrongKey("no signature algorithm for a key of this kind")
