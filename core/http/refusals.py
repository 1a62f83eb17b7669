"""What an honest client hardly comes to is noted in the audit chain of whoever tried: a second use of a proof, somebody else's session."""

from __future__ import annotations

from typing import Protocol

import structlog

from core import audit
from core.actor import Actor, Role
from core.cache import Cache
from core.clock import Clock
from core.db import transaction
from core.errors import DomainError

AN_HOUR = 20
"""Notes of one account in an hour; more tell nothing new, and a chain is not to be filled by whoever is refused."""

log = structlog.get_logger("api")


class Around(Protocol):
    @property
    def clock(self) -> Clock: ...

    @property
    def cache(self) -> Cache: ...


class Refusals:
    """`hall`: whose clock and cache count."""

    def __init__(self, hall: Around) -> None:
        self._hall = hall

    async def note(self, actor: Actor, error: DomainError, route: str) -> None:
        """Outside any transaction: that of the refused attempt is gone. A note that cannot be written changes no answer."""
        if not error.is_misuse or actor.kind is Role.ANONYMOUS:
            return
        try:
            if await self._hall.cache.increment(f"limit:refusals:{actor.id}", ttl=3600) > AN_HOUR:
                return
            chain = f"account:{actor.id}" if actor.kind is Role.CITIZEN else f"{actor.kind}:{actor.id}"
            async with transaction():
                data = {"code": error.code, "route": route}
                await audit.record(chain, "access.attempt_refused", at=self._hall.clock.now(), actor=actor, data=data)
        except Exception as trouble:
            log.error("refusal_not_noted", kind=type(trouble).__name__)
