"""The port every portrait authority satisfies. It is asked outside transactions, and nothing of its answer is logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PortraitMatch:
    """`portrait`: JPEG bytes, given only when the name matches, None if the authority has no picture on file."""

    found: bool
    name_matches: bool
    portrait: bytes | None = field(default=None, repr=False)


class PortraitAuthority(Protocol):
    async def lookup(self, name: str, id_number: str) -> PortraitMatch:
        """Whether `id_number` (18 characters, GB 11643-1999) is on file, under `name`. UpstreamUnavailable when the answer is unknown."""
        ...

    async def check(self) -> None:
        """Ask a harmless question to prove that address and keys work. UpstreamUnavailable if they do not."""
        ...

    async def close(self) -> None: ...
