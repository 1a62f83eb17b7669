"""The port of whoever can tell whose key signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class Refused(Exception):
    """The reason, a word for the record: never a part of the certificate."""


@dataclass(frozen=True)
class KeyHolder:
    """Whom the certificate names. `serial` and `issuer_sha256` identify the certificate on record."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    serial: str
    issuer_sha256: str


class UkeyVerifier(Protocol):
    def verify(self, certificates: Sequence[bytes], message: bytes, signature: bytes, at: datetime) -> KeyHolder:
        """Whose key made `signature` over `message`. `certificates`: DER, the holder's first. Raises Refused."""
        ...
