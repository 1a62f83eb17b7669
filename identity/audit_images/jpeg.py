"""What a JPEG says beside its picture (place, camera, time, preview) is taken off before it is kept. No pixel is decoded."""

from __future__ import annotations

_START, _SCAN, _END = 0xD8, 0xDA, 0xD9
_DROPPED = frozenset([*range(0xE1, 0xF0), 0xFE])
"""APP1 to APP15 and comments; APP0 (JFIF) stays."""


def without_notes(data: bytes) -> bytes | None:
    """The same picture without metadata (ISO/IEC 10918-1 annex B); None if this is no JPEG. What follows the end of the image goes too."""
    if data[:2] != bytes([0xFF, _START]):
        return None
    kept, at = bytearray(data[:2]), 2
    while at + 4 <= len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at] != 0xFF or length < 2 or at + 2 + length > len(data):
            return None
        if marker == _SCAN:
            end = data.rfind(bytes([0xFF, _END]))
            return bytes(kept + data[at : end + 2]) if end > at else None
        if marker not in _DROPPED:
            kept += data[at : at + 2 + length]
        at += 2 + length
    return None
