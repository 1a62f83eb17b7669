"""Deterministic CBOR (RFC 8949 section 4.2) and a reader that takes nothing else.

Our structures use integers, byte strings, text, booleans, null, arrays and maps; no tag, float or indefinite length. Reading encodes
the result again and compares, so there is one byte string for one value: nothing can hide in a longer form or behind the end.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NoReturn

import cbor2

from esign.errors import CredentialMalformed

_DEPTH = 8
_SCALARS = frozenset({int, str, bytes, bool, type(None)})
_CONTAINERS = frozenset({dict, list})
_KEYS = frozenset({int, str})


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("tags are not used here")


# cbor2 turns these tags into dates, big numbers, patterns, addresses and shared references before anybody can look.
_TAGS = dict.fromkeys((*range(0, 6), 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799), _refuse)


def encode(value: Any) -> bytes:
    """Smallest form; map keys by length, then by bytes (RFC 7049 section 3.9, the same as bytewise order for the keys we use)."""
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes, *, limit: int) -> Any:
    """One item that fills `data` exactly, in its one deterministic form. Raises CredentialMalformed."""
    value = decode_loosely(data, limit=limit)
    # Written again in the order it was read (five times faster than sorting); `_check_order` looks at the order.
    if cbor2.dumps(value) != data:
        raise CredentialMalformed("not in the shortest form, or bytes behind the end")
    _check_order(value)
    return value


def decode_loosely(data: bytes, *, limit: int) -> Any:
    """Like `decode`, but for other people's key order; bytes behind the end are not noticed. Raises CredentialMalformed."""
    if len(data) > limit:
        raise CredentialMalformed("larger than allowed")
    try:
        value = cbor2.loads(
            data, max_depth=_DEPTH, allow_indefinite=False, allow_duplicate_keys=False, tag_hook=_refuse, semantic_decoders=_TAGS
        )
    except Exception as error:  # one kind of answer for whatever the bytes provoke
        raise CredentialMalformed("not readable CBOR") from error
    _check(value)
    return value


def _check(value: Any) -> None:
    kind = type(value)
    if kind is dict:
        if not _KEYS.issuperset(map(type, value)):
            raise CredentialMalformed("a map key is neither an integer nor text")
        value = value.values()
    elif kind is not list:
        value = (value,)
    for item in value:
        if type(item) in _CONTAINERS:
            _check(item)
        elif type(item) not in _SCALARS:
            raise CredentialMalformed("a value of a kind that is not used here")


def _check_order(value: Any) -> None:
    if type(value) is dict:
        if not _in_order(tuple(value)):
            raise CredentialMalformed("map keys out of order")
        value = value.values()
    elif type(value) is not list:
        return
    for item in value:
        if type(item) in _CONTAINERS:
            _check_order(item)


@lru_cache(maxsize=256)
def _in_order(keys: tuple[int | str, ...]) -> bool:
    encoded = [cbor2.dumps(key) for key in keys]
    return encoded == sorted(encoded, key=lambda key: (len(key), key))
