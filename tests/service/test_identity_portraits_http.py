"""The portrait authority over HTTP: against the stand-in, and against answers that must not be believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest

from core.clock import ManualClock, SystemClock
from core.errors import UpstreamUnavailable
from core.http.client import HttpClient
from identity.portraits.config import PortraitConfig
from identity.portraits.http import HttpPortraitAuthority
from identity.portraits.registry import AUTHORITIES
from sandbox.app import RunningSandbox
from sandbox.faces import portrait
from sandbox.persons import find_person
from tests.factories.sandbox import running_sandbox

CONFIG = PortraitConfig(base_url="http://portraits.test", app_id="hall", secret="k" * 32)


def authority(handler: Callable[[httpx.Request], httpx.Response], clock: ManualClock) -> HttpPortraitAuthority:
    client = HttpClient("portraits", CONFIG.base_url, transport=httpx.MockTransport(handler))
    return HttpPortraitAuthority(client=client, config=CONFIG, clock=clock)


def answering(body: Any, status: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return lambda _: httpx.Response(status, content=content)


async def test_the_request_is_signed_over_time_nonce_and_exact_body(clock: ManualClock) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"result": "not_found", "portrait_jpeg_base64": ""})

    asked = authority(handler, clock)
    await asked.lookup("张伟", "51010419920315001X")
    await asked.lookup("张伟", "51010419920315001X")
    first, second = seen
    assert (first.method, first.url.path) == ("POST", "/portrait/query")
    assert msgspec.json.decode(first.content) == {"name": "张伟", "id_number": "51010419920315001X"}
    assert first.headers["x-app-id"] == "hall"
    assert first.headers["x-timestamp"] == str(int(clock.now().timestamp()))
    text = f"{first.headers['x-timestamp']}\n{first.headers['x-nonce']}\n".encode() + first.content
    assert first.headers["x-signature"] == hmac.new(b"k" * 32, text, hashlib.sha256).hexdigest()
    assert first.headers["x-nonce"] != second.headers["x-nonce"]


@pytest.mark.parametrize(
    ("result", "found", "name_matches", "picture"),
    [("match", True, True, b"\xff\xd8picture"), ("name_mismatch", True, False, None), ("not_found", False, False, None)],
)
async def test_known_answers(clock: ManualClock, result: str, found: bool, name_matches: bool, picture: bytes | None) -> None:
    """A picture is handed on only for a match, whatever the authority sends."""
    body = {"result": result, "portrait_jpeg_base64": base64.b64encode(b"\xff\xd8picture").decode(), "later_field": 1}
    match = await authority(answering(body), clock).lookup("张伟", "51010419920315001X")
    assert (match.found, match.name_matches, match.portrait) == (found, name_matches, picture)


async def test_a_match_without_a_picture(clock: ManualClock) -> None:
    match = await authority(answering({"result": "match", "portrait_jpeg_base64": ""}), clock).lookup("张伟", "51010419920315001X")
    assert (match.found, match.name_matches, match.portrait) == (True, True, None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"result": "maybe"}, 200),
        ({"result": "MATCH"}, 200),
        ({"result": None}, 200),
        ({}, 200),
        ([], 200),
        (b"", 200),
        (b"<html>", 200),
        (b'{"result":"match","portrait_jpeg_base64":"\xff', 200),
        ({"result": "match", "portrait_jpeg_base64": "not base64!"}, 200),
        ({"result": "match", "portrait_jpeg_base64": "A" * 3_000_000}, 200),
        ({"result": "match"}, 401),
        ({"result": "match"}, 302),
        ({"result": "not_found"}, 404),
        ({"result": "match"}, 500),
    ],
)
async def test_anything_else_means_unknown(clock: ManualClock, body: Any, status: int) -> None:
    with pytest.raises(UpstreamUnavailable) as unknown:
        await authority(answering(body, status), clock).lookup("张伟", "51010419920315001X")
    assert "张伟" not in str(unknown.value)
    assert unknown.value.__cause__ is None


async def test_a_picture_never_shows_in_a_repr(clock: ManualClock) -> None:
    body = {"result": "match", "portrait_jpeg_base64": base64.b64encode(b"\xff\xd8picture").decode()}
    assert "picture" not in repr(await authority(answering(body), clock).lookup("张伟", "51010419920315001X"))


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox() as running:
        yield running


def at_sandbox(running: RunningSandbox, **differs: Any) -> Any:
    return AUTHORITIES["http"](PortraitConfig(base_url=running.base_url, **differs), SystemClock())


async def test_the_stand_in_answers_over_a_real_connection(sandbox: RunningSandbox) -> None:
    zhang = find_person("张伟")
    wang = find_person("王建国")
    assert zhang and wang
    asked = at_sandbox(sandbox)
    await asked.check()
    assert (await asked.lookup(zhang.name, zhang.id_number)).portrait == portrait("a")
    assert not (await asked.lookup("李娜", zhang.id_number)).name_matches
    assert not (await asked.lookup("李娜", "110101199003070011")).found
    without = await asked.lookup(wang.name, wang.id_number)
    assert (without.name_matches, without.portrait) == (True, None)


async def test_a_wrong_secret_is_noticed_by_check(sandbox: RunningSandbox) -> None:
    for wrong in ({"secret": "other"}, {"app_id": "other"}):
        with pytest.raises(UpstreamUnavailable):
            await at_sandbox(sandbox, **wrong).check()


async def test_a_closed_port_is_unavailable() -> None:
    with pytest.raises(UpstreamUnavailable):
        await AUTHORITIES["http"](PortraitConfig(base_url="http://127.0.0.1:9", timeout=1), SystemClock()).check()
