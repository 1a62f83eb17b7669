"""COSE_Sign1 (RFC 9052 section 4.2): one signer, everything in the protected header, nothing in the unprotected one.

    18([ h'{1: alg, 4: kid, 16: typ?, 33: x5chain?}', {}, payload, signature ])

The verifier takes the algorithm from the key; the message's own `alg` must agree, so a message cannot choose a weaker one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from esign.algorithms import PublicKey, WrongKey, algorithm_for
from esign.authority import kid_of
from esign.credentials import cbor
from esign.errors import CredentialMalformed
from esign.signer import MessageSigner

_TAG = b"\xd2"
_ALG, _KID, _TYP, _CHAIN = 1, 4, 16, 33
_HEADER_LIMIT = 16_384


@dataclass(frozen=True)
class Sign1:
    algorithm: int
    kid: bytes
    typ: str | None
    chain: tuple[bytes, ...]
    payload: bytes
    protected: bytes
    signature: bytes

    def is_signed_by(self, public_key: PublicKey) -> bool:
        """False also where the message names another algorithm than the key's."""
        try:
            algorithm = algorithm_for(public_key)
        except TypeError:
            return False
        if self.algorithm not in algorithm.cose_ids:
            return False
        return algorithm.verify(public_key, signature_input(self.protected, self.payload), self.signature)


def signature_input(protected: bytes, payload: bytes, external: bytes = b"") -> bytes:
    """The Sig_structure of RFC 9052 section 4.4."""
    return cbor.encode(["Signature1", protected, external, payload])


def sign(payload: bytes, identity: MessageSigner, *, typ: str | None = None, with_certificate: bool = False) -> bytes:
    """The tagged message. `with_certificate` carries the signer's certificate as x5chain (RFC 9360), for whoever has no list yet.

    Raises WrongKey for an identity whose algorithm COSE does not know.
    """
    algorithm = algorithm_for(identity.certificate.public_key())
    if algorithm.cose_id is None:
        raise WrongKey(f"COSE has no identifier for {algorithm.name}")
    header: dict[int, Any] = {_ALG: algorithm.cose_id, _KID: kid_of(identity.certificate)}
    if typ is not None:
        header[_TYP] = typ
    if with_certificate:
        header[_CHAIN] = identity.certificate.public_bytes(Encoding.DER)
    protected = cbor.encode(header)
    signature = algorithm.sign(identity.private_key, signature_input(protected, payload))
    return _TAG + cbor.encode([protected, {}, payload, signature])


def decode(data: bytes, *, limit: int) -> Sign1:
    """Take a message apart without judging its signature. Raises CredentialMalformed for anything but the exact form above."""
    if data[:1] != _TAG:
        raise CredentialMalformed("not a tagged COSE_Sign1")
    parts = cbor.decode(data[1:], limit=limit)
    if not isinstance(parts, list) or len(parts) != 4:
        raise CredentialMalformed("not four parts")
    protected, unprotected, payload, signature = parts
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)) or unprotected != {}:
        raise CredentialMalformed("a part is of the wrong kind, or there is an unprotected header")
    return Sign1(*_header(protected), payload, protected, signature)


@lru_cache(maxsize=256)
def _header(protected: bytes) -> tuple[int, bytes, str | None, tuple[bytes, ...]]:
    """Algorithm, kid, typ and certificate; kept, because all messages of one key share these bytes. Raises CredentialMalformed."""
    header = cbor.decode(protected, limit=_HEADER_LIMIT)
    if not isinstance(header, dict) or not {_ALG, _KID} <= header.keys() <= {_ALG, _KID, _TYP, _CHAIN}:
        raise CredentialMalformed("protected header")
    kid, typ, chain = header[_KID], header.get(_TYP), header.get(_CHAIN)
    if type(header[_ALG]) is not int or not isinstance(kid, bytes) or len(kid) != 8:
        raise CredentialMalformed("algorithm or key id")
    if not isinstance(typ, str | None) or not isinstance(chain, bytes | None):
        raise CredentialMalformed("type or certificate")
    return header[_ALG], kid, typ, () if chain is None else (chain,)


def certificate_of(message: Sign1) -> x509.Certificate | None:
    """The certificate the message brought along, unjudged. Raises CredentialMalformed."""
    if not message.chain:
        return None
    try:
        return x509.load_der_x509_certificate(message.chain[0])
    except Exception as error:  # hostile DER raises many kinds
        raise CredentialMalformed("certificate") from error
