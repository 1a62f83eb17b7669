"""Which characters our fonts can draw. PDF/A forbids missing glyphs, and a rare name must never stop a person's document."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

FONT_FOLDER = Path(__file__).with_name("fonts")
FONT_FILES = ("NotoSerifSC_400Regular.ttf", "NotoSerifSC_700Bold.ttf", "NotoSerifJP_400Regular.ttf")
MISSING = "〓"
"""The geta mark, which Chinese and Japanese printing sets in place of a character that is not in the case."""

_FORMAT_12_GROUPS = struct.Struct(">III")


class FontsMissing(RuntimeError):
    """The fonts are not installed; `deploy/fonts/install.sh` brings them."""


def missing_fonts() -> tuple[str, ...]:
    """Names of font files that are not installed; without all of them no document can be made."""
    return tuple(name for name in FONT_FILES if not (FONT_FOLDER / name).is_file())


def read_coverage(font: bytes) -> set[int]:
    """Code points of a TrueType font, from its format 12 `cmap` subtable (OpenType 1.9, cmap)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = {font[12 + 16 * i : 16 + 16 * i]: struct.unpack_from(">II", font, 20 + 16 * i) for i in range(tables)}
    start, _ = directory[b"cmap"]
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    for index in range(subtables):
        (offset,) = struct.unpack_from(">I", font, start + 8 + 8 * index)
        if struct.unpack_from(">H", font, start + offset)[0] != 12:
            continue
        (count,) = struct.unpack_from(">I", font, start + offset + 12)
        body = font[start + offset + 16 : start + offset + 16 + 12 * count]
        return {point for first, last, _ in _FORMAT_12_GROUPS.iter_unpack(body) for point in range(first, last + 1)}
    raise ValueError("the font has no format 12 cmap")


@cache
def _covered() -> frozenset[int]:
    points: set[int] = set()
    for name in FONT_FILES:
        path = FONT_FOLDER / name
        if not path.is_file():
            raise FontsMissing(f"{name} is not installed: run deploy/fonts/install.sh")
        points |= read_coverage(path.read_bytes())
    return frozenset(points)


def printable(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it can be printed, and the characters that had to be replaced by 〓 (each once, in order).

    Composes to NFC first. Line feeds stay, tabs become a space; other control and invisible format characters (bidirectional
    overrides, variation selectors, zero-width marks) are dropped, as they could make the paper read differently from the data.
    """
    covered = _covered()
    out: list[str] = []
    missing: dict[str, None] = {}
    for char in unicodedata.normalize("NFC", text):
        if char == "\n":
            out.append(char)
        elif char in "\t\u2028\u2029":
            out.append(" ")
        elif unicodedata.category(char) in {"Cc", "Cf", "Cs"} or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
            continue
        elif ord(char) in covered:
            out.append(char)
        else:
            missing[char] = None
            out.append(MISSING)
    return "".join(out), tuple(missing)
