"""Gapless numbers inside a transaction: case serials of a day, versions of published lists."""

from __future__ import annotations

from tortoise.expressions import F

from core.db import IntegrityError, transaction
from core.models import Counter


async def next_number(name: str) -> int:
    """The next value of the counter `name`, starting at 1; rolled back together with the caller's transaction."""
    async with transaction():
        if not await Counter.filter(name=name).update(value=F("value") + 1):
            try:
                async with transaction():
                    await Counter.create(name=name, value=1)
            except IntegrityError:
                await Counter.filter(name=name).update(value=F("value") + 1)
        return (await Counter.get(name=name)).value
