"""SM2 as the product calls it, against libcrypto called with nothing around it, in the same run: prints one JSON line a figure."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from typing import Any

from bench.rates import best_rates
from esign.algorithms import libcrypto
from esign.algorithms.encoding import der_from_raw
from esign.algorithms.sm2 import Sm2

TARGET = 0.9
_MESSAGE = b"x" * 300


def _print(figure: str, ours: float, raw: float, target: float = TARGET) -> None:
    print(
        json.dumps(
            {
                "figure": figure,
                "ratio": round(ours / raw, 3),
                "target": target,
                "ok": ours / raw >= target,
                "calls_per_second": round(ours),
                "raw_calls_per_second": round(raw),
                "measures": "a message of 300 bytes on one core; raw is libcrypto alone: one context, begun anew for each call",
            }
        )
    )


def _restarted(library: Any, begin: Any, context: Any, key: Any, sm3: Any, rest: Callable[[], int]) -> Callable[[], None]:
    """A context serves once, so each call begins it anew; the rest is libcrypto's own work."""

    def run() -> None:
        inner = ctypes.c_void_p()
        begin(context, ctypes.byref(inner), sm3, None, key)
        library.EVP_PKEY_CTX_set1_id(inner, libcrypto.DEFAULT_ID, len(libcrypto.DEFAULT_ID))
        assert rest() == 1

    return run


def main() -> None:
    ours = libcrypto.require()
    c = next(ctypes.CDLL(name) for name in libcrypto.NAMES if libcrypto.open_first([name]))
    c.EVP_MD_CTX_new.restype = c.EVP_MD_fetch.restype = ctypes.c_void_p
    sm3 = ctypes.c_void_p(c.EVP_MD_fetch(None, b"SM3", None))
    context = ctypes.c_void_p(c.EVP_MD_CTX_new())
    algorithm, key = Sm2(), ours.generate()
    public, signature = key.public_key(), ours.sign(key, _MESSAGE)
    der, address = der_from_raw(signature), ctypes.c_void_p(key.handle.address)
    buffer, size = ctypes.create_string_buffer(80), ctypes.c_size_t(80)
    length = ctypes.c_size_t(len(_MESSAGE))

    def raw_sign() -> int:
        size.value = 80
        return int(c.EVP_DigestSign(context, buffer, ctypes.byref(size), _MESSAGE, length))

    def raw_verify() -> int:
        return int(c.EVP_DigestVerify(context, der, ctypes.c_size_t(len(der)), _MESSAGE, length))

    signs = _restarted(c, c.EVP_DigestSignInit, context, address, sm3, raw_sign)
    verifies = _restarted(c, c.EVP_DigestVerifyInit, context, address, sm3, raw_verify)
    assert algorithm.verify(public, _MESSAGE, signature)
    sign, raw_signs, verify, raw_verifies = best_rates(
        lambda: algorithm.sign(key, _MESSAGE), signs, lambda: algorithm.verify(public, _MESSAGE, signature), verifies
    )
    c.EVP_MD_CTX_free(context)
    _print("sm2_sign_vs_libcrypto", sign, raw_signs)
    _print("sm2_verify_vs_libcrypto", verify, raw_verifies)


if __name__ == "__main__":
    main()
