"""Verification by WeChat's or a remote service, as a phone asks for it over HTTP; both services are the stand-ins (R51, R52)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.clock import ManualClock
from identity.liveness.consent import VERSION
from tests.factories.http_hall import HttpHall, open_hall
from tests.factories.sandbox import break_next, lever

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROVIDER = "/api/citizen/face-provider"


async def started(hall: HttpHall, who: str = "zhang") -> dict[str, Any]:
    await hall.done(who, "PUT", "/api/citizen/face-consent", json={"version": VERSION})
    body = {"purpose": "sign", "application_id": "case_1", "consent_version": VERSION}
    view: dict[str, Any] = await hall.done(who, "POST", "/api/citizen/verifications", json=body)
    return view


async def begun(hall: HttpHall, view: dict[str, Any], who: str = "zhang") -> dict[str, Any]:
    notice = await hall.done(who, "GET", PROVIDER)
    path = f"/api/citizen/verifications/{view['id']}/provider"
    session: dict[str, Any] = await hall.done(who, "POST", path, json={"notice_version": notice["version"]})
    return session


@pytest.mark.parametrize(("name", "for_the_phone"), [("wechat", "verify_id"), ("remote", "session")])
async def test_from_notice_to_assertion(database_url: str, tmp_path: Path, clock: ManualClock, name: str, for_the_phone: str) -> None:
    async with open_hall(database_url, tmp_path / "data", clock, ZT_IDENTITY_FACE_PROVIDER=name) as hall:
        view = await started(hall)
        assert "begin_provider" in view["allowed_actions"] and "ask_provider" not in view["allowed_actions"]
        session = await begun(hall, view)
        assert session["provider"] == name and session["client"][for_the_phone]
        assert await begun(hall, view) == session
        path = f"/api/citizen/verifications/{view['id']}"
        shown = await hall.done("zhang", "GET", path)
        assert "ask_provider" in shown["allowed_actions"]
        told = await hall.done("zhang", "POST", f"{path}/provider/result")
        assert told["is_finished"] and told["verification"]["outcome"] == "accept"
        assert await hall.done("zhang", "POST", f"{path}/provider/result") == told
        assert (await hall.done("zhang", "POST", f"{path}/assertion"))["assertion"]
        assert await hall.refused("li", "POST", f"{path}/provider/result") == (404, "request.not_found")
        assert await hall.refused(None, "POST", f"{path}/provider/result") == (401, "auth.required")
        assert await hall.refused("zhang", "POST", f"{path}/provider", json={}) == (422, "request.invalid")


async def test_a_failure_and_a_silence(database_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock, ZT_IDENTITY_FACE_PROVIDER="wechat") as hall:
        sandbox = hall.house.sandbox
        view = await started(hall)
        path = f"/api/citizen/verifications/{view['id']}/provider"
        await begun(hall, view)
        await break_next(sandbox, "/cityservice/face/identify/queryverifyinfo", "502")
        silent = await hall.send("zhang", "POST", f"{path}/result")
        assert silent.status_code == 503 and int(silent.headers["retry-after"]) > 0
        await lever(sandbox, "faces/script", {"person": "zhang_wei", "provider": "wechat", "answer": "10004"})
        told = await hall.done("zhang", "POST", f"{path}/result")
        assert told["verification"]["outcome"] == "reject" and told["verification"]["reasons"] == ["PROVIDER_OTHER_PERSON"]


async def test_without_a_provider_nothing_is_offered(database_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock) as hall:
        view = await started(hall)
        assert not {"begin_provider", "ask_provider"} & set(view["allowed_actions"])
        missing = (409, "identity.provider_missing")
        assert await hall.refused("zhang", "GET", PROVIDER) == missing
        path = f"/api/citizen/verifications/{view['id']}/provider"
        assert await hall.refused("zhang", "POST", path, json={"notice_version": "1"}) == missing
        assert await hall.refused("zhang", "POST", f"{path}/result") == missing
