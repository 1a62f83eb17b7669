"""What service tests share: packages around a standing clock, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.db import Database
from express.service import Parcels
from tests.factories.cases import CaseWorld, case_world
from tests.factories.hall import HallWorld, seeded_hall
from tests.factories.identity import IdentityWorld
from tests.factories.parcels import PaperCarrier, parcels_of


@pytest.fixture
def identity(database: Database, clock: ManualClock) -> IdentityWorld:
    return IdentityWorld(clock)


@pytest.fixture
async def hall(database: Database, clock: ManualClock) -> HallWorld:
    return await seeded_hall(clock)


@pytest.fixture
async def house(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[CaseWorld]:
    """The whole hall as it is wired."""
    async with case_world(database_url, tmp_path / "data", clock) as world:
        yield world


@pytest.fixture
def carrier() -> PaperCarrier:
    return PaperCarrier()


@pytest.fixture
def parcels(database: Database, clock: ManualClock, carrier: PaperCarrier) -> Parcels:
    return parcels_of(carrier, clock)
