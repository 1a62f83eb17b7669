"""The port of whoever provides rooms for a conversation over video."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class RoomAccess:
    """Where to connect, with what, until when."""

    url: str
    token: str = field(repr=False)
    expires_at: datetime


class Rooms(Protocol):
    def access(self, room: str, participant: str, title: str, until: datetime) -> RoomAccess:
        """Let one participant into one room. `participant` is a pseudonym, `title` what the other side sees: never a name."""
        ...
