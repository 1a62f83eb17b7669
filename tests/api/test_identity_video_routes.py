"""A video check over HTTP: two browsers find each other through the hall, bounded, in time, and only those two (R52)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.clock import ManualClock
from tests.factories.http_hall import HttpHall, open_hall
from tests.factories.video import ICE, sdp

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINE, DESK = "/api/citizen/video-checks", "/api/clerk/identity/video"
WISH = {"application_id": "case_1"}
VIDEO = {
    "ZT_IDENTITY_VIDEO_ICE": ",".join(ICE),
    "ZT_IDENTITY_VIDEO_TURN_SECRET": "north wind",
    "ZT_IDENTITY_VIDEO_HOURS": "09:00-12:00,13:00-17:00",
}


@pytest.fixture
async def door(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HttpHall]:
    async with open_hall(database_url, tmp_path / "data", clock, staff=("front", "trainee"), **VIDEO) as opened:
        yield opened


async def called(door: HttpHall) -> str:
    """`zhang` in the queue, and the clerk on the line."""
    check: dict[str, Any] = await door.done("zhang", "POST", MINE, json=WISH)
    await door.done("front", "POST", f"{DESK}/next")
    return f"{MINE}/{check['id']}"


async def test_both_browsers_find_each_other(door: HttpHall) -> None:
    place = await called(door)
    call = await door.done("front", "PUT", f"{DESK}/current/offer", json={"sdp": sdp("192.0.2.1")})
    assert call["media"]["round"] == 1 and [server["urls"] for server in call["media"]["ice_servers"]] == [[ICE[0]], list(ICE[1:])]
    seen = (await door.done("zhang", "GET", place))["media"]
    assert (seen["offer"], seen["is_answered"], seen["ice_servers"][1]["username"].split(":")[1][:8]) == (
        sdp("192.0.2.1"),
        False,
        "citizen-",
    )
    await door.done("zhang", "PUT", f"{place}/answer", json={"round": 1, "sdp": sdp("192.0.2.2")})
    assert (await door.done("front", "GET", f"{DESK}/current"))["media"]["answer"] == sdp("192.0.2.2")
    await door.done("zhang", "POST", f"{place}/reconnect")
    assert (await door.done("front", "GET", f"{DESK}/current"))["media"]["needs_offer"]
    late = {"json": {"round": 1, "sdp": sdp("192.0.2.2")}}
    assert await door.refused("zhang", "PUT", f"{place}/answer", **late) == (409, "video.round_over")
    assert (await door.done("zhang", "DELETE", place))["media"] is None


async def test_nobody_else_and_nothing_else(door: HttpHall) -> None:
    place = await called(door)
    good = {"json": {"sdp": sdp("192.0.2.1")}}
    assert await door.refused("trainee", "PUT", f"{DESK}/current/offer", **good) == (403, "auth.forbidden")
    assert await door.refused("zhang", "PUT", f"{DESK}/current/offer", **good) == (403, "auth.forbidden")
    await door.done("front", "PUT", f"{DESK}/current/offer", **good)
    for who, expected in ((None, 401), ("li", 404), ("front", 403)):
        for method, path in (("GET", place), ("PUT", f"{place}/answer"), ("POST", f"{place}/reconnect")):
            body = {"json": {"round": 1, "sdp": sdp("192.0.2.2")}} if method == "PUT" else {}
            assert (await door.refused(who, method, path, **body))[0] == expected, (who, path)
    for bad in ("", "hello", "v=0\r\n" + "a" * 33_000, 7, None):
        assert await door.refused("front", "PUT", f"{DESK}/current/offer", json={"sdp": bad}) == (422, "request.invalid")
        assert await door.refused("zhang", "PUT", f"{place}/answer", json={"round": 1, "sdp": bad}) == (422, "request.invalid")
    assert await door.refused("zhang", "PUT", f"{place}/answer", json={"round": 0, "sdp": "v=0\r\n"}) == (422, "request.invalid")
    assert not (await door.done("zhang", "GET", place))["media"]["is_answered"]


async def test_outside_the_hours_it_says_when_to_come_back(door: HttpHall) -> None:
    assert await door.done("li", "GET", MINE) == {"opens_at": None, "opening_text": None, "hours_text": "工作日 09:00—12:00，13:00—17:00"}
    door.house.clock.advance(hours=3)
    said = await door.done("li", "GET", MINE)
    assert (said["opens_at"], said["opening_text"]) == ("2026-11-23T05:00:00Z", "今天 13:00")
    answer = await door.send("li", "POST", MINE, json=WISH)
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "video.closed"
    assert "今天 13:00 开始可以排队" in answer.json()["error"]["message"]
