"""SM2 with SM3 by the machine's own OpenSSL 3 (`libcrypto`), called through ctypes; why: docs/decisions/0012.

Every object made in C is freed: a context in the call that made it, a key when Python drops its `Handle`. Calls hold no lock: contexts are
never shared, and libcrypto only reads a key while signing or verifying. Lengths are always passed, and numbers and points are checked
before they go over (`sm2_keys`, `encoding`). What a call leaves in the thread's error queue, which Python's ssl module reads too, is taken
away again.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_uint, c_void_p
from functools import cache, lru_cache
from typing import Any

from esign.algorithms.encoding import der_from_raw, raw_from_der
from esign.algorithms.sm2_keys import BadSm2Key, Handle, N, Sm2PrivateKey, Sm2PublicKey, pkcs8_of, read_pkcs8
from esign.errors import AlgorithmUnavailable

DEFAULT_ID = b"1234567812345678"
"""The signer's distinguishing identifier where none was agreed (GM/T 0009 section 10)."""

_ID_LIMIT = 8_190
"""Bytes. ENTL counts bits in two octets (GB/T 32918.2 section 5.5), which leaves room for 8191; libcrypto stops one earlier."""

_LONGEST_SIGNATURE = 72
_SPKI_SIZE = 91

if sys.platform == "darwin":  # by full name only: the system's unversioned libcrypto aborts the process that loads it
    NAMES = tuple(f"{place}libcrypto.3.dylib" for place in ("", "/opt/homebrew/opt/openssl@3/lib/", "/usr/local/opt/openssl@3/lib/"))
elif sys.platform == "win32":
    NAMES = ("libcrypto-3-x64.dll", "libcrypto-3-arm64.dll", "libcrypto-3.dll")
else:
    NAMES = ("libcrypto.so.3", "libcrypto.so.4")


class LibcryptoFailure(RuntimeError):
    """libcrypto refused what it must be able to do (out of memory, no randomness). Says nothing about anybody's signature."""


class Libcrypto:
    """One loaded library. Raises OSError where there is none of that name, AttributeError where it is no OpenSSL 3."""

    def __init__(self, name: str) -> None:
        library = ctypes.CDLL(name)

        def function(symbol: str, result: Any, *arguments: Any) -> Any:
            found = getattr(library, symbol)
            found.restype, found.argtypes = result, arguments
            return found

        out_pointer = POINTER(c_void_p)
        version = function("OPENSSL_version_major", c_uint)()
        self.version = f"{version}.{function('OPENSSL_version_minor', c_uint)()}.{function('OPENSSL_version_patch', c_uint)()}"
        self._set_mark = function("ERR_set_mark", c_int)
        self._pop_to_mark = function("ERR_pop_to_mark", c_int)
        self._read_public = function("d2i_PUBKEY", c_void_p, c_void_p, out_pointer, c_long)
        self._read_private = function("d2i_AutoPrivateKey", c_void_p, c_void_p, out_pointer, c_long)
        self._write_public = function("i2d_PUBKEY", c_int, c_void_p, out_pointer)
        self._is_a = function("EVP_PKEY_is_a", c_int, c_void_p, c_char_p)
        self._free_key = function("EVP_PKEY_free", None, c_void_p)
        self._new_context = function("EVP_MD_CTX_new", c_void_p)
        self._free_context = function("EVP_MD_CTX_free", None, c_void_p)
        self._begin_sign = function("EVP_DigestSignInit", c_int, c_void_p, out_pointer, c_void_p, c_void_p, c_void_p)
        self._begin_verify = function("EVP_DigestVerifyInit", c_int, c_void_p, out_pointer, c_void_p, c_void_p, c_void_p)
        self._set_id = function("EVP_PKEY_CTX_set1_id", c_int, c_void_p, c_char_p, c_int)
        self._sign = function("EVP_DigestSign", c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)
        self._verify = function("EVP_DigestVerify", c_int, c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)
        self._random = function("RAND_priv_bytes", c_int, c_char_p, c_int)
        fetch = function("EVP_MD_fetch", c_void_p, c_void_p, c_char_p, c_char_p)
        with self._quietly():
            # Fetched once and kept as long as the library itself is. Where there is no SM3, the example fails.
            self._sm3 = fetch(None, b"SM3", None)
        self._public_handle = lru_cache(maxsize=256)(self._new_public_handle)

    def generate(self) -> Sm2PrivateKey:
        """A new key. Raises LibcryptoFailure."""
        buffer = ctypes.create_string_buffer(32)
        for _ in range(128):
            with self._quietly():
                if self._random(buffer, len(buffer)) != 1:
                    break
            if 1 <= int.from_bytes(buffer.raw, "big") <= N - 2:
                return self.private_key(pkcs8_of(buffer.raw))
        raise LibcryptoFailure("no random number")

    def private_key(self, der: bytes) -> Sm2PrivateKey:
        """The key of an unencrypted PrivateKeyInfo (RFC 5958). Raises BadSm2Key, also where its public point is not that of its number."""
        number, claimed = read_pkcs8(der)
        with self._quietly():
            # Without the claimed point, so that libcrypto has to compute it.
            handle = self._handle(self._read_private, pkcs8_of(number))
            point = ctypes.create_string_buffer(_SPKI_SIZE)
            if self._write_public(handle.address, None) != _SPKI_SIZE:
                raise LibcryptoFailure("no public key of a private one")
            self._write_public(handle.address, byref(c_void_p(ctypes.addressof(point))))
        public = Sm2PublicKey.from_spki(point.raw)
        if claimed is not None and claimed != public:
            raise BadSm2Key("the public key is not that of the private one")
        return Sm2PrivateKey(number, public, handle)

    def sign(self, key: Sm2PrivateKey, message: bytes, signer_id: bytes = DEFAULT_ID) -> bytes:
        """Raw r || s, 64 bytes, over Z || message (GB/T 32918.2 section 6). Raises LibcryptoFailure, ValueError for an impossible id."""
        handle = key.handle
        out, size = ctypes.create_string_buffer(_LONGEST_SIGNATURE), c_size_t(_LONGEST_SIGNATURE)
        with self._context(self._begin_sign, handle, signer_id) as context:
            done = self._sign(context, out, byref(size), message, len(message))
        raw = raw_from_der(out.raw[: size.value]) if done == 1 else None
        if raw is None:
            raise LibcryptoFailure("no signature")
        return raw

    def verify(self, key: Sm2PublicKey, message: bytes, signature: bytes, signer_id: bytes = DEFAULT_ID) -> bool:
        """`signature` is raw r || s: False for another length, and for r or s outside 1 … n-1. Raises as `sign` does."""
        if len(signature) != 64:
            return False
        halves = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if not all(1 <= half < N for half in halves):
            return False
        handle, der = self._public_handle(key.point), der_from_raw(signature)
        with self._context(self._begin_verify, handle, signer_id) as context:
            # A negative answer is no fault of the library's either: who holds the key can bring about the point at infinity.
            return bool(self._verify(context, der, len(der), message, len(message)) == 1)

    def _new_public_handle(self, point: bytes) -> Handle:
        with self._quietly():
            return self._handle(self._read_public, Sm2PublicKey(point).public_bytes_spki())

    def _handle(self, read: Any, der: bytes) -> Handle:
        buffer = ctypes.create_string_buffer(der, len(der))
        address = read(None, byref(c_void_p(ctypes.addressof(buffer))), len(der))
        ctypes.memset(buffer, 0, len(der))
        if not address:
            raise LibcryptoFailure("a good SM2 key was refused")
        handle = Handle(address, self._free_key)
        if self._is_a(address, b"SM2") != 1:
            raise LibcryptoFailure("an SM2 key was taken for another kind")
        return handle

    @contextmanager
    def _context(self, begin: Any, handle: Handle, signer_id: bytes) -> Iterator[int]:
        if not 1 <= len(signer_id) <= _ID_LIMIT:
            raise ValueError(f"a distinguishing identifier has 1 to {_ID_LIMIT} bytes")
        with self._quietly():
            context, inner = self._new_context(), c_void_p()
            try:
                # `inner` belongs to `context` and goes with it.
                if not context or begin(context, byref(inner), self._sm3, None, handle.address) != 1:
                    raise LibcryptoFailure("no context")
                if self._set_id(inner, signer_id, len(signer_id)) != 1:
                    raise LibcryptoFailure("no distinguishing identifier")
                yield context
            finally:
                self._free_context(context)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._set_mark()
        try:
            yield
        finally:
            self._pop_to_mark()


# GB/T 32918.5 annex A: the standard's own example. A library that gets it wrong counts as none.
EXAMPLE_POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_EXAMPLE_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def open_first(names: Iterable[str]) -> Libcrypto | None:
    """The first library of these names that has SM2 and passes its example, or None."""
    for name in names:
        try:
            library, key = Libcrypto(name), Sm2PublicKey(EXAMPLE_POINT)
            right, wrong = (library.verify(key, message, _EXAMPLE_SIGNATURE) for message in (b"message digest", b"message digesu"))
            if right and not wrong:
                return library
        except (OSError, AttributeError, LibcryptoFailure):  # absent, no OpenSSL 3, or built without SM2 (as some distributions do)
            continue
    return None


@cache
def find() -> Libcrypto | None:
    """The machine's library, looked for once."""
    return open_first(NAMES)


def require(find: Callable[[], Libcrypto | None] = find) -> Libcrypto:
    """Raises AlgorithmUnavailable where no libcrypto with SM2 is installed."""
    library = find()
    if library is None:
        raise AlgorithmUnavailable
    return library
