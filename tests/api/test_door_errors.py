"""One envelope for every error, with a stable code, a Chinese sentence, the request's id, and nothing of what was sent or what broke."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisGone
from tortoise.exceptions import DBConnectionError, OperationalError

from core.cache import Cache, RedisCache
from identity.accounts.service import Accounts
from tests.factories.door import Door

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "张伟 51010419920315001X 13912345678"
LOGIN = "/api/open/login/wechat"


def envelope(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["error"] and set(body["error"]) == {"code", "message", "fields", "request_id"}
    error: dict[str, Any] = body["error"]
    assert error["code"] == code and re.search("[\u4e00-\u9fff]{2}", error["message"])
    assert error["request_id"] == answer.headers["x-request-id"]
    return error


async def test_an_unknown_address(house_door: Door) -> None:
    async with house_door.client() as web:
        for path in ("/nothing", "/api/citizen/nothing", "/api/open/catalog/items/x/y/z", "/static/../../etc/passwd", "/%2e%2e/%2e%2e/etc"):
            envelope(await web.get(path), 404, "request.not_found")


async def test_a_method_the_address_does_not_have(house_door: Door) -> None:
    async with house_door.client() as web:
        for method, path in (("DELETE", "/api/open/catalog/items"), ("POST", "/healthz"), ("PATCH", LOGIN)):
            envelope(await web.request(method, path), 405, "request.method_not_allowed")


UNFIT = (
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"code": 12}', b'{"code": "a\\u0000b"}', b"{}", b"[" * 100_000,
    b'{"code": "' + "长".encode() * 5_000 + b'"}', b'{"code": {"a": 1}}', b"1e999", b'{"code": NaN}',
)  # fmt: skip


async def test_a_payload_that_does_not_fit(house_door: Door) -> None:
    async with house_door.client() as web:
        for body in UNFIT:
            envelope(await web.post(LOGIN, content=body), 422, "request.invalid")


async def test_a_refused_value_is_not_repeated(house_door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither in the answer nor in a log: it may be somebody's number."""
    async with house_door.client("citizen") as web:
        answers = [
            await web.put("/api/citizen/me/identity", json={"name": SECRET * 20, "id_number": SECRET}),
            await web.put("/api/citizen/me/identity", json={"name": ["x"], "id_number": SECRET}),
            await web.put("/api/citizen/me/identity", json={"name": "张", "id_number": "51010419920315001X", "extra": SECRET}),
            await web.get("/api/open/catalog/items", params={"limit": SECRET}),
            await web.get(f"/api/citizen/cases/{SECRET}"),
        ]
    assert all(400 <= answer.status_code < 500 for answer in answers)
    shown = "".join(answer.text for answer in answers) + "".join(capfd.readouterr())
    assert "51010419920315001X" not in shown and "13912345678" not in shown


async def test_a_field_is_named_by_its_path(house_door: Door) -> None:
    async with house_door.client() as web:
        assert envelope(await web.post(LOGIN, json={}), 422, "request.invalid")["fields"] == {"code": "这一项必须填写。"}
        assert "code" in envelope(await web.post(LOGIN, json={"code": 5}), 422, "request.invalid")["fields"]


async def raw(base_url: str, *parts: bytes) -> bytes:
    host, port = base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in parts:
        writer.write(part)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(65536), 10)
    finally:
        writer.close()


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(house_door: Door) -> None:
    limit = house_door.world.hall.settings.server.max_body_bytes
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: {limit + 1}\r\n\r\n".encode()
    answer = await raw(house_door.base_url, head)
    assert answer.startswith(b"HTTP/1.1 413") and json.loads(answer.split(b"\r\n\r\n")[1])["error"]["code"] == "request.too_large"


async def test_bytes_that_are_no_request(house_door: Door) -> None:
    for junk in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n bad\r\n\r\n"):
        answer = await raw(house_door.base_url, junk)
        assert re.match(rb"HTTP/1.1 4\d\d ", answer) and b"Traceback" not in answer and b"sanic" not in answer.lower()
    async with house_door.client() as web:
        assert (await web.get("/healthz")).status_code == 200


BROKEN = (
    (RuntimeError(SECRET), 500, "internal.error"),
    (KeyError(SECRET), 500, "internal.error"),
    (OperationalError(f"column {SECRET} does not exist"), 500, "internal.error"),
    (OperationalError("database is locked"), 503, "internal.unavailable"),
    (OperationalError("deadlock detected"), 409, "request.conflict"),
    (DBConnectionError(SECRET), 503, "internal.unavailable"),
    (RedisGone(SECRET), 503, "internal.unavailable"),
    (TimeoutError(SECRET), 500, "internal.error"),
)


async def test_what_breaks_inside_stays_inside(
    house_door: Door, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def breaking(error: Exception) -> Callable[[object], Awaitable[None]]:
        async def broken(_actor: object) -> None:
            raise error

        return broken

    async with house_door.client("citizen") as web:
        for error, status, code in BROKEN:
            monkeypatch.setattr(house_door.world.hall.service(Accounts), "profile", breaking(error))
            capfd.readouterr()
            answer = await web.get("/api/citizen/me")
            envelope(answer, status, code)
            logged = "".join(capfd.readouterr())
            assert [secret for secret in SECRET.split() if secret in answer.text + logged] == []
            if status >= 500:
                assert "unexpected_error" in logged and type(error).__name__ in logged and "test_door_errors.py" in logged
            if status == 503:
                assert answer.headers["retry-after"] == "5"


async def test_losing_the_cache_loses_no_command(house_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wake-up after a commit is a hint; a limit that cannot be counted is "try again", not a mistake of ours."""
    gone = RedisCache("redis://127.0.0.1:1/0")
    monkeypatch.setattr(house_door.world.hall, "cache", gone)
    monkeypatch.setitem(house_door.world.hall.services, Cache, gone)
    async with house_door.client("citizen") as web:
        assert (await web.delete("/api/citizen/face-consent")).status_code == 200
        envelope(await web.post("/api/open/verify/code", json={"code": "1"}), 503, "internal.unavailable")
        ready = await web.get("/readyz")
    assert ready.status_code == 503 and ready.json()["parts"] == {"database": "ok", "cache": "ConnectionError", "storage": "ok"}
    await gone.close()


async def test_a_good_request_id_is_kept_and_a_bad_one_replaced(house_door: Door) -> None:
    async with house_door.client() as web:
        for good in ("abcdef12", "A_b-" * 16):
            assert (await web.get("/healthz", headers={"x-request-id": good})).headers["x-request-id"] == good
        for bad in ("", "short", "x" * 65, "has space 123", "<script>alert</script>", "1234567'--", "张伟张伟张伟张伟"):
            headers = [(b"x-request-id", bad.encode())]
            seen = [(await web.get("/nothing", headers=headers)).headers["x-request-id"] for _ in range(2)]
            assert all(re.fullmatch("[0-9a-f]{16}", value) for value in seen) and seen[0] != seen[1], bad


async def test_every_answer_has_the_security_headers(house_door: Door) -> None:
    async with house_door.client() as web:
        for path, status in (("/", 200), ("/api/open/catalog/items", 200), ("/nothing", 404), ("/api/citizen/me", 401), ("/healthz", 200)):
            answer = await web.get(path)
            assert answer.status_code == status
            assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cross-origin-opener-policy"] == "same-origin"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            assert "server" not in answer.headers and "x-powered-by" not in answer.headers


async def test_what_is_personal_is_not_stored_on_the_way(house_door: Door) -> None:
    async with house_door.client("citizen") as web:
        for path in ("/api/citizen/me", "/api/citizen/cases", "/api/citizen/licences", "/api/citizen/nothing"):
            assert (await web.get(path)).headers["cache-control"] == "no-store"
        assert "public" in (await web.get("/api/open/trust-list")).headers["cache-control"]
