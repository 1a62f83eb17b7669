"""Failed face checks close the face route, for an account and for a phone: five lock it for 30 minutes, then for 60, and three locks leave
the other routes. A clerk who identified the person opens it again for the account.

A phone is shared, and its owner may pass while others fail on it: passing forgives it nothing, but a day without failures does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from core.actor import Actor
from core.clock import Clock
from core.db import IntegrityError, transaction
from identity.liveness.errors import CounterOnly, DeviceChanged, FaceLocked
from identity.liveness.models import DeviceTally, FaceTally, Verification

MAX_FAILURES = 5
MAX_LOCKOUTS = 3
LOCKS = (timedelta(minutes=30), timedelta(minutes=60))
"""The first, and every further one."""
DEVICE_FORGIVES = timedelta(hours=24)


def ensure_device(row: Verification, actor: Actor) -> None:
    """A check that was begun on one phone is not finished on another. DeviceChanged."""
    if row.device_id is not None and actor.device_id is not None and row.device_id != actor.device_id:
        raise DeviceChanged()


class FaceLockouts:
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def check(self, account_id: str, device_id: str | None = None) -> None:
        """FaceLocked or CounterOnly while the face route is closed to this account or on this phone."""
        now = self._clock.now()
        rows: list[FaceTally | DeviceTally | None] = [await FaceTally.get_or_none(account_id=account_id)]
        if device_id is not None:
            rows.append(await DeviceTally.get_or_none(device_id=device_id, failed_at__gt=now - DEVICE_FORGIVES))
        found = [row for row in rows if row is not None]
        if any(row.lockouts >= MAX_LOCKOUTS for row in found):
            raise CounterOnly()
        until = max((row.locked_until for row in found if row.locked_until is not None), default=now)
        if until > now:
            raise FaceLocked(max(1, round((until - now).total_seconds())))

    async def is_locked(self, account_id: str, device_id: str | None = None) -> bool:
        try:
            await self.check(account_id, device_id)
        except (FaceLocked, CounterOnly):
            return True
        return False

    async def note_failure(self, account_id: str, device_id: str | None = None) -> None:
        """Inside the caller's transaction."""
        now = self._clock.now()
        if not await FaceTally.exists(account_id=account_id):
            try:
                async with transaction():
                    await FaceTally.create(account_id=account_id)
            except IntegrityError:
                pass
        await _count(FaceTally.filter(account_id=account_id), now)
        if device_id is None:
            return
        rows = DeviceTally.filter(device_id=device_id)
        if not await rows.exists():
            try:
                async with transaction():
                    await DeviceTally.create(device_id=device_id, failed_at=now)
            except IntegrityError:
                pass
        await rows.filter(failed_at__lte=now - DEVICE_FORGIVES).update(failures=0, lockouts=0, locked_until=None)
        await rows.update(failed_at=now)
        await _count(rows, now)

    async def note_success(self, account_id: str) -> None:
        """Inside the caller's transaction."""
        await FaceTally.filter(account_id=account_id).update(failures=0, lockouts=0, locked_until=None)

    async def note_identified(self, account_id: str) -> None:
        """Without the face, inside the caller's transaction: also opens phones again on which nobody else was checked."""
        await self.note_success(account_id)
        checks = Verification.filter(account_id=account_id, device_id__isnull=False)
        for device_id in set(await checks.values_list("device_id", flat=True)):
            if not await Verification.filter(device_id=device_id).exclude(account_id=account_id).exists():
                await DeviceTally.filter(device_id=device_id).delete()

    async def forget_old(self) -> int:
        """Delete the tallies of phones that are forgiven."""
        return await DeviceTally.filter(failed_at__lte=self._clock.now() - DEVICE_FORGIVES).delete()


async def _count(rows: QuerySet[FaceTally] | QuerySet[DeviceTally], now: datetime) -> None:
    """One failure more; the fifth locks. Of two at once each counts, by conditional updates."""
    while not await rows.filter(failures__lt=MAX_FAILURES - 1).update(failures=F("failures") + 1):
        full = rows.filter(failures__gte=MAX_FAILURES - 1)
        locked = {"failures": 0, "lockouts": F("lockouts") + 1}
        if await full.filter(lockouts=0).update(**locked, locked_until=now + LOCKS[0]):
            return
        if await full.filter(lockouts__gte=1).update(**locked, locked_until=now + LOCKS[1]):
            return
