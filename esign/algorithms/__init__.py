"""The signature algorithms this installation knows. A new one is a file beside `es256.py` and a line in `ALGORITHMS`."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from esign.algorithms.es256 import Es256
from esign.algorithms.ports import SignatureAlgorithm, WrongKey

__all__ = ["ALGORITHMS", "SignatureAlgorithm", "WrongKey", "algorithm_for"]

ALGORITHMS: tuple[SignatureAlgorithm, ...] = (Es256(),)


def algorithm_for(public_key: PublicKeyTypes) -> SignatureAlgorithm:
    """The one algorithm of a key. A verifier takes it from the key and never from the message (RFC 9052 section 7.1). Raises WrongKey."""
    for algorithm in ALGORITHMS:
        if algorithm.suits(public_key):
            return algorithm
    raise WrongKey("no signature algorithm for a key of this kind")
