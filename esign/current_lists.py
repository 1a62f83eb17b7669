"""The published lists as a verifier in this process uses them: read again every second, and at once after a change made here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from esign.publication.service import Publication

FRESH = timedelta(seconds=1)
"""How long a process may judge by lists that another process has changed."""


@dataclass(frozen=True)
class Lists:
    trust: bytes
    statuses: tuple[bytes, ...]
    read_at: datetime


class CurrentLists:
    """Keeps the same bytes objects while nothing changed, so that what was parsed from them is found again by identity."""

    def __init__(self, publication: Publication, clock: Clock) -> None:
        self._publication, self._clock = publication, clock
        self._held: Lists | None = None
        self._changes = 0
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """Something changed; what is being read at this moment is not kept either."""
        self._changes += 1
        self._held = None

    async def current(self) -> Lists:
        held = self._fresh()
        if held is not None:
            return held
        async with self._reading:
            held = self._fresh()
            if held is not None:
                return held
            before, read_at = self._changes, self._clock.now()
            trust = await self._publication.trust_list()
            statuses = [await self._publication.status_list(list_id) for list_id in await self._publication.list_ids()]
            found = Lists(trust, tuple(statuses), read_at)
            if before == self._changes:
                self._held = found
            return found

    def _fresh(self) -> Lists | None:
        held = self._held
        return held if held is not None and timedelta() <= self._clock.now() - held.read_at < FRESH else None
