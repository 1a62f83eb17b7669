"""Five failed face checks lock the face route for 30 minutes; three locks leave the counter, until a clerk has identified the person."""

from __future__ import annotations

from datetime import timedelta

from tortoise.expressions import F

from core.clock import Clock
from core.db import IntegrityError, transaction
from identity.liveness.errors import CounterOnly, FaceLocked
from identity.liveness.models import FaceTally

MAX_FAILURES = 5
MAX_LOCKOUTS = 3
LOCK = timedelta(minutes=30)


class FaceLockouts:
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def check(self, account_id: str) -> None:
        """FaceLocked or CounterOnly while the face route is closed to this account."""
        row = await FaceTally.get_or_none(account_id=account_id)
        if row is None:
            return
        if row.lockouts >= MAX_LOCKOUTS:
            raise CounterOnly()
        now = self._clock.now()
        if row.locked_until is not None and row.locked_until > now:
            raise FaceLocked(max(1, round((row.locked_until - now).total_seconds())))

    async def is_locked(self, account_id: str) -> bool:
        try:
            await self.check(account_id)
        except (FaceLocked, CounterOnly):
            return True
        return False

    async def note_failure(self, account_id: str) -> None:
        """Inside the caller's transaction."""
        rows = FaceTally.filter(account_id=account_id)
        if not await rows.exists():
            try:
                async with transaction():
                    await FaceTally.create(account_id=account_id)
            except IntegrityError:
                pass
        while not await rows.filter(failures__lt=MAX_FAILURES - 1).update(failures=F("failures") + 1):
            locked_until = self._clock.now() + LOCK
            if await rows.filter(failures__gte=MAX_FAILURES - 1).update(failures=0, lockouts=F("lockouts") + 1, locked_until=locked_until):
                return

    async def note_success(self, account_id: str) -> None:
        """Inside the caller's transaction."""
        await FaceTally.filter(account_id=account_id).update(failures=0, lockouts=0, locked_until=None)
