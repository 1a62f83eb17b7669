"""Public identifiers: a prefix that says what it names, then 26 characters that sort by time and cannot be guessed."""

from __future__ import annotations

import re
import secrets
import time
from typing import Annotated

import msgspec

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SHAPE = re.compile(rf"[a-z]{{2,12}}_[{_ALPHABET}]{{26}}")
Cursor = Annotated[str, msgspec.Meta(pattern=rf"^[a-z]{{2,12}}_[{_ALPHABET}]{{26}}\Z", max_length=48)]
"""The id after which a list goes on, as the answer before named it."""


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """`new_id("case")` -> "case_" + 10 characters of milliseconds + 16 random ones (80 bits), as in the ULID layout."""
    return f"{prefix}_{_base32(time.time_ns() // 1_000_000, 10)}{_base32(secrets.randbits(80), 16)}"


def is_id(text: str, prefix: str) -> bool:
    return bool(_SHAPE.fullmatch(text)) and text.startswith(prefix + "_")


def digits(length: int) -> str:
    """A uniformly random decimal string (pick-up codes, check-in codes)."""
    return f"{secrets.randbelow(10**length):0{length}d}"
