"""What the enterprise API needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Inviter(Protocol):
    async def invite(self, account_id: str, *, organisation: str, at: datetime, reference: str) -> bool:
        """Tell a person that an enterprise asks for verification; False when the person takes no messages. UpstreamUnavailable."""
        ...
