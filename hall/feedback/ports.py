"""What feedback needs from the cases; wired in api/wiring.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.actor import Actor


@dataclass(frozen=True)
class RatedCase:
    case_id: str
    item_code: str
    office_id: str
    is_finished: bool


class RatedCases(Protocol):
    async def rated_case(self, actor: Actor, case_id: str) -> RatedCase | None:
        """The case if it is the actor's (owner or party); None for unknown and foreign alike."""
        ...
