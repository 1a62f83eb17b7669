"""Trying the hall without WeChat and without an authenticator: only in development, only from this machine (issue 3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.development.routes_open import is_from_here, routes
from api.development.service import ACCOUNTS_FILE, DemoAccounts, DemoCourier, DemoLogins, DemoStaff
from api.rooms import all_routes
from api.seed import seed_hall
from api.settings import load_settings
from api.wiring import wire
from core.actor import SYSTEM
from core.clock import ManualClock
from identity.accounts.service import NewStaff, Staff
from tests.factories.clients import pages_served
from tests.factories.door import Door, door
from tests.factories.settings import PRODUCTION

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOTP_SECRET = "JBSWY3DPEHPK3PXP" * 2
PASSWORD = "correct horse battery"
PLACES = [(endpoint.method, endpoint.path) for endpoint in routes.endpoints]


def accounts(opened: Door) -> Path:
    path: Path = opened.world.hall.settings.server.data_dir / ACCOUNTS_FILE
    known = DemoStaff("陈静", "clerk", PASSWORD, TOTP_SECRET, "锦川市政务服务中心")
    DemoAccounts({"demo.clerk": known}, DemoCourier("赵师傅", "ABCD-EFGH")).write(path)
    return path


def permissions(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def data(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_citizen_is_chosen_and_logged_in(house_door: Door) -> None:
    async with house_door.client() as web:
        persons = {person["key"]: person for person in await data(await web.get("/api/open/dev/persons"))}
        assert persons["zhang_wei"] == {"key": "zhang_wei", "name": "张伟", "description": "企业法定代表人，成都市", "role": "citizen"}
        assert persons["ji_xiangyun"]["name"] == "𠮷祥云"
        assert [key for key, person in persons.items() if person["role"] == "courier"] == ["zhao_shifu"]
        code = (await data(await web.post("/api/open/dev/login-code", json={"person": "ji_xiangyun"})))["code"]
        login = await data(await web.post("/api/open/login/wechat", json={"code": code}))
        web.headers["authorization"] = f"Bearer {login['token']}"
        assert (await data(await web.get("/api/citizen/me")))["level"] == "L0"
        phone = (await data(await web.post("/api/open/dev/phone-code", json={"person": "ji_xiangyun"})))["code"]
        assert phone and phone != code
        assert code_of(await web.post("/api/open/dev/login-code", json={"person": "nobody"})) == (404, "request.not_found")


async def test_staff_log_in_with_what_is_handed_out(house_door: Door, clock: ManualClock) -> None:
    """Twice at once, because each TOTP code is good for one login; the third waits for the next code."""
    accounts(house_door)
    new = NewStaff(
        username="demo.clerk", password=PASSWORD, role="clerk", name="陈静", department="锦川市政务服务中心", office_id=None, permissions=[]
    )
    await house_door.world.hall.service(Staff).create(SYSTEM, new, totp_secret=TOTP_SECRET)
    async with house_door.client() as web:
        listed = await data(await web.get("/api/open/dev/staff"))
        assert listed == [{"username": "demo.clerk", "name": "陈静", "role": "clerk", "department": "锦川市政务服务中心"}]
        for _ in range(2):
            given = await data(await web.post("/api/open/dev/staff-credentials", json={"username": "demo.clerk"}))
            await data(await web.post("/api/open/login/staff", json={"username": "demo.clerk", **given}))
        soon = await web.post("/api/open/dev/staff-credentials", json={"username": "demo.clerk"})
        assert code_of(soon) == (429, "request.too_many") and 1 <= int(soon.headers["retry-after"]) <= 30
        clock.advance(seconds=int(soon.headers["retry-after"]))
        given = await data(await web.post("/api/open/dev/staff-credentials", json={"username": "demo.clerk"}))
        await data(await web.post("/api/open/login/staff", json={"username": "demo.clerk", **given}))
        assert code_of(await web.post("/api/open/dev/staff-credentials", json={"username": "root"})) == (404, "request.not_found")


async def test_the_courier_gets_the_code_of_the_demo(house_door: Door) -> None:
    async with house_door.client() as web:
        assert code_of(await web.get("/api/open/dev/courier-activation")) == (404, "dev.no_demo_accounts")
        assert code_of(await web.get("/api/open/dev/staff")) == (404, "dev.no_demo_accounts")
        accounts(house_door)
        assert await data(await web.get("/api/open/dev/courier-activation")) == {"activation_code": "ABCD-EFGH"}


async def test_what_seeding_writes_is_what_is_read(database_url: str, tmp_path: Path) -> None:
    settings = load_settings({"ZT_DATABASE_URL": database_url, "ZT_DATA_DIR": str(tmp_path / "data")})
    for _ in range(2):
        result = await seed_hall(settings, demo=True)
        path = Path(result["accounts_file"])
        known = DemoAccounts.read(path)
        assert permissions(path) == 0o600 and set(known.staff) >= {"chen.jing", "liu.yang", "supervisor", "admin"}
        assert all(person.password and person.totp_secret and person.department for person in known.staff.values())
        assert known.courier.activation_code


HERE = {"host": "127.0.0.1:8000"}
PROXIED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded", "x-real-ip", "forwarded", "via")
STRANGE_HOSTS = (
    "evil.example@127.0.0.1", "127.0.0.1:8000@evil.example", "@127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:8a",
    "127.0.0.1:-1", "127.0.0.1:８０", "127.0.0.1/x", "127.0.0.1#", "127.1", "notlocalhost", "localhost.", "[::1%lo]", "[::1", "::1", "[]",
    "127.0.0.1, evil.example", "127.0.0.1 ", "localhost:80:80", "[127.0.0.1].evil",
)  # fmt: skip
FOREIGN_ORIGINS = ("https://evil.example", "null", "", "http://127.0.0.1.evil.example", "http://evil.example@127.0.0.1", "file://", "ftp://localhost",
    "http://localhost/", "//localhost", "http://[")  # fmt: skip


@pytest.mark.parametrize(
    ("client_ip", "headers", "is_here"),
    [
        ("127.0.0.1", HERE, True), ("127.8.9.1", HERE, True), ("::1", {"host": "[::1]:8000"}, True), ("::ffff:127.0.0.1", HERE, True),
        ("127.0.0.1", {"host": "localhost:5173"}, True), ("127.0.0.1", {"host": "phone.localhost"}, True),
        ("192.168.1.7", {"host": "192.168.1.5:8000"}, False), ("203.0.113.9", HERE, False), ("::ffff:203.0.113.9", HERE, False),
        ("", HERE, False), ("unknown", HERE, False),
        ("127.0.0.1", {**HERE, "x-forwarded-for": "203.0.113.9"}, False), ("127.0.0.1", {**HERE, "forwarded": "for=203.0.113.9"}, False),
        ("127.0.0.1", {**HERE, "x-real-ip": "203.0.113.9"}, False),
        ("127.0.0.1", {"host": "rebound.example"}, False), ("127.0.0.1", {"host": "localhost.example:80"}, False),
        ("127.0.0.1", {}, False), ("127.0.0.1", {"host": "["}, False),
        *[("127.0.0.1", {**HERE, name: "x"}, False) for name in PROXIED],
        *[("127.0.0.1", {"host": host}, False) for host in STRANGE_HOSTS],
        ("127.0.0.1", {**HERE, "origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, True),
        ("127.0.0.1", {**HERE, "origin": "http://localhost:5173", "sec-fetch-site": "same-origin"}, True),
        ("127.0.0.1", {"host": "LOCALHOST:8000", "sec-fetch-site": "none"}, True), ("::1", {"host": "[::1]"}, True),
        *[("127.0.0.1", {**HERE, "origin": origin}, False) for origin in FOREIGN_ORIGINS],
        *[("127.0.0.1", {**HERE, "sec-fetch-site": site}, False) for site in ("cross-site", "same-site", "Cross-Site", "unknown")],
    ],
)  # fmt: skip
def test_who_sits_at_this_machine(client_ip: str, headers: Mapping[str, str], is_here: bool, database_url: str) -> None:
    assert is_from_here(client_ip, headers) is is_here


SIGNS_OF_OTHERS = (
    {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-host": "hall.example"}, {"via": "1.1 proxy"}, {"host": "rebound.example"},
    {"host": "evil.example@127.0.0.1"}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"},
)  # fmt: skip


async def test_nobody_elsewhere_may_choose(house_door: Door) -> None:
    accounts(house_door)
    async with house_door.client() as web:
        for method, path in PLACES:
            for sign in SIGNS_OF_OTHERS:
                body = {"person": "zhang_wei"} if "code" in path or "ukey" in path else {"username": "demo.clerk"}
                body |= {"message": "x"} if "ukey" in path else {}
                refused = await web.request(method, path, headers=sign, json=body if method == "POST" else None)
                assert code_of(refused) == (403, "dev.not_this_machine"), path
                assert PASSWORD not in refused.text and "ZT_DEV_LOGIN_REMOTE" in refused.json()["error"]["message"]


async def test_a_phone_in_the_same_network_when_it_is_allowed(database_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with door(database_url, tmp_path / "data", clock, ZT_DEV_LOGIN_REMOTE="1") as opened, opened.client() as web:
        answer = await web.post("/api/open/dev/login-code", json={"person": "li_na"}, headers={"host": "192.168.1.5:8000"})
        assert (await data(answer))["code"]


async def test_with_the_real_wechat_there_is_nobody_to_play(house_door: Door) -> None:
    real = wire(load_settings({"ZT_DATA_DIR": str(house_door.world.hall.settings.server.data_dir)}), house_door.world.vision)
    house_door.world.hall.services[DemoLogins] = real.service(DemoLogins)
    async with house_door.client() as web:
        assert code_of(await web.get("/api/open/dev/persons")) == (404, "dev.no_sandbox")
        assert code_of(await web.post("/api/open/dev/login-code", json={"person": "li_na"})) == (404, "dev.no_sandbox")


async def test_when_the_stand_ins_are_gone_it_is_said(house_door: Door) -> None:
    await house_door.world.sandbox.stop()
    async with house_door.client() as web:
        assert code_of(await web.get("/api/open/dev/persons")) == (503, "upstream.unavailable")


async def test_production_knows_none_of_it(tmp_path: Path, database_url: str) -> None:
    paths = {endpoint.path for part in all_routes(load_settings(PRODUCTION)) for endpoint in part.endpoints}
    assert len(paths) > 50 and not any("/dev" in path for path in paths)
    async with pages_served(tmp_path, **PRODUCTION) as web:
        for method, path in PLACES:
            assert code_of(await web.request(method, path)) == (404, "request.not_found"), path
        assert not any("/dev" in path for path in (await web.get("/openapi.json")).json()["paths"])
