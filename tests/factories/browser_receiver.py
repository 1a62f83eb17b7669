"""The receiver of webhooks (`enterprises.Receiver`) for browser tests, on an event loop of its own in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.factories.enterprises import Receiver, receiver


@contextmanager
def receiver_beside() -> Iterator[Receiver]:
    """Open while the block runs; what came is in `received`."""
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    opened: list[Receiver] = []

    async def keep() -> None:
        async with receiver() as made:
            opened.append(made)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(keep(),), daemon=True)
    thread.start()
    assert ready.wait(10), "the receiver did not open"
    try:
        yield opened[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
