"""Handwriting that goes with an official's act, outside a PDF: judged like a citizen's signature, kept as the strokes themselves."""

from __future__ import annotations

import msgspec

from esign.documents.appearance import BadHandwriting, StrokePoint, require_handwriting
from esign.envelopes.errors import HandwritingUnusable

HANDWRITING_TYPE = "application/json"


class Handwriting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Strokes of [x, y, milliseconds, pressure] points."""

    strokes: tuple[tuple[StrokePoint, ...], ...]

    def as_bytes(self) -> bytes:
        """The strokes as they are kept and hashed: canonical JSON. HandwritingUnusable for what nobody would take for a written name."""
        try:
            require_handwriting(self.strokes)
        except BadHandwriting:
            raise HandwritingUnusable() from None
        return msgspec.json.encode(self, order="deterministic")
