"""What sessions must ask about an account, without knowing accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from core.actor import Role


@dataclass(frozen=True)
class Standing:
    """What an account in good standing may do right now."""

    permissions: frozenset[str] = field(default_factory=frozenset)
    office_id: str | None = None


class StandingSource(Protocol):
    async def standing(self, kind: Role, account_id: str) -> Standing | None:
        """Read anew on every request; None when the account is gone, switched off or no longer of this kind."""
        ...
