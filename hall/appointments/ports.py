"""What appointments need from other rooms; wired in api/wiring.py."""

from __future__ import annotations

from typing import Protocol

from core.actor import Actor


class BookableCases(Protocol):
    async def may_book(self, actor: Actor, case_id: str, purpose: str) -> bool:
        """Whether this case is the actor's (owner or party) and still open to this purpose; False for unknown and foreign alike."""
        ...
