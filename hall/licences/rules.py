"""Pure rules of licences: numbers, identifiers, and whose work it is to look at one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from stdnum.iso7064 import mod_37_36

from hall.licences.flow import REVOKE

ROOT = "1.2.156.3005.2"
"""The e-licence arc of GB/T 36904-2018."""


LOOKING = frozenset({REVOKE, "case.prereview", "case.accept", "case.decide", "parcel.hand_over"})
"""Permissions of the clerks who make, check, hand out or revoke licences."""


def may_look(permissions: Iterable[str]) -> bool:
    """A licence names a person: colleagues of the same office who have another task do not see it."""
    return not LOOKING.isdisjoint(permissions)


def licence_number(prefix: str, day: date, serial: int) -> str:
    """As printed: `锦餐备〔2026〕000123号`."""
    return f"{prefix}〔{day.year}〕{serial:06d}号"


def licence_identifier(type_code: str, issuer_code: str, serial: str, version: int) -> str:
    """GB/T 36904 shape: root.type.issuer.serial.version.check, the check character by ISO/IEC 7064 MOD 37,36 over the letters and digits.

    ValueError for characters outside 0-9A-Z in a part.
    """
    parts = [type_code, issuer_code, serial, f"{version:03d}"]
    if not all(part and part.isascii() and part.isalnum() and part == part.upper() for part in parts):
        raise ValueError("an identifier part has digits and upper-case letters only")
    return ".".join([ROOT, *parts, mod_37_36.calc_check_digit("".join(parts))])


def is_identifier(text: str) -> bool:
    head, _, rest = text.partition(f"{ROOT}.")
    parts = rest.split(".")
    return head == "" and len(parts) == 5 and all(part.isalnum() for part in parts) and mod_37_36.is_valid("".join(parts))
