"""Several vision processes behind the interface of one: the least busy is asked, another when that one is full or has died."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from identity.liveness.errors import VisionBusy, VisionUnavailable
from identity.liveness.vision_client import OpenedCapture, VisionClient
from identity.liveness.vision_protocol import Health
from identity.liveness.vision_supervisor import VisionSupervisor

FRESH_SECONDS = 0.25
"""How long a process's word about its queue is believed; meanwhile what we hand it is counted on top."""
SECOND_TRY_SECONDS = 5.0
"""Whoever was refused later than this has waited long enough."""
CAPTURE_SECONDS = 12.0
MAX_RETRY_SECONDS = 60
_REMEMBERED_SECONDS = 10.0


@dataclass
class _Place:
    """What is known of one process. `waiting` is None when it did not answer."""

    supervisor: VisionSupervisor
    waiting: int | None = None
    asked_at: float = float("-inf")
    live: int = 0
    live_places: int = 1

    @property
    def is_free(self) -> bool:
        return self.waiting is not None and self.waiting < self.supervisor.places and not self.supervisor.is_draining

    @property
    def is_free_for_live(self) -> bool:
        return self.is_free and self.live < self.live_places


class _Tries:
    """The processes that one piece of work has been to. Pictures that kill a process must not kill them all."""

    def __init__(self, processes: int) -> None:
        self.places: list[_Place] = []
        self._processes, self._started, self._has_failed = processes, time.monotonic(), False

    def note(self, place: _Place, error: VisionBusy | VisionUnavailable) -> None:
        """Returns when another may be tried, else raises `error`."""
        self.places.append(place)
        if isinstance(error, VisionBusy):
            place.waiting = place.supervisor.places
            return
        place.waiting = None
        if self._has_failed or time.monotonic() - self._started > SECOND_TRY_SECONDS or self._processes == 1:
            raise error
        self._has_failed = True


class VisionPool:
    """Starts and stops its supervisors together."""

    def __init__(self, supervisors: Sequence[VisionSupervisor]) -> None:
        if not supervisors:
            raise ValueError("a pool needs at least one process")
        self.supervisors = tuple(supervisors)
        self._places = [_Place(supervisor) for supervisor in supervisors]
        self._looking = asyncio.Lock()
        self._turned_away: deque[float] = deque(maxlen=1000)

    async def start(self) -> None:
        """Returns once all answer. VisionNotStarted (then none is left running)."""
        try:
            async with asyncio.TaskGroup() as group:
                for supervisor in self.supervisors:
                    group.create_task(supervisor.start())
        except BaseExceptionGroup as errors:
            await self.stop()
            raise errors.exceptions[0] from None

    async def stop(self) -> None:
        await asyncio.gather(*(supervisor.stop() for supervisor in self.supervisors), return_exceptions=True)

    async def health(self) -> list[Health]:
        """Of each process that answers; VisionUnavailable if none does."""
        answers = await asyncio.gather(*(one.client.health() for one in self.supervisors), return_exceptions=True)
        found = [answer for answer in answers if isinstance(answer, Health)]
        if not found:
            raise VisionUnavailable()
        return found

    async def choose(self) -> VisionClient:
        """The client of the least busy process, for work that stays with it. VisionBusy, VisionUnavailable."""
        return (await self._take(())).supervisor.client

    async def ensure_live_place(self) -> None:
        """Whether a live capture could begin now, before anything is written down for it. VisionBusy, VisionUnavailable."""
        await self._look()
        if not any(place.is_free_for_live for place in self._places):
            raise self._full()

    @asynccontextmanager
    async def capture(self, portrait: bytes | None, *, is_live: bool = False) -> AsyncIterator[OpenedCapture]:
        """Begin a capture in the least busy process, where it stays; the next one when that is full, and only one more when it died.

        `is_live`: its frames come as they are filmed, so that no more may run than can be followed. The errors of `VisionClient.capture`;
        busy means that all are full.
        """
        tries = _Tries(len(self._places))
        async with AsyncExitStack() as stack:
            while True:
                place = await self._take(tries.places, is_live=is_live)
                if is_live:
                    place.live += 1
                    stack.callback(_leave, place)
                try:
                    opened = await stack.enter_async_context(place.supervisor.client.capture(portrait))
                    break
                except (VisionBusy, VisionUnavailable) as error:
                    await stack.aclose()
                    tries.note(place, error)
            yield opened

    async def _take(self, tried: Sequence[_Place], *, is_live: bool = False) -> _Place:
        await self._look()
        free = [place for place in self._places if (place.is_free_for_live if is_live else place.is_free) and place not in tried]
        if not free:
            raise self._full()
        chosen = min(free, key=lambda place: (place.live if is_live else 0, place.waiting or 0))
        chosen.waiting = (chosen.waiting or 0) + 1
        return chosen

    def _full(self) -> VisionBusy | VisionUnavailable:
        """The more were turned away of late, the later they may come again: each place is free again once a capture is over."""
        if all(place.waiting is None for place in self._places) and not any(one.is_draining for one in self.supervisors):
            return VisionUnavailable()
        now = time.monotonic()
        self._turned_away.append(now)
        recent = sum(1 for at in self._turned_away if now - at < _REMEMBERED_SECONDS) - 1
        seconds = VisionBusy().retry_after_seconds + recent * CAPTURE_SECONDS / max(1, sum(place.live_places for place in self._places))
        return VisionBusy(min(MAX_RETRY_SECONDS, int(seconds)))

    async def _look(self) -> None:
        """Refresh what is known, each process at most once in FRESH_SECONDS however many ask."""
        async with self._looking:
            stale = [place for place in self._places if time.monotonic() - place.asked_at > FRESH_SECONDS]
            await asyncio.gather(*(self._ask(place) for place in stale))

    async def _ask(self, place: _Place) -> None:
        asked = time.monotonic()
        try:
            health = await place.supervisor.client.health()
            place.waiting, place.live_places = health.waiting, health.live_places
        except VisionUnavailable:
            place.waiting = None
        # One that hangs is not waited for again at once.
        place.asked_at = time.monotonic() + (time.monotonic() - asked)


def _leave(place: _Place) -> None:
    place.live -= 1
