"""What appointments need from other rooms; wired in api/wiring.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from core.actor import Actor


@dataclass(frozen=True)
class VisitedCase:
    """What the clerk at the counter works on. `document_sha256` names the paper that is to be signed, None before there is one: an
    identification that is not bound to it signs nothing."""

    title: str
    document_sha256: str | None


class BookableCases(Protocol):
    async def may_book(self, actor: Actor, case_id: str, purpose: str) -> bool:
        """Whether this case is the actor's (owner or party) and still open to this purpose; False for unknown and foreign alike."""
        ...

    async def visited(self, case_ids: Collection[str]) -> Mapping[str, VisitedCase]:
        """The cases that somebody comes about, by id; unknown ids are left out."""
        ...
