"""Chinese ID numbers of eighteen characters: what can be told from the number alone (GB 11643-1999). Pure."""

from __future__ import annotations

import re
from datetime import date

from stdnum.iso7064 import mod_11_2

_NUMBER = re.compile(r"[1-9][0-9]{5}(?P<birth>[0-9]{8})[0-9]{3}[0-9X]")


def born_on(number: str) -> date | None:
    """The birth date in a number whose check character (ISO 7064 MOD 11-2) matches; None for any other text.

    The area in its first six digits is not looked up.
    """
    found = _NUMBER.fullmatch(number)
    return day_of(found["birth"]) if found and mod_11_2.is_valid(number) else None


def day_of(digits: str) -> date | None:
    """`19920315` as a date; None for a day that there is not."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
