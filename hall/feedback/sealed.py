"""Free text at rest: encrypted for exactly one row and column."""

from __future__ import annotations

from core.crypto import Cipher


class Sealed:
    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def seal(self, what: str, row_id: str, text: str) -> bytes | None:
        return self._cipher.seal(text.encode(), context=f"feedback.{what}:{row_id}") if text else None

    def open(self, what: str, row_id: str, sealed: bytes | None) -> str:
        return "" if sealed is None else self._cipher.open(bytes(sealed), context=f"feedback.{what}:{row_id}").decode()
