"""SM2 keys on the curve sm2p256v1, as plain values, and their encodings (`cryptography` refuses the curve).

Curve: GB/T 32918.5 section 2; key encodings: GM/T 0009 section 7.1 inside RFC 5480 (public) and RFC 5958 with RFC 5915
(private); curve identifier 1.2.156.10197.1.301 (GM/T 0006). No secret is computed with here; that is libcrypto's work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from asn1crypto import core, keys

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""Field, coefficients and order of sm2p256v1; the cofactor is 1."""

SIZE = 32
"""Bytes of a coordinate and of a private number."""

CURVE_OID = "1.2.156.10197.1.301"
_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
"""AlgorithmIdentifier: id-ecPublicKey with the named curve."""
_SPKI = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("034200")
_PKCS8 = bytes.fromhex("3041020100") + _ALGORITHM + bytes.fromhex("0427302502010104") + bytes([SIZE])
_PRIVATE_KEY_LIMIT = 4_096


class BadSm2Key(ValueError):
    """Bytes that are not an SM2 key: another form or curve, a point off the curve, a number out of range, two halves that disagree."""


@dataclass(frozen=True)
class Sm2PublicKey:
    """A point of the curve. `point` is 04 || x || y, 65 bytes. Raises BadSm2Key for anything else, the point at infinity included."""

    point: bytes

    def __post_init__(self) -> None:
        if len(self.point) != 1 + 2 * SIZE or self.point[0] != 4:
            raise BadSm2Key("not an uncompressed point of 65 bytes")
        x, y = int.from_bytes(self.point[1 : 1 + SIZE], "big"), int.from_bytes(self.point[1 + SIZE :], "big")
        if x >= P or y >= P or (y * y - (x * x * x + A * x + B)) % P:
            raise BadSm2Key("not a point of sm2p256v1")

    @classmethod
    def from_spki(cls, der: bytes) -> Sm2PublicKey:
        """A SubjectPublicKeyInfo. There is one spelling (DER, named curve, uncompressed), and only that is taken. Raises BadSm2Key."""
        if der[: len(_SPKI)] != _SPKI:
            raise BadSm2Key("not a SubjectPublicKeyInfo of an SM2 key")
        return cls(der[len(_SPKI) :])

    def public_bytes_spki(self) -> bytes:
        return _SPKI + self.point


class Handle:
    """libcrypto's EVP_PKEY of a key. `address` is valid as long as this object lives."""

    __slots__ = ("_free", "address")

    def __init__(self, address: int, free: Callable[[int], None]) -> None:
        self.address, self._free = address, free

    def __del__(self) -> None:
        self._free(self.address)


class Sm2PrivateKey:
    """A number d in 1 … n-2 (GB/T 32918.1 section 6.1) and its point. Made by `Libcrypto`, which knows that the two belong together."""

    __slots__ = ("__weakref__", "_handle", "_number", "_public")

    def __init__(self, number: bytes, public: Sm2PublicKey, handle: Handle) -> None:
        self._number, self._public, self._handle = number, public, handle

    def public_key(self) -> Sm2PublicKey:
        return self._public

    def private_bytes_pkcs8(self) -> bytes:
        """PrivateKeyInfo, unencrypted and without the public point, for whoever seals it. `Libcrypto.private_key` reads it again."""
        return _PKCS8 + self._number

    @property
    def handle(self) -> Handle:
        """libcrypto's own object of this key; freed with it."""
        return self._handle

    def __reduce__(self) -> NoReturn:
        raise TypeError("an SM2 private key is neither copied nor pickled")


def pkcs8_of(number: bytes) -> bytes:
    """The PrivateKeyInfo libcrypto is given. `number`: 32 bytes. Raises BadSm2Key for a number outside 1 … n-2."""
    if len(number) != SIZE or not 1 <= int.from_bytes(number, "big") <= N - 2:
        raise BadSm2Key("not a private number of sm2p256v1")
    return _PKCS8 + number


def read_pkcs8(der: bytes) -> tuple[bytes, Sm2PublicKey | None]:
    """(private number as 32 bytes, the public key where it came along) of an unencrypted PrivateKeyInfo. Raises BadSm2Key."""
    if len(der) > _PRIVATE_KEY_LIMIT:
        raise BadSm2Key("too long for a private key")
    try:
        info = keys.PrivateKeyInfo.load(der, strict=True)
        algorithm = info["private_key_algorithm"]
        is_ours = algorithm["algorithm"].dotted == _EC_PUBLIC_KEY and algorithm["parameters"].chosen.dotted == CURVE_OID
        parsed = keys.ECPrivateKey.load(info["private_key"].contents, strict=True)
        named = parsed["parameters"]
        is_ours = is_ours and (isinstance(named, core.Void) or named.chosen.dotted == CURVE_OID)
        number, point = bytes(parsed["private_key"].contents), parsed["public_key"].native
    except Exception as error:  # hostile DER makes the parser raise many kinds
        raise BadSm2Key("not a PrivateKeyInfo of an elliptic curve key") from error
    if not is_ours:
        raise BadSm2Key("a private key of another curve")
    pkcs8_of(number)
    return number, None if point is None else Sm2PublicKey(bytes(point))
