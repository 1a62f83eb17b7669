from __future__ import annotations
import time
from collections.abc import AsyncIterator
from pathlib import Path
import pytest
from core.clock import ManualClock
from tests.factories.cases import CaseWorld, case_world

@pytest.fixture
async def world(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[CaseWorld]:
    t=time.time()
    async with case_world(database_url, tmp_path / "data", clock) as made:
        print("setup", time.time()-t)
        yield made

async def test_flow(world: CaseWorld) -> None:
    t=time.time()
    case = await world.submitted()
    print("submitted", time.time()-t, case.number, case.state)
    await world.cases.review.prereview(world.front, case.id)
    await world.cases.review.accept(world.front, case.id)
    await world.cases.review.decide(world.back, case.id, is_granted=True, reason="符合备案条件")
    await world.deliver_outbox()
    print("licensed", time.time()-t)
    from core.models import OutboxDelivery
    for d in await OutboxDelivery.all().order_by("id"): print(d.handler, d.state, d.error, d.attempts)
    from hall.cases.models import Case
    print((await Case.get(id=case.id)).state)
