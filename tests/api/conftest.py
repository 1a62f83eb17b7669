"""What tests over HTTP share: the whole hall behind its door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from tests.factories.door import Door, door


@pytest.fixture
async def house_door(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Door]:
    """Served once on SQLite and once on PostgreSQL; `@on_sqlite` where the database makes no difference."""
    async with door(database_url, tmp_path / "data", clock) as opened:
        yield opened
