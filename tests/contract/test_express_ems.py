"""R60: the real EMS adapter against the stand-in EMS, over HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from core.clock import BEIJING, ManualClock
from core.errors import UpstreamUnavailable
from core.http.client import HttpClient
from core.sm4 import BadCiphertext, ecb_decrypt, ecb_encrypt
from express.carriers import ems_mapping as mapping
from express.carriers.ems import Ems
from express.config import ExpressConfig
from express.errors import CarrierRefused, CarrierUnclear, PushForged
from express.ports import OrderRequest, Recipient, TrackStatus
from sandbox.app import RunningSandbox
from tests.factories.sandbox import break_next, lever, running_sandbox

PATH = "/amp-prod-api/f/amp/api/test"
TO = Recipient("𠮷祥云", "19900000004", "四川省", "成都市", "武侯区", "示例路2号3栋401")
ORDER = OrderRequest("ZT0001", datetime(2026, 11, 23, 9, tzinfo=BEIJING), TO, "证照文件")
CONFIG = ExpressConfig()


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def ems(sandbox: RunningSandbox, clock: ManualClock) -> AsyncIterator[Ems]:
    http = HttpClient("ems", sandbox.base_url, timeout=1)
    yield Ems(CONFIG, http, clock)
    await http.close()


def test_sm4_example_of_the_standard() -> None:
    """GB/T 32907-2016, appendix A.1; the second block is the padding."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert ecb_encrypt(key, key)[:16].hex() == "681edf34d206965e86b3e94f536e4246"
    assert ecb_decrypt(key, ecb_encrypt(key, b"")) == b""
    for bad in (b"", b"short", bytes(16)):
        with pytest.raises(BadCiphertext):
            ecb_decrypt(key, bad)


async def test_one_order_number_is_one_parcel(sandbox: RunningSandbox, ems: Ems) -> None:
    first = await ems.order(ORDER)
    assert await ems.order(ORDER) == first
    assert await ems.order(replace(ORDER, order_no="ZT0002")) != first
    assert len(sandbox.state.parcels) == 2


async def test_accepted_but_no_reply_then_a_retry_is_one_waybill(sandbox: RunningSandbox, ems: Ems) -> None:
    await break_next(sandbox, PATH, "accepted_no_reply")
    with pytest.raises(UpstreamUnavailable):
        await ems.order(ORDER)
    waybill_no = await ems.order(ORDER)
    assert list(sandbox.state.parcels) == [waybill_no]


@pytest.mark.parametrize(("kind", "error"), [("502", UpstreamUnavailable), ("truncated", CarrierUnclear), ("errcode", CarrierUnclear)])
async def test_a_broken_answer_is_no_waybill(sandbox: RunningSandbox, ems: Ems, kind: str, error: type[Exception]) -> None:
    await break_next(sandbox, PATH, kind)
    with pytest.raises(error):
        await ems.order(ORDER)


async def test_wrong_key_or_customer_is_refused(sandbox: RunningSandbox, clock: ManualClock) -> None:
    http = HttpClient("ems", sandbox.base_url)
    other_key = base64.b64encode(b"another 16 bytes").decode()
    for config in (replace(CONFIG, ems_sign_key=other_key), replace(CONFIG, ems_authorization="wrong"), replace(CONFIG, ems_sender_no="1")):
        with pytest.raises(CarrierRefused):
            await Ems(config, http, clock).order(ORDER)
    assert not sandbox.state.parcels
    await http.close()


async def test_an_order_without_an_address_is_refused(ems: Ems) -> None:
    with pytest.raises(CarrierRefused):
        await ems.order(replace(ORDER, recipient=Recipient("张伟", "19900000001", "四川省", "成都市", "锦江区", "")))


async def test_track_and_cancel(sandbox: RunningSandbox, ems: Ems) -> None:
    waybill_no = await ems.order(ORDER)
    assert await ems.track(waybill_no) == []
    await lever(sandbox, f"ems/{waybill_no}/pick_up")
    await lever(sandbox, f"ems/{waybill_no}/lose")
    assert [event.status for event in await ems.track(waybill_no)] == [TrackStatus.PICKED_UP, TrackStatus.UNKNOWN]
    with pytest.raises(CarrierRefused):
        await ems.cancel(ORDER.order_no, waybill_no)
    other = await ems.order(replace(ORDER, order_no="ZT0003"))
    await ems.cancel("ZT0003", other)
    assert sandbox.state.parcels[other].state == "cancelled"
    with pytest.raises(CarrierRefused):
        await ems.track("1200000000000")


async def test_the_label_is_a_pdf_without_a_pickup_code(sandbox: RunningSandbox, ems: Ems) -> None:
    waybill_no = await ems.order(ORDER)
    form = {"apiCode": "010004", "senderNo": CONFIG.ems_sender_no, "authorization": CONFIG.ems_authorization}
    form["logitcsInterface"] = mapping.seal({"waybillNo": waybill_no, "type": "129"}, CONFIG.ems_sign_key)
    async with httpx.AsyncClient(base_url=sandbox.base_url) as client:
        answer = (await client.post(PATH, data=form)).json()
    label = base64.b64decode(answer["retBody"])
    assert label.startswith(b"%PDF-1.4") and waybill_no.encode() in label


async def test_waybills_survive_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    for _ in range(2):
        async with running_sandbox(state_path=tmp_path / "sandbox.json") as running:
            http = HttpClient("ems", running.base_url)
            await Ems(CONFIG, http, clock).order(ORDER)
            await http.close()
            assert len(running.state.parcels) == 1


def push_body(**changes: object) -> bytes:
    item = {"waybillNo": "1200000000001", "opCode": "704", "opTime": "2026-11-23 10:00:00", "opOrgCity": "重庆市"}
    envelope = {"method": "040002", "senderNo": CONFIG.ems_sender_no, "serialNo": "A1", "timeStamp": "2026-11-23 10:00:01"}
    envelope["logitcsInterface"] = mapping.seal(item, CONFIG.ems_sign_key)
    return json.dumps({**envelope, **changes}).encode()


async def test_a_genuine_push_is_read(ems: Ems) -> None:
    push = ems.parse_push({}, push_body())
    assert [(event.status, event.place) for event in push.events] == [(TrackStatus.DELIVERED, "重庆市")]
    assert push.events[0].occurred_at == datetime(2026, 11, 23, 10, tzinfo=BEIJING)
    assert json.loads(push.answer) == {"serialNo": "A1", "code": "00000", "codeMessage": "成功", "senderNo": CONFIG.ems_sender_no}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"{" * 10_000,
        push_body(senderNo="another"),
        push_body(method="020003"),
        push_body(logitcsInterface=""),
        push_body(logitcsInterface="|$4|AAAA"),
        push_body(logitcsInterface=mapping.seal({}, base64.b64encode(b"another 16 bytes").decode())),
        push_body(logitcsInterface=mapping.seal({"waybillNo": "1200000000001", "opCode": "704"}, CONFIG.ems_sign_key)),
        push_body(logitcsInterface=mapping.seal("text", CONFIG.ems_sign_key).replace("|$4|", "")),
        push_body(
            logitcsInterface="|$4|" + base64.b64encode(ecb_encrypt(mapping.sm4_key(CONFIG.ems_sign_key), b'{"waybillNo":"1"}')).decode()
        ),
    ],
)
async def test_a_push_that_does_not_prove_itself_is_refused(ems: Ems, body: bytes) -> None:
    with pytest.raises(PushForged):
        ems.parse_push({}, body)


def test_a_code_that_we_do_not_know_stays_unknown() -> None:
    item = {"waybillNo": "1200000000001", "opCode": "X_42", "opTime": "2026-11-23 10:00:00"}
    assert mapping.event_from(item).status is TrackStatus.UNKNOWN


async def test_check_names_a_bad_key(clock: ManualClock) -> None:
    http = HttpClient("ems", "http://127.0.0.1:9")
    for bad in ("", "not base64!", "c2hvcnQ="):
        with pytest.raises(ValueError):
            await Ems(replace(CONFIG, ems_sign_key=bad), http, clock).check()
    await Ems(CONFIG, http, clock).check()
    await http.close()
