"""Numbers of identity documents: which kind a number is, whether it can exist, and the birth date in it. Pure.

- resident ID card: area 6, birth date 8, order 3, check character (GB 11643-1999);
- residence permit of Hong Kong, Macao and Taiwan residents: the same, with area 810000, 820000 or 830000 (港澳台居民居住证申领发放办法);
- permanent residence card since 2023: 9, province 2, country 3 (ISO 3166-1 numeric), birth date 8, order 3, check character;
- permanent residence card before: country 3 letters, place 4 digits, birth date 6 digits, order, check digit.

The check character is ISO 7064 MOD 11-2 in all of 18 places. The older card's check digit is left to the register, which is asked anyway.
"""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum import numdb

from core.id_numbers import born_on, day_of

DocumentKind = Literal["resident_id_card", "hmt_residence_permit", "permanent_residence_card"]
TITLES: dict[DocumentKind, str] = {
    "resident_id_card": "居民身份证",
    "hmt_residence_permit": "港澳台居民居住证",
    "permanent_residence_card": "外国人永久居留身份证",
}
HMT_AREAS = {"810000": "香港", "820000": "澳门", "830000": "台湾"}
OLDEST = 130
"""Nobody is older, in years."""

_RESIDENT = re.compile(r"^[1-8][0-9]{16}[0-9X]$")
_PERMANENT = re.compile(r"^9(?P<province>[1-8][0-9])(?P<country>[0-9]{3})(?P<birth>[0-9]{8})[0-9]{3}[0-9X]$")
_PERMANENT_OLD = re.compile(r"^(?P<country>[A-Z]{3})(?P<province>[1-8][0-9])[0-9]{2}(?P<birth>[0-9]{6})[0-9]{2}$")
PROVINCES = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82],
)
"""GB/T 2260, by the first two digits."""


@dataclass(frozen=True)
class DocumentNumber:
    """`born_on` is None for the older permanent residence card: its year has two digits, and a date of reference is needed (`born_by`)."""

    kind: DocumentKind
    number: str
    born_on: date | None
    birth_digits: str

    def born_by(self, today: date) -> date | None:
        """The birth date; of two possible centuries the later one that is not in the future. None if there is no such day."""
        if self.born_on is not None:
            return self.born_on
        century = today.year // 100 * 100
        for base in (century, century - 100):
            born = day_of(f"{base + int(self.birth_digits[:2])}{self.birth_digits[2:]}")
            if born is not None and born <= today:
                return born
        return None

    def is_plausible(self, today: date) -> bool:
        """Born, and not longer ago than anybody lives."""
        born = self.born_by(today)
        return born is not None and born <= today and today.year - born.year <= OLDEST


def parse_number(number: str) -> DocumentNumber | None:
    """The number in canonical form (capital letters, no spaces), or None for one that no authority can have issued."""
    if _RESIDENT.match(number):
        return _resident(number)
    if found := _PERMANENT.match(number):
        born = born_on(number)
        is_sound = int(found["province"]) in PROVINCES and found["country"] != "000" and born is not None
        return DocumentNumber("permanent_residence_card", number, born, found["birth"]) if is_sound else None
    if found := _PERMANENT_OLD.match(number):
        month, day = int(found["birth"][2:4]), int(found["birth"][4:])
        if int(found["province"]) not in PROVINCES or day_of(f"2000{month:02}{day:02}") is None:
            return None
        if (month, day) == (2, 29) and not isleap(2000 + int(found["birth"][:2])):
            return None
        return DocumentNumber("permanent_residence_card", number, None, found["birth"])
    return None


def _resident(number: str) -> DocumentNumber | None:
    born = born_on(number)
    if born is None:
        return None
    if number[:6] in HMT_AREAS:
        return DocumentNumber("hmt_residence_permit", number, born, number[6:14])
    if not _is_area_of(number[:6], born.year):
        return None
    return DocumentNumber("resident_id_card", number, born, number[6:14])


def _is_area_of(code: str, year: int) -> bool:
    """Whether somebody born in `year` can have this county's code.

    Numbers were given out from 1984 on, also to those born long before, and a child may be registered years later: a county may be
    younger than its people, but was not dissolved before they were born. Entries read `[from-to]name`, several joined by commas.
    """
    found: dict[str, str] = {name: value for _, properties in numdb.get("cn/loc").info(code) for name, value in properties.items()}
    ends = [entry[1:].split("]")[0].split("-")[1] if entry.startswith("[") else "" for entry in found.get("county", "").split(",") if entry]
    return any(not end or year <= int(end) for end in ends)
