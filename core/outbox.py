"""The outbox: what happened is written with the change itself, and every reaction to it is carried out at least once, in effect once.

`emit` inserts the event in the caller's transaction. The relay turns it into one delivery per subscribed handler (unique key), leases due
deliveries (SKIP LOCKED on PostgreSQL, one worker on SQLite), runs the handler and marks it done. A failure backs off and then parks,
where a clerk can see it and send it again. A handler gets a key that is the same on every attempt, to hand to outside services.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from tortoise.connection import get_connection
from tortoise.expressions import Q

from core import metrics
from core.cache import Cache
from core.clock import Clock
from core.db import IntegrityError, is_postgres, transaction
from core.errors import Conflict, DomainError, NotFound
from core.ids import new_id
from core.logs import frames
from core.models import OutboxDelivery, OutboxEvent

WAKE_TOPIC = "outbox"
BACKOFF_SECONDS = (1, 2, 5, 15, 60, 300, 900, 3600)
"""Waits between attempts; after the last one the delivery is parked."""

log = structlog.get_logger("outbox")


class Event(msgspec.Struct, frozen=True, tag_field="event", kw_only=True):
    """Base of all events; subclass with `tag="package.past_tense"`. Fields are ids and codes only."""


Handler = Callable[[Any, str], Awaitable[None]]


@dataclass(frozen=True)
class Reaction:
    event: type[Event]
    name: str
    handler: Handler


def event_name(kind: type[Event]) -> str:
    tag = kind.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{kind.__name__} needs a tag")
    return tag


async def emit(event: Event, *, at: datetime) -> str:
    """Record `event`; call it inside the transaction of the change. Returns the event's id."""
    row = await OutboxEvent.create(
        id=new_id("event"), name=event_name(type(event)), payload=msgspec.json.encode(event).decode(), created_at=at
    )
    return row.id


class Relay:
    """Delivers events to reactions until stopped. A round is as slow as its slowest handler, so slow ones may have a relay of their own:
    `only` these handlers, or all but those in `never`."""

    def __init__(
        self,
        reactions: Iterable[Reaction],
        *,
        clock: Clock,
        cache: Cache,
        lease_seconds: float = 120,
        batch: int = 20,
        only: Collection[str] = (),
        never: Collection[str] = (),
    ) -> None:
        self._reactions = {reaction.name: reaction for reaction in reactions}
        self._by_event: dict[str, list[Reaction]] = {}
        for reaction in self._reactions.values():
            self._by_event.setdefault(event_name(reaction.event), []).append(reaction)
        self._clock, self._cache = clock, cache
        self._lease, self._batch = timedelta(seconds=lease_seconds), batch
        self._mine = Q(handler__in=list(only)) if only else ~Q(handler__in=list(never)) if never else Q()
        self._me = secrets.token_hex(8)
        self._stopping = asyncio.Event()

    async def take_over(self) -> None:
        """A single process that starts knows that every lease is from a dead one (SQLite only)."""
        if not is_postgres():
            await OutboxDelivery.filter(self._mine, state="leased").update(state="pending", leased_by=None, due_at=self._clock.now())

    async def fan_out(self) -> int:
        """Turn new events into deliveries; returns how many events were handled."""
        async with transaction():
            events = await OutboxEvent.filter(fanned_out_at=None).order_by("id").limit(100).select_for_update(skip_locked=True)
            for event in events:
                for reaction in self._by_event.get(event.name, ()):
                    with suppress(IntegrityError):
                        async with transaction():
                            await OutboxDelivery.create(
                                id=new_id("delivery"), event_id=event.id, handler=reaction.name, due_at=self._clock.now()
                            )
            if events:
                await OutboxEvent.filter(id__in=[event.id for event in events]).update(fanned_out_at=self._clock.now())
        return len(events)

    async def _lease_due(self) -> list[OutboxDelivery]:
        now = self._clock.now()
        due = Q(state="pending", due_at__lte=now) | Q(state="leased", due_at__lte=now)
        async with transaction():
            rows = (
                await OutboxDelivery.filter(due & self._mine)
                .order_by("due_at", "id")
                .limit(self._batch)
                .select_for_update(skip_locked=True)
            )
            if rows:
                # A lease is a due date in the future: when its holder dies, the delivery simply becomes due again.
                await OutboxDelivery.filter(id__in=[row.id for row in rows]).update(
                    state="leased", leased_by=self._me, due_at=now + self._lease
                )
        return rows

    async def deliver_due(self) -> int:
        """One round: lease what is due and run it; returns how many deliveries were tried."""
        rows = await self._lease_due()
        for outcome in await asyncio.gather(*(self._deliver(row) for row in rows), return_exceptions=True):
            if isinstance(outcome, Exception):
                # Not even the failure could be noted; the lease ends by itself and the delivery is due again.
                log.error("delivery_not_recorded", kind=type(outcome).__name__, frames=frames(outcome))
            elif isinstance(outcome, BaseException):
                raise outcome
        return len(rows)

    async def _deliver(self, row: OutboxDelivery) -> None:
        reaction = self._reactions.get(row.handler)
        try:
            event = await OutboxEvent.get(id=row.event_id)
            if reaction is None:
                raise LookupError("no such handler in this version")
            await reaction.handler(msgspec.json.decode(event.payload, type=reaction.event), f"{event.id}:{row.handler}")
        except Exception as error:
            await self._failed(row, error)
        else:
            await OutboxDelivery.filter(id=row.id, leased_by=self._me).update(
                state="done", attempts=row.attempts + 1, done_at=self._clock.now(), error=None, leased_by=None
            )
            metrics.OUTBOX_DELIVERIES.labels(row.handler, "done").inc()

    async def _failed(self, row: OutboxDelivery, error: Exception) -> None:
        attempts = row.attempts + 1
        parked = attempts > len(BACKOFF_SECONDS)
        wait = 0 if parked else BACKOFF_SECONDS[attempts - 1]
        # The exception's text may quote data; its type and, for our own errors, the code say enough.
        reason = error.code if isinstance(error, DomainError) else type(error).__name__
        await OutboxDelivery.filter(id=row.id, leased_by=self._me).update(
            state="parked" if parked else "pending",
            attempts=attempts,
            due_at=self._clock.now() + timedelta(seconds=wait),
            error=reason[:200],
            leased_by=None,
        )
        metrics.OUTBOX_DELIVERIES.labels(row.handler, "parked" if parked else "failed").inc()
        log.warning(
            "delivery_failed",
            handler=row.handler,
            delivery=row.id,
            attempts=attempts,
            parked=parked,
            reason=reason,
            frames=None if isinstance(error, DomainError) else frames(error),
        )

    async def drain(self) -> None:
        """Deliver until nothing is due (tests, and the end of a graceful shutdown)."""
        while await self.fan_out() + await self.deliver_due():
            pass

    async def run(self, *, poll_seconds: float = 0.25) -> None:
        """Deliver until `stop`; a wake-up shortens the wait, and losing wake-ups only costs `poll_seconds`."""
        await self.take_over()
        woken = asyncio.Event()
        listener = asyncio.create_task(self._listen(woken))
        try:
            while not self._stopping.is_set():
                try:
                    worked = await self.fan_out() + await self.deliver_due()
                except Exception as error:
                    log.error("relay_round_failed", kind=type(error).__name__, frames=frames(error))
                    worked = 0
                if not worked:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(woken.wait(), poll_seconds)
                    woken.clear()
        finally:
            listener.cancel()

    async def _listen(self, woken: asyncio.Event) -> None:
        while True:
            try:
                async for _ in self._cache.wakes(WAKE_TOPIC):
                    woken.set()
            except asyncio.CancelledError:
                raise
            except Exception:
                await asyncio.sleep(1)

    def stop(self) -> None:
        self._stopping.set()


async def backlog() -> dict[str, int]:
    """Deliveries by state, for metrics, readiness and the console."""
    rows = await get_connection("default").execute_query_dict("SELECT state, COUNT(*) AS n FROM core_outbox_delivery GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


@dataclass(frozen=True)
class Parked:
    id: str
    event: str
    handler: str
    attempts: int
    error: str
    parked_at: datetime


async def parked(limit: int = 100, offset: int = 0) -> list[Parked]:
    """Deliveries that ran out of attempts, the oldest first."""
    rows = await OutboxDelivery.filter(state="parked").order_by("due_at", "id").offset(offset).limit(limit)
    events = {event.id: event.name for event in await OutboxEvent.filter(id__in=[row.event_id for row in rows])}
    return [Parked(row.id, events.get(row.event_id, ""), row.handler, row.attempts, row.error or "", row.due_at) for row in rows]


async def forget_done(before: datetime) -> int:
    """Delete events whose deliveries all ended before `before`; returns how many."""
    old = await OutboxEvent.filter(fanned_out_at__lt=before).limit(1000).values_list("id", flat=True)
    open_ids = await OutboxDelivery.filter(event_id__in=list(old)).exclude(state="done").values_list("event_id", flat=True)
    gone = [str(event_id) for event_id in old if event_id not in set(open_ids)]
    async with transaction():
        await OutboxDelivery.filter(event_id__in=gone).delete()
        await OutboxEvent.filter(id__in=gone).delete()
    return len(gone)


async def resend(delivery_id: str, *, at: datetime) -> None:
    """Give a parked delivery a new series of attempts; NotFound or Conflict otherwise."""
    changed = await OutboxDelivery.filter(id=delivery_id, state="parked").update(state="pending", attempts=0, due_at=at, error=None)
    if not changed:
        raise Conflict() if await OutboxDelivery.exists(id=delivery_id) else NotFound()
