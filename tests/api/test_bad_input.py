"""Issue 2, "Bad input": each kind gets its code in the one envelope, and no row or file is left behind.

Over the real server with everything wired, on both databases. `nothing_left` counts the rows of every table and the kept files.
"""

from __future__ import annotations

import asyncio
import io
import struct
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from core.clock import ManualClock
from core.ids import new_id
from express.models import CarrierPush
from hall.cases.models import Case, CaseMaterial
from hall.cases.rules import INVITATION_DAYS
from identity.liveness.consent import VERSION
from tests.factories.cases import DELIVERY, CaseWorld, footprint, photo
from tests.factories.catalog import CATERING_CODE, catering_answers
from tests.factories.hostile_pdfs import CIRCULAR, DEEP, LAUNCHING, PLAIN, SCRIPTED, assembled, bomb
from tests.factories.http_hall import WECHAT_TOKEN, HttpHall, open_hall
from tests.factories.sandbox import lever, login_code
from wechat.crypto import signature
from wechat.models import CallbackReceipt

INVALID = (422, "request.invalid")
NOT_FOUND = (404, "request.not_found")
REJECTED = (415, "upload.rejected")


@pytest.fixture
async def door(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HttpHall]:
    async with open_hall(database_url, tmp_path / "data", clock) as opened:
        yield opened


@asynccontextmanager
async def nothing_left(house: CaseWorld) -> AsyncIterator[None]:
    before = await footprint(house.hall)
    yield
    after = await footprint(house.hall)
    assert after == before, {name: (before[name], after[name]) for name in before if before[name] != after[name]}


async def draft(door: HttpHall) -> str:
    body = {"item_code": CATERING_CODE, "answers": catering_answers()}
    return str((await door.done("zhang", "POST", "/api/citizen/cases", json=body))["id"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_login_codes(door: HttpHall) -> None:
    """Reused, expired, unknown and malformed."""
    used, late = await login_code(door.house.sandbox, "zhang_wei"), await login_code(door.house.sandbox, "ji_xiangyun")
    path = "/api/open/login/wechat"
    await door.done(None, "POST", path, json={"code": used})
    async with nothing_left(door.house):
        assert await door.refused(None, "POST", path, json={"code": used}) == (401, "wechat.code_used")
        door.house.clock.advance(minutes=6)
        assert await door.refused(None, "POST", path, json={"code": late}) == (401, "wechat.code_invalid")
        for code in ("A" * 32, "短", "x y z", "a", "é" * 20):
            assert await door.refused(None, "POST", path, json={"code": code}) == (401, "wechat.code_invalid")
        for unfit in ("", "A" * 257, 5, None, ["a"]):
            assert await door.refused(None, "POST", path, json={"code": unfit}) == INVALID


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_id_numbers(door: HttpHall) -> None:
    """A wrong check digit (GB 11643), whoever it is about."""
    case_id = await draft(door)
    nobody = await door.done(None, "POST", "/api/open/login/wechat", json={"code": await login_code(door.house.sandbox, "ji_xiangyun")})
    door.tokens["nobody"] = nobody["token"]
    declare, invite = "/api/citizen/me/identity", f"/api/citizen/cases/{case_id}/parties"
    async with nothing_left(door.house):
        for number in ("510107199109090031", "51010719910909003", "51010719911309003X", "", "一" * 18):
            status, code = await door.refused("nobody", "PUT", declare, json={"name": "𠮷祥云", "id_number": number})
            assert (status, code) == (422, "identity.id_number_invalid"), number
        person = {"role": "shareholder", "name": "李娜"}
        for number in ("500103199807220026", "50010319980722002X"):
            assert await door.refused("zhang", "POST", invite, json={**person, "id_number": number}) == (422, "identity.id_number_invalid")
        for number in ("50010319980722002", "5001031998072200255"):
            assert await door.refused("zhang", "POST", invite, json={**person, "id_number": number}) == INVALID
        another = {"name": "张伟", "id_number": "51010719910909003X"}
        assert await door.refused("nobody", "PUT", declare, json=another) == (422, "identity.not_matched")


def swelling_png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6), 9)) + chunk(b"IEND", b"")


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


BAD_FILES: dict[str, tuple[bytes, str, tuple[int, str]]] = {
    "lies about its type": (photo(), "application/pdf", REJECTED),
    "a program that says it is a picture": (b"MZ" + bytes(2000), "image/png", REJECTED),
    "gif": (gif(), "image/gif", REJECTED),
    "empty": (b"", "image/jpeg", REJECTED),
    "picture cut short": (photo(size=(600, 400))[:-1500], "image/jpeg", REJECTED),
    "picture that swells": (swelling_png(), "image/png", REJECTED),
    "pdf cut short": (assembled(PLAIN)[:-40], "application/pdf", REJECTED),
    "pdf that swells": (bomb(), "application/pdf", REJECTED),
    "pdf that bites its tail": (assembled(CIRCULAR), "application/pdf", REJECTED),
    "pdf nested too deep": (assembled(DEEP), "application/pdf", REJECTED),
    "pdf with a script": (assembled(SCRIPTED), "application/pdf", REJECTED),
    "pdf that starts a program": (assembled(LAUNCHING), "application/pdf", REJECTED),
    "pdf with a password": (assembled(PLAIN, b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>"), "application/pdf", REJECTED),
    "pdf whose parser raises": (b"%PDF-1.7\n1 0 obj\n<</Type" + b"\xff" * 300 + b"\nstartxref\n9\n%%EOF\n", "application/pdf", REJECTED),
    "eleven megabytes": (b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), "image/jpeg", (413, "upload.too_large")),
}


async def announced(door: HttpHall, path: str, size: int) -> tuple[int, str]:
    """The answer to a head that announces a body of `size` bytes: it comes before any of them is sent."""
    reader, writer = await asyncio.open_connection(door.web.base_url.host, door.web.base_url.port)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.tokens['zhang']}\r\nContent-Length: {size}\r\n\r\n"
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), str(msgspec.json.decode(body)["error"]["code"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_uploads(door: HttpHall) -> None:
    case_id = await draft(door)
    path = f"/api/citizen/cases/{case_id}/materials/M06"
    async with nothing_left(door.house):
        for name, (data, declared, expected) in BAD_FILES.items():
            assert await door.refused("zhang", "POST", path, files={"file": ("店.jpg", data, declared)}) == expected, name
        assert await door.refused("zhang", "POST", path, files={"other": ("a.jpg", photo(), "image/jpeg")}) == (422, "upload.missing")
        assert await door.refused("zhang", "POST", path, json={"file": "x"}) == (422, "upload.missing")
        assert await door.refused("zhang", "POST", path) == (422, "upload.missing")
        for body in (
            b"",
            b"--x",
            b"--x\r\n\r\n",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
            b"\x00" * 99,
        ):
            headers = {"content-type": "multipart/form-data; boundary=x"}
            status, code = await door.refused("zhang", "POST", path, content=body, headers=headers)
            assert (status, code) in {(422, "upload.missing"), REJECTED, (400, "request.malformed")}, body
        for kind in (
            "multipart/form-data",
            "multipart/form-data; boundary=",
            'multipart/form-data; boundary="',
            "application/x-www-form-urlencoded",
        ):
            status, _ = await door.refused("zhang", "POST", path, content=b"file=abc", headers={"content-type": kind})
            assert status in {400, 415, 422}, kind
        unknown = f"/api/citizen/cases/{case_id}/materials/M99"
        assert await door.refused("zhang", "POST", unknown, files={"file": ("a.jpg", photo(), "image/jpeg")}) == (
            422,
            "case.unknown_material",
        )
        assert await announced(door, path, 13 * 1024 * 1024) == (413, "request.too_large")
    # A name from hell is only a name.
    name = "../../etc/\u202egpj.\x7f" + "长" * 400 + ".jpg"
    await door.done("zhang", "POST", path, files={"file": (name, photo(), "image/jpeg")})
    assert await CaseMaterial.filter(case_id=case_id).count() == 1


MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"5",
    b'"x"',
    b"{}",
    b'{"item_code": 1, "answers": {}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": []}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"a": {"b": 1}}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"a": [1]}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"a": NaN}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"a": 1e999}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"area_sqm": 99999999999999999999999999999}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {}, "owner_id": "account_x"}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"\\u0000": 1}}',
    b'{"item_code": "11519900MB1A2C345F351013101600\\u0000", "answers": {}}',
    b'{"item_code": "11519900MB1A2C345F3510131016001", "answers": {"premises": "re\\u0000nt"}}',
    b'{"item_code": "\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800", "answers": {}}',
    b'{"item_code": "\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe", "answers": {}}',
    b"\xef\xbb\xbf{}",
    b"[" * 100 + b"]" * 100,
    b"[" * 900 + b"]" * 900,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 450 + b"1" + b"}" * 450,
    b'{"a":' * 700 + b"1" + b"}" * 700,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
)


async def test_json(door: HttpHall) -> None:
    """Malformed, too deep, of wrong types, with NULs, with fields nobody asked for."""
    case_id = await draft(door)
    places = [("POST", "/api/citizen/cases"), ("PUT", f"/api/citizen/cases/{case_id}/form"), ("POST", "/api/citizen/invitations")]
    async with nothing_left(door.house):
        for body in MALFORMED:
            for key in ({}, {"idempotency-key": "k1"}):
                headers = {"content-type": "application/json", **key}
                assert await door.refused("zhang", *places[0], content=body, headers=headers) == INVALID, body[:80]
            for method, path in places[1:]:
                if body != b"{}":
                    assert await door.refused("zhang", method, path, content=body) == INVALID, (path, body[:80])
        form = places[1][1]
        unfit: list[dict[str, Any]] = [
            {"seats": "x\u0000y"},
            {"": 1},
            {"password": 1},
            {"seats": 10**16},
            {"shop_name": "长" * 501},
            {"seats": {}},
            {"seats": []},
        ]
        for values in unfit:
            assert await door.refused("zhang", "PUT", form, json={"values": values}) == INVALID, values
        good = {field: getattr(DELIVERY, field) for field in DELIVERY.__struct_fields__}
        for change in ({"phone": "110"}, {"phone": ""}, {"address": "长" * 201}, {"name": None}, {"street": "x"}, {"county": "\u0007"}):
            status, _ = await door.refused("zhang", "PUT", form, json={"delivery": {**good, **change}})
            assert status == 422, change


async def test_ids_and_queries(door: HttpHall) -> None:
    """Unknown and foreign ids, addresses that are none, queries of the wrong kind, keys that are too long."""
    mine = await draft(door)
    async with nothing_left(door.house):
        assert await door.refused("zhang", "GET", f"/api/citizen/cases/case_{'0' * 200}") == INVALID
        strange = ("x", new_id("case"), "a%00b", "%F0%A0%AE%B7", "1%27%20OR%201=1", "..%2f..%2f", "%25", "%ED%A0%80", "%FF%FE")
        for text in strange:
            assert await door.refused("zhang", "GET", f"/api/citizen/cases/{text}") == NOT_FOUND, text
            assert (
                await door.refused("zhang", "POST", f"/api/citizen/cases/{text}/submit", headers={"idempotency-key": "k"}) == NOT_FOUND
            ), text
        assert await door.refused("wang", "GET", f"/api/citizen/cases/{mine}") == NOT_FOUND
        assert await door.refused("wang", "POST", f"/api/citizen/cases/{mine}/withdraw") == NOT_FOUND
        too_long = {"idempotency-key": "k" * 129}
        assert await door.refused("zhang", "POST", f"/api/citizen/cases/{mine}/submit", headers=too_long) == INVALID
        for query in ("?application_id=", "?application_id=%00", "", "?application_id=" + "x" * 49):
            assert await door.refused("zhang", "GET", f"/api/citizen/verifications{query}") == INVALID, query
        assert await door.refused("zhang", "POST", "/api/citizen/invitations", json={"code": "A" * 24}) == (404, "case.invitation_invalid")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_has_run_out(door: HttpHall) -> None:
    """An invitation, a face check and a session after their time."""
    case_id = await draft(door)
    invite = {"role": "shareholder", "name": "李娜", "id_number": "500103199807220025"}
    code = (await door.done("zhang", "POST", f"/api/citizen/cases/{case_id}/parties", json=invite))["code"]
    await door.done("zhang", "PUT", "/api/citizen/face-consent", json={"version": VERSION})
    wanted = {"purpose": "sign", "application_id": case_id, "consent_version": VERSION, "document_sha256": "a" * 64}
    check = await door.done("zhang", "POST", "/api/citizen/verifications", json=wanted)
    door.house.clock.advance(seconds=181)
    film = {"files": {"clip": ("1.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(64), "video/mp4")}, "data": {"nonce": check["nonce"]}}
    async with nothing_left(door.house):
        path = f"/api/citizen/verifications/{check['id']}"
        status, error = await door.refused("zhang", "POST", f"{path}/clip-challenge")
        assert status in {409, 410} and error == "identity.verification_expired"
        status, error = await door.refused("zhang", "POST", f"{path}/clip", **film)
        assert (status, error) == (409, "identity.clip_not_asked")
        assert (await door.refused("zhang", "POST", f"{path}/assertion"))[1] == "identity.not_accepted"
    door.house.clock.advance(days=INVITATION_DAYS)
    async with nothing_left(door.house):
        for who in ("zhang", "li"):
            assert (await door.refused(who, "GET", "/api/citizen/cases"))[0] == 401
    door.tokens["li"] = (
        await door.done(None, "POST", "/api/open/login/wechat", json={"code": await login_code(door.house.sandbox, "li_na")})
    )["token"]
    async with nothing_left(door.house):
        assert await door.refused("li", "POST", "/api/citizen/invitations", json={"code": code}) == (404, "case.invitation_invalid")


async def test_a_key_that_was_used_for_something_else(door: HttpHall) -> None:
    body = {"item_code": CATERING_CODE, "answers": catering_answers()}
    headers = {"idempotency-key": "the-same"}
    first = await door.done("zhang", "POST", "/api/citizen/cases", json=body, headers=headers)
    async with nothing_left(door.house):
        assert (await door.done("zhang", "POST", "/api/citizen/cases", json=body, headers=headers))["id"] == first["id"]
        other = {**body, "answers": catering_answers(area_sqm=50)}
        refused = await door.refused("zhang", "POST", "/api/citizen/cases", json=other, headers=headers)
        assert refused == (422, "request.idempotency_key_reused")
    # The same key of somebody else is another key.
    await door.done("li", "POST", "/api/citizen/cases", json=body, headers=headers)
    assert await Case.all().count() == 2


async def test_wechat_s_pushes(door: HttpHall) -> None:
    """Proven by the token before they are read; a replay is answered like the first and kept once."""
    body = b"<xml><FromUserName>o1</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>x</Event><MsgId>7</MsgId></xml>"
    stamp = str(int(time.time()))
    right = {"signature": signature(WECHAT_TOKEN, stamp, "n1"), "timestamp": stamp, "nonce": "n1"}
    wrong = [
        {},
        {**right, "signature": ""},
        {**right, "signature": right["signature"].upper()},
        {**right, "signature": "签名"},
        {**right, "nonce": "n2"},
        {**right, "timestamp": "1"},
        {**right, "signature": signature("another token", stamp, "n1")},
        {**right, "signature": signature("", stamp, "n1")},
    ]
    async with nothing_left(door.house):
        for params in wrong:
            assert await door.refused(None, "POST", "/wechat/callback", params=params, content=body) == (403, "wechat.signature_wrong"), (
                params
            )
            assert await door.refused(None, "GET", "/wechat/callback", params=params) == (403, "wechat.signature_wrong"), params
        for content in (
            b"",
            b"{",
            b"<xml>",
            b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>",
            b"[1]",
            b"\xff",
            b"[" * 99_999,
            b"<a>" * 20_000,
        ):
            answer = await door.refused(None, "POST", "/wechat/callback", params=right, content=content)
            assert answer == (422, "wechat.message_unreadable"), content[:40]
    assert (await door.send(None, "GET", "/wechat/callback", params={**right, "echostr": "hello"})).text == "hello"
    assert (await door.send(None, "POST", "/wechat/callback", params=right, content=body)).text == "success"
    async with nothing_left(door.house):
        assert (await door.send(None, "POST", "/wechat/callback", params=right, content=body)).text == "success"
    assert await CallbackReceipt.all().count() == 1


async def test_ems_s_pushes(door: HttpHall) -> None:
    """A push that is not sealed with our key leaves nothing; a replayed one is kept once."""
    case = await door.house.waved_through("granted")
    await door.house.deliver_outbox()
    (parcel,) = await door.house.parcels.of_case(case.id)
    path = "/callbacks/express/ems"
    async with nothing_left(door.house):
        for kind in ("wrong", "missing"):
            pushed = await lever(door.house.sandbox, f"ems/{parcel.waybill_no}/pick_up", {"signature": kind})
            assert pushed["pushes"] == [403], pushed
        for content in (
            b"",
            b"{}",
            b"[]",
            b"\xff",
            b"[" * 99_999,
            b'{"senderNo":"1100000000001","logitcsInterface":"|$4|AAAA"}',
            b"x" * 300_000,
        ):
            assert await door.refused(None, "POST", path, content=content) == (403, "express.push_forged"), content[:40]
        assert await door.refused(None, "POST", "/callbacks/express/nobody", content=b"{}") == NOT_FOUND
    pushed = await lever(door.house.sandbox, f"ems/{parcel.waybill_no}/depart", {"copies": 3})
    assert pushed["pushes"] == [200, 200, 200]
    assert await CarrierPush.filter(parcel_id=parcel.id).count() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_stranger_s_files_and_codes(door: HttpHall) -> None:
    """What anybody may bring to be judged is judged, never kept, never a mistake of ours."""
    hostile: list[Any] = [data for data, _, _ in BAD_FILES.values() if 0 < len(data) < 10**6]
    await door.done(None, "GET", "/api/open/trust-list")  # the first question publishes it
    async with nothing_left(door.house):
        for data in hostile:
            report = (await door.done(None, "POST", "/api/open/verify/file", files={"file": ("a", data, "x/y")}))["report"]
            assert report["verdict"] != "TOTAL_PASSED"
        assert await door.refused(None, "POST", "/api/open/verify/file", files={"file": ("a", b"", "x/y")}) == (422, "upload.missing")
        for text in ("x", "https://hall.example/v#", "https://hall.example/v#" + "9" * 3000, "签" * 100):
            report = (await door.done(None, "POST", "/api/open/verify/code", json={"code": text}))["report"]
            assert report["verdict"] != "TOTAL_PASSED"
        assert await door.refused(None, "POST", "/api/open/verify/code", json={"code": "9" * 8001}) == INVALID
        assert await door.refused(None, "GET", "/api/open/status-lists/nobody-1") == NOT_FOUND
        for name in ("0000000000000000.crl", "x", ".crl"):
            assert await door.refused(None, "GET", f"/api/open/crls/{name}") == (404, "esign.key_unknown")
