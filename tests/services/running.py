"""Async work from a plain fixture, whatever event loop pytest keeps; and what only one of several test processes may do at a time."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Until the block ends, other processes wait before theirs."""
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
