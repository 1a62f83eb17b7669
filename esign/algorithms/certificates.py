"""Keys and signatures as X.509 and CMS carry them: the key in a SubjectPublicKeyInfo, the algorithm in an AlgorithmIdentifier.

There, unlike in COSE, a message has to say how it was signed. It chooses nothing by it: an identifier counts only in its exact DER form,
only where the key is of its kind, and only where it stands under the signature itself, which is the caller's business to see to.
"""

from __future__ import annotations

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from esign.algorithms.eddsa import EdDsa
from esign.algorithms.encoding import raw_from_der
from esign.algorithms.es256 import Es256
from esign.algorithms.ports import PublicKey, SignatureAlgorithm, WrongKey
from esign.algorithms.rsa import Ps256, Rs256
from esign.algorithms.sm2 import Sm2
from esign.algorithms.sm2_keys import BadSm2Key, Sm2PublicKey

_SHA256 = ("300b0609608648016503040201", "300d06096086480165030402010500")
"""With and without the NULL: RFC 4055 section 2.1 wants both read."""

_SM2_SM3 = "06082a811ccf55018375"
"""1.2.156.10197.1.501 (GM/T 0006)."""


def _sequence(*parts: str) -> str:
    body = "".join(parts)
    return f"30{len(body) // 2:02x}{body}"


def _tagged(number: int, body: str) -> str:
    return f"a{number}{len(body) // 2:02x}{body}"


def _pss(digest: str, mask_digest: str) -> str:
    """RSASSA-PSS-params (RFC 4055 section 3.1): SHA-256, MGF1 with SHA-256, a salt of 32 octets, the default trailer."""
    mask = _sequence("06092a864886f70d010108", mask_digest)
    return _sequence("06092a864886f70d01010a", _sequence(_tagged(0, digest), _tagged(1, mask), _tagged(2, "020120")))


_RAW: dict[bytes, SignatureAlgorithm] = {
    bytes.fromhex(_sequence("06032b6570")): EdDsa(),  # RFC 8410 section 3
    bytes.fromhex(_sequence("06092a864886f70d01010b", "0500")): Rs256(),  # RFC 4055 section 5
    **{bytes.fromhex(_pss(digest, mask)): Ps256() for digest in _SHA256 for mask in _SHA256},
}
_PAIRS: dict[bytes, SignatureAlgorithm] = {
    bytes.fromhex(_sequence("06082a8648ce3d040302")): Es256(),  # RFC 5758 section 3.2
    # Both are met: the national root and those under it write a NULL, OpenSSL writes nothing.
    bytes.fromhex(_sequence(_SM2_SM3)): Sm2(),
    bytes.fromhex(_sequence(_SM2_SM3, "0500")): Sm2(),
}


def verify_named(identifier: bytes, public_key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Judge a signature under a DER AlgorithmIdentifier. ECDSA and SM2 signatures are in DER here.

    False also for an identifier that is not known to the byte or does not suit the key. Raises AlgorithmUnavailable, as `verify` does.
    """
    if identifier in _PAIRS:
        raw = raw_from_der(signature)
        return raw is not None and _PAIRS[identifier].verify(public_key, message, raw)
    return identifier in _RAW and _RAW[identifier].verify(public_key, message, signature)


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """Its key, also where it is an SM2 key. Raises WrongKey for a key nobody here can read."""
    try:
        return certificate.public_key()
    except UnsupportedAlgorithm:
        pass
    except Exception as error:  # hostile certificates raise many kinds
        raise WrongKey("a malformed key in a certificate") from error
    try:
        return Sm2PublicKey.from_spki(_parts(certificate)[2])
    except BadSm2Key as error:
        raise WrongKey("a key of a kind that is not known") from error


def is_signed_by(certificate: x509.Certificate, public_key: PublicKey) -> bool:
    """Whether that key made the certificate's signature. Names, validity and the right to issue are the caller's business.

    Never raises for anything in a certificate; AlgorithmUnavailable as `verify` does.
    """
    try:
        outer, inner, _, signature = _parts(certificate)
    except WrongKey:
        return False
    # RFC 5280 section 4.1.1.2: of the two identifiers only the inner one is signed. A count of unused bits is not signed at all.
    if outer != inner or signature[:1] != b"\0":
        return False
    return verify_named(outer, public_key, certificate.tbs_certificate_bytes, signature[1:])


def _parts(certificate: x509.Certificate) -> tuple[bytes, bytes, bytes, bytes]:
    """The outer and the inner AlgorithmIdentifier and the SubjectPublicKeyInfo in DER; the octets of the signature's BIT STRING.

    Raises WrongKey.
    """
    try:
        # The library has checked the whole as DER; of this second reading only bytes are taken.
        outer = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER), strict=True)
        signed = outer["tbs_certificate"]
        names = outer["signature_algorithm"].dump(), signed["signature"].dump()
        return *names, signed["subject_public_key_info"].dump(), outer["signature_value"].contents
    except Exception as error:  # as above
        raise WrongKey("a malformed certificate") from error
