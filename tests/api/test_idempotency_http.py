"""Issue 2, must show 5: two hundred identical requests at once leave one case, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.models import Counter, IdempotencyRecord, OutboxEvent
from hall.cases.models import Case, CaseParty, CaseSnapshot
from tests.factories.catalog import CATERING_CODE, catering_answers
from tests.factories.http_hall import HttpHall, open_hall

MANY = 200
KEY = {"idempotency-key": "one-and-the-same"}


@pytest.fixture
async def door(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HttpHall]:
    async with open_hall(database_url, tmp_path / "data", clock) as opened:
        yield opened


async def test_two_hundred_identical_submits_leave_one_number(door: HttpHall) -> None:
    case = await door.house.waved_through()
    path = f"/api/citizen/cases/{case.id}/submit"
    answers = await asyncio.gather(*(door.send("zhang", "POST", path, headers=KEY) for _ in range(MANY)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    told = answers[0].json()["data"]
    submitted = await Case.get(id=case.id)
    assert (told["state"], told["number"]) == ("prereview", submitted.number)
    assert submitted.number is not None and submitted.number.endswith("202611230001")
    assert await OutboxEvent.filter(name="case.submitted").count() == 1
    assert await CaseSnapshot.all().count() == 1 and await IdempotencyRecord.all().count() == 1
    assert (await Counter.get(name=f"case:{CATERING_CODE}:20261123")).value == 1


async def test_two_hundred_identical_starts_leave_one_case(door: HttpHall) -> None:
    body = {"item_code": CATERING_CODE, "answers": catering_answers()}
    answers = await asyncio.gather(*(door.send("zhang", "POST", "/api/citizen/cases", json=body, headers=KEY) for _ in range(MANY)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    (case,) = await Case.all()
    assert answers[0].json()["data"]["id"] == case.id
    assert await CaseParty.all().count() == 1
    assert len(await door.house.hall.store.keys("objects")) == 1


async def test_without_a_key_the_second_submit_is_an_illegal_move(door: HttpHall) -> None:
    """Also then there is one case and one number; but the later ones are told so."""
    case = await door.house.waved_through()
    path = f"/api/citizen/cases/{case.id}/submit"
    answers = await asyncio.gather(*(door.send("zhang", "POST", path) for _ in range(20)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 19
    assert await OutboxEvent.filter(name="case.submitted").count() == 1
    assert (await Counter.get(name=f"case:{CATERING_CODE}:20261123")).value == 1


async def test_a_refused_request_does_not_use_up_its_key(door: HttpHall) -> None:
    """What failed may be mended and sent again under the same key."""
    case = await door.house.joined()
    path = f"/api/citizen/cases/{case.id}/submit"
    assert await door.refused("zhang", "POST", path, headers=KEY) == (409, "flow.illegal_move")
    await Case.filter(id=case.id).update(state="signing")
    assert await door.refused("zhang", "POST", path, headers=KEY) == (409, "case.not_signed")
    assert await IdempotencyRecord.all().count() == 0
    await Case.filter(id=case.id).update(is_signed=True)
    first = await door.done("zhang", "POST", path, headers=KEY)
    assert await door.done("zhang", "POST", path, headers=KEY) == first
