"""What the queue must know of the world."""

from __future__ import annotations

from datetime import date
from typing import Protocol


class WorkingDays(Protocol):
    """The working-day calendar of the hall."""

    def is_working_day(self, day: date) -> bool: ...
