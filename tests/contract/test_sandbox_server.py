"""The stand-in itself: it must be as strict as what it stands in for, and must never load in production."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stdnum.cn import ric

from sandbox.app import RunningSandbox, build, start
from sandbox.config import SandboxConfig, SandboxInProduction
from sandbox.persons import PERSONS
from sandbox.portraits import signature
from sandbox.state import Fault
from tests.factories.sandbox import lever, running_sandbox

WHO = {"name": "张伟", "id_number": PERSONS[0].id_number}


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def web(sandbox: RunningSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.base_url) as client:
        yield client


def signed(sandbox: RunningSandbox, body: bytes, **changes: str) -> dict[str, str]:
    timestamp, nonce = str(int(sandbox.state.clock.now().timestamp())), secrets.token_hex(16)
    headers = {"X-App-Id": "sandbox", "X-Timestamp": timestamp, "X-Nonce": nonce}
    headers["X-Signature"] = signature("sandbox-portrait-secret", timestamp, nonce, body)
    return headers | changes


async def test_it_refuses_production() -> None:
    config = SandboxConfig(mode="production")
    with pytest.raises(SandboxInProduction):
        build(config)
    with pytest.raises(SandboxInProduction):
        await start(config)


def test_the_people_are_invented_but_well_formed() -> None:
    assert all(ric.is_valid(person.id_number) and len(person.openid) == 28 for person in PERSONS)
    for field in ("key", "name", "openid", "phone", "id_number"):
        assert len({getattr(person, field) for person in PERSONS}) == len(PERSONS)


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        (WHO, "match"),
        ({**WHO, "name": "张玮"}, "name_mismatch"),
        ({**WHO, "id_number": "000000000000000000"}, "not_found"),
        ({"name": "王建国", "id_number": PERSONS[2].id_number}, "match"),
    ],
)
async def test_portraits(sandbox: RunningSandbox, web: httpx.AsyncClient, asked: dict[str, str], result: str) -> None:
    body = json.dumps(asked).encode()
    answer = (await web.post("/portrait/query", content=body, headers=signed(sandbox, body))).json()
    picture = base64.b64decode(answer["portrait_jpeg_base64"])
    assert answer["result"] == result
    assert picture.startswith(b"\xff\xd8") if asked == WHO else picture == b""
    assert PERSONS[0].id_number not in str(list(sandbox.state.journal))


async def test_portrait_questions_must_be_signed_fresh_and_new(sandbox: RunningSandbox, web: httpx.AsyncClient) -> None:
    body = json.dumps(WHO).encode()

    async def ask(headers: dict[str, str], content: bytes = body) -> int:
        return (await web.post("/portrait/query", content=content, headers=headers)).status_code

    good = signed(sandbox, body)
    assert await ask(good) == 200
    assert await ask(good) == 401
    assert await ask(signed(sandbox, body), body + b" ") == 401
    assert await ask({}) == 401
    assert await ask(signed(sandbox, body, **{"X-App-Id": "another"})) == 401
    assert await ask(signed(sandbox, body, **{"X-Nonce": secrets.token_hex(16)})) == 401
    old = signed(sandbox, body)
    await lever(sandbox, "clock", {"advance_seconds": 301})
    assert await ask(old) == 401
    assert await ask(signed(sandbox, b"{}"), b"{}") == 400


async def test_tokens_overlap_and_forcing_is_limited(sandbox: RunningSandbox, web: httpx.AsyncClient) -> None:
    async def token(**more: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": "wx0000000000sandbox", "secret": "sandbox-wechat-secret", **more}
        return dict((await web.post("/cgi-bin/stable_token", json=body)).json())

    async def is_good(access_token: str) -> int:
        answer = await web.post("/wxa/business/getuserphonenumber", params={"access_token": access_token}, json={"code": "x"})
        return int(answer.json()["errcode"])

    first = await token()
    assert (await token())["access_token"] == first["access_token"]
    await lever(sandbox, "clock", {"advance_seconds": 7200 - 200})
    second = await token()
    assert second["access_token"] != first["access_token"]
    assert (await is_good(first["access_token"]), await is_good(second["access_token"])) == (40029, 40029)
    forced = await token(force_refresh=True)
    assert await is_good(second["access_token"]) == 40001
    assert (await token(force_refresh=True))["errcode"] == 45009
    await lever(sandbox, "clock", {"advance_seconds": 7201})
    assert await is_good(forced["access_token"]) == 42001
    assert (await token(secret="wrong"))["errcode"] == 40125
    assert (await web.post("/wxa/getwxacodeunlimit", json={"scene": "a"})).json()["errcode"] == 41001


async def test_codes_for_pages(web: httpx.AsyncClient) -> None:
    body = {"grant_type": "client_credential", "appid": "wx0000000000sandbox", "secret": "sandbox-wechat-secret"}
    params = {"access_token": (await web.post("/cgi-bin/stable_token", json=body)).json()["access_token"]}
    good = await web.post("/wxa/getwxacodeunlimit", params=params, json={"scene": "a=1&b=2"})
    assert (good.headers["content-type"], good.content[:4]) == ("image/png", b"\x89PNG")
    for scene in ("", "x" * 33, "50%", "汉字"):
        assert (await web.post("/wxa/getwxacodeunlimit", params=params, json={"scene": scene})).json()["errcode"] == 40169


async def test_the_page_is_chinese_and_escapes(sandbox: RunningSandbox, web: httpx.AsyncClient) -> None:
    sandbox.state.note("GET", "/<script>alert(1)</script>", status=404)
    page = (await web.get("/")).text
    assert 'lang="zh-CN"' in page and "张伟" in page and "还没有快件" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "sign",
    [
        {"host": "rebound.example"}, {"host": "evil.example@127.0.0.1"}, {"host": "192.168.1.5:8090"}, {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"}, {"x-forwarded-for": "203.0.113.9"}, {"via": "1.1 proxy"},
    ],
)  # fmt: skip
async def test_only_this_machine_is_answered(sandbox: RunningSandbox, web: httpx.AsyncClient, sign: dict[str, str]) -> None:
    """A page elsewhere whose name leads here (DNS rebinding) could read logins of everybody and pull every lever."""
    for method, path in (("GET", "/"), ("GET", "/_sandbox/persons"), ("POST", "/_sandbox/wechat/login_code"), ("POST", "/_sandbox/clock")):
        answer = await web.request(method, path, headers=sign, json={"person": "li_na", "advance_seconds": 60})
        assert answer.status_code == 403 and "只回答这台电脑" in answer.json()["error"], path
    sandbox.state.faults.append(Fault(path="/cgi-bin/stable_token", kind="502"))
    assert (await web.post("/cgi-bin/stable_token", headers=sign)).status_code == 403 and sandbox.state.faults
    own = {"origin": sandbox.base_url, "sec-fetch-site": "same-origin"}
    assert (await web.post("/_sandbox/wechat/login_code", headers=own, json={"person": "li_na"})).status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b'{"path":"/x","kind":"explode"}', b"not json"])
async def test_a_fault_that_does_not_exist_is_refused(web: httpx.AsyncClient, body: bytes) -> None:
    assert (await web.post("/_sandbox/faults", content=body)).status_code == 422


async def test_odd_bodies_do_not_break_it(web: httpx.AsyncClient) -> None:
    for path in ("/cgi-bin/stable_token", "/_sandbox/wechat/login_code", "/_sandbox/clock", "/_sandbox/ems/12/deliver", "/portrait/query"):
        for body in (b"", b"[]", b"null", b'"x"', b"not json", b"\xff"):
            assert (await web.post(path, content=body)).status_code < 500, (path, body)
