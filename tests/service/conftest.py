"""What service tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from tests.factories.hall import HallWorld, hall_world
from tests.factories.identity import IdentityWorld, identity_world


@pytest.fixture(params=["sqlite", "postgres"])
async def identity(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> AsyncIterator[IdentityWorld]:
    """Identity once on SQLite and once on PostgreSQL."""
    url = f"sqlite://{tmp_path / 'identity.sqlite3'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with identity_world(url, clock) as world:
        yield world


@pytest.fixture(params=["sqlite", "postgres"])
async def hall(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HallWorld]:
    """The seeded hall once on SQLite and once on PostgreSQL."""
    url = f"sqlite://{tmp_path / 'hall.sqlite3'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with hall_world(url, clock) as world:
        yield world
