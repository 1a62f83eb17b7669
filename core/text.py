"""Characters that nobody sees but that change what a text says or does: controls, direction marks, zero-width ones. Pure.

Source: Unicode general categories Cc, Cf, Zl, Zp and Cs (Unicode Standard, table 4-4); the attack is described in UTR #36, section 2.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
LAYOUT = "\t\n\r"
"""What a text of several lines may hold."""


def has_hidden(text: str, *, allowed: str = "") -> bool:
    return any(unicodedata.category(char) in _HIDDEN and char not in allowed for char in text)


def without_hidden(text: str) -> str:
    """The text with hidden characters removed; for names of files, which are shown and never interpreted."""
    return "".join(char for char in text if unicodedata.category(char) not in _HIDDEN)
