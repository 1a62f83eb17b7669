"""At the door: the recipient's code, five tries, a lock that only the hall can open."""

from __future__ import annotations

import secrets
from typing import NoReturn

from tortoise.expressions import F

from core import audit
from core.actor import Actor
from core.clock import Clock
from core.db import transaction
from core.outbox import emit
from express import custody
from express.custody import Grade
from express.errors import PickupCodeWrong, PickupLocked, PickupNotReady
from express.events import PickupLockedOut
from express.flow import HAS_PICKUP_CODE, PARCEL_FLOW, ParcelState
from express.models import Parcel
from express.moves import move
from express.rules import PICKUP_TRIES, ExpressKeys, is_pickup_code


class Doorstep:
    def __init__(self, clock: Clock, keys: ExpressKeys) -> None:
        self._clock, self._keys = clock, keys

    async def deliver(self, parcel: Parcel, courier: Actor, code: str) -> Parcel:
        """Hand over against the code. IllegalMove, PickupLocked, PickupCodeWrong (with the tries left). Repeating a success is harmless.

        A try is used up, and committed, before the code is looked at: many guesses at once cannot be more than five. Never call this
        inside a transaction that a wrong code would roll back.
        """
        if parcel.state == ParcelState.DELIVERED:
            return parcel
        PARCEL_FLOW.move(parcel.state, "deliver", courier)
        async with transaction():
            tried = Parcel.filter(id=parcel.id, pickup_tries__lt=PICKUP_TRIES, pickup_locked_at=None)
            has_try = bool(await tried.update(pickup_tries=F("pickup_tries") + 1))
            if not has_try:
                await self._lock(parcel)
        if not has_try:
            raise PickupLocked()
        parcel = await Parcel.get(id=parcel.id)
        now = self._clock.now()
        if not is_pickup_code(self._keys.pickup, parcel.id, parcel.pickup_salt, code):
            await self._count_wrong(parcel, courier)
        async with transaction():
            changes = {"delivered_at": now}
            return await move(parcel, "deliver", courier, Grade.PICKUP_CODE, at=now, data={"tries": parcel.pickup_tries}, changes=changes)

    async def _count_wrong(self, parcel: Parcel, courier: Actor) -> NoReturn:
        now, left = self._clock.now(), max(0, PICKUP_TRIES - parcel.pickup_tries)
        async with transaction():
            await custody.append(parcel.id, "pickup_code_wrong", Grade.INTERNAL, at=now, actor=courier, data={"tries": parcel.pickup_tries})
            if left == 0:
                await self._lock(parcel)
        raise PickupLocked() if left == 0 else PickupCodeWrong(left)

    async def _lock(self, parcel: Parcel) -> None:
        now = self._clock.now()
        if await Parcel.filter(id=parcel.id, pickup_locked_at=None).update(pickup_locked_at=now):
            await emit(PickupLockedOut(parcel_id=parcel.id, case_id=parcel.case_id), at=now)

    async def renew(self, parcel: Parcel, citizen: Actor) -> None:
        """Kill the old code. Neither the count of tries nor a lock is touched, or a resend would be a way to go on guessing."""
        if parcel.state not in HAS_PICKUP_CODE:
            raise PickupNotReady()
        async with transaction():
            await Parcel.filter(id=parcel.id).update(pickup_salt=secrets.token_hex(16))
            await custody.append(parcel.id, "pickup_code_renewed", Grade.RECIPIENT, at=self._clock.now(), actor=citizen)

    async def unlock(self, parcel: Parcel, clerk: Actor) -> None:
        if parcel.state not in HAS_PICKUP_CODE:
            raise PickupNotReady()
        now = self._clock.now()
        async with transaction():
            await Parcel.filter(id=parcel.id).update(pickup_salt=secrets.token_hex(16), pickup_tries=0, pickup_locked_at=None)
            head = await custody.append(parcel.id, "pickup_unlocked", Grade.INTERNAL, at=now, actor=clerk)
            facts = {"parcel_id": parcel.id, "custody_head": head}
            await audit.record(f"case:{parcel.case_id}", "parcel.pickup_unlocked", at=now, actor=clerk, data=facts)
