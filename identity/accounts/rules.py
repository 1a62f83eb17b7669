"""Names, ID numbers and how much of them may be shown."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import IntEnum

from identity.accounts.documents import DocumentNumber, parse_number
from identity.accounts.errors import IdNumberInvalid, NameInvalid

MIDDLE_DOT = "·"
ID_NUMBER_INDEX = "identity.id_number"
"""The blind index of ID numbers is one for citizens and staff, so that the same person is recognised in both."""
_DOTS = "·•・‧∙⋅．"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_LETTERS = re.compile(r"^[A-Za-z][A-Za-z .'-]*$")


STAFF_ACTIONS = ("reset_password", "reset_totp", "revoke_sessions", "deactivate")
"""What an admin may do to an account, in the order in which it is offered."""
OWN_STAFF_ACTIONS = frozenset({"revoke_sessions"})
"""To one's own: nobody locks himself out, and whoever finds an admin's session open must not be able to keep it for good."""


def staff_actions(*, is_own: bool, is_active: bool) -> list[str]:
    """What is offered to an admin for one account."""
    return [action for action in STAFF_ACTIONS if is_active and (not is_own or action in OWN_STAFF_ACTIONS)]


class Level(IntEnum):
    """How sure we are who this is: a WeChat login, a phone number, a document checked with its authority, a face or a clerk's eyes."""

    WECHAT = 0
    PHONE = 1
    DOCUMENT = 2
    IN_PERSON = 3

    @property
    def label(self) -> str:
        return f"L{self.value}"


def document_number(text: str) -> DocumentNumber:
    """The number as its authority writes it, and what it tells (`documents`).

    Full-width characters, spaces and small letters are put right; anything else wrong raises IdNumberInvalid.
    """
    typed = text.translate(_FULL_WIDTH).replace(" ", "").replace("\u3000", "")
    found = parse_number(typed.upper()) if typed.isascii() else None
    if found is None:
        raise IdNumberInvalid(fields={"id_number": IdNumberInvalid.message})
    return found


def clean_id_number(text: str) -> str:
    """A document number in canonical form; IdNumberInvalid."""
    return document_number(text).number


def birth_date(id_number: str, today: date) -> date:
    """The birth date in a number; `today` decides the century where its year has two digits. IdNumberInvalid."""
    born = document_number(id_number).born_by(today)
    if born is None:
        raise IdNumberInvalid(fields={"id_number": IdNumberInvalid.message})
    return born


def age_on(day: date, born_on: date) -> int:
    """Full years; somebody born on 29 February has his birthday on 1 March in common years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _is_han(character: str) -> bool:
    return character == "〇" or unicodedata.name(character, "").startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH"))


def clean_name(text: str) -> str:
    """A legal name as on the document; raises NameInvalid.

    Han characters of any plane (rare ones included, never normalised: that would turn one surname into another), minority names whose
    parts are joined by a middle dot (GB/T 2312 writes it ·; look-alikes are put right), and Latin names of foreign permanent residents.
    """
    name = text.strip()
    if _LETTERS.match(name) and 2 <= len(name) <= 50:
        return " ".join(name.split())
    name = "".join(MIDDLE_DOT if character in _DOTS else character for character in name.replace(" ", "").replace("\u3000", ""))
    parts = name.split(MIDDLE_DOT)
    if not 2 <= len(name) <= 50 or not all(part and all(_is_han(character) for character in part) for part in parts):
        raise NameInvalid(fields={"name": NameInvalid.message})
    return name


def mask_name(name: str) -> str:
    """张伟 -> 张*; the middle dot stays visible."""
    return name[:1] + "".join(character if character == MIDDLE_DOT else "*" for character in name[1:])


def mask_id_number(number: str) -> str:
    """51010419920315001X -> 5101**********001X."""
    return f"{number[:4]}**********{number[-4:]}"


def mask_phone(number: str) -> str:
    """19900000001 -> 199****0001."""
    return f"{number[:-8]}****{number[-4:]}"
