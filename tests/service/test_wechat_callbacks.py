"""R58: pushes are proven before they are read, and kept once. The genuine ones are WeChat's own examples."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from core.clock import ManualClock
from core.crypto import FieldCipher
from core.db import Database
from core.models import OutboxEvent
from wechat.callbacks import CallbackQuery, WechatCallbacks, kind_of, read_message
from wechat.config import WechatConfig
from wechat.crypto import encrypt, signature
from wechat.errors import MessageUnreadable, SignatureWrong
from wechat.models import CallbackReceipt

OFFICIAL: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "wechat_message.json").read_text("utf-8"))["official"]
CASES = {case["name"]: case for case in OFFICIAL["cases"]}
TOKEN, KEY, APPID = OFFICIAL["token"], OFFICIAL["encoding_aes_key"], OFFICIAL["appid"]
SECURE = WechatConfig(appid=APPID, token=TOKEN, aes_key=KEY)
PLAIN = WechatConfig(appid=APPID, token=TOKEN)


def callbacks(config: WechatConfig, clock: ManualClock) -> WechatCallbacks:
    return WechatCallbacks(config, clock=clock, cipher=FieldCipher({"k1": b"\x07" * 32}, "k1"))


def query_of(name: str, **changes: str) -> CallbackQuery:
    case = CASES[name]
    names = ("signature", "msg_signature", "timestamp", "nonce", "echostr")
    return CallbackQuery(**{field: case[field] for field in names if field in case} | changes)


def secure_body(encrypted: str = CASES["secure_post"]["encrypt"]) -> bytes:
    return json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": encrypted}).encode()


def altered(text: str, place: int) -> str:
    return text[:place] + ("1" if text[place] != "1" else "2") + text[place + 1 :]


def test_echo(clock: ManualClock) -> None:
    service = callbacks(SECURE, clock)
    assert service.echo(query_of("url_verify_get")) == CASES["url_verify_get"]["expect_body"]
    for field in ("signature", "timestamp", "nonce"):
        with pytest.raises(SignatureWrong):
            service.echo(query_of("url_verify_get", **{field: altered(CASES["url_verify_get"][field], 3)}))
    with pytest.raises(SignatureWrong):
        callbacks(WechatConfig(appid=APPID), clock).echo(CallbackQuery(signature("", "1", "2"), "", "1", "2", "x"))


async def test_the_genuine_secure_push_is_kept_once(database: Database, clock: ManualClock) -> None:
    service = callbacks(SECURE, clock)
    answers = await asyncio.gather(*(service.receive(query_of("secure_post"), secure_body()) for _ in range(8)))
    assert [answer.is_new for answer in answers].count(True) == 1
    assert len({answer.receipt_id for answer in answers}) == 1
    row = await CallbackReceipt.get()
    assert row.kind == "event.debug_demo"
    assert b"o9AgO5Kd5ggOC" not in bytes(row.message)
    assert await OutboxEvent.all().count() == 1


@pytest.mark.parametrize("field", ["msg_signature", "timestamp", "nonce"])
async def test_one_changed_character_is_refused_and_leaves_nothing(database: Database, clock: ManualClock, field: str) -> None:
    with pytest.raises(SignatureWrong):
        await callbacks(SECURE, clock).receive(query_of("secure_post", **{field: altered(CASES["secure_post"][field], 5)}), secure_body())
    assert await CallbackReceipt.all().count() == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"\xff", b"<xml>", secure_body(altered(CASES["secure_post"]["encrypt"], 40)), secure_body(""), b"{" * 5000],
)
async def test_a_changed_body_is_refused_and_leaves_nothing(database: Database, clock: ManualClock, body: bytes) -> None:
    with pytest.raises(SignatureWrong):
        await callbacks(SECURE, clock).receive(query_of("secure_post"), body)
    assert await CallbackReceipt.all().count() == 0


async def test_the_three_value_signature_does_not_open_secure_mode(database: Database, clock: ManualClock) -> None:
    """It comes with every push but does not cover the message: with it, anybody's body would pass."""
    service = callbacks(SECURE, clock)
    plain = b'{"MsgType":"event","Event":"forged","FromUserName":"o1","CreateTime":1}'
    for query in (query_of("secure_post", msg_signature=""), query_of("secure_post", msg_signature=CASES["secure_post"]["signature"])):
        with pytest.raises(SignatureWrong):
            await service.receive(query, plain)
        with pytest.raises(SignatureWrong):
            await service.receive(query, secure_body())
    assert await CallbackReceipt.all().count() == 0


async def test_a_message_for_another_appid_is_refused(database: Database, clock: ManualClock) -> None:
    sealed = encrypt(KEY, "wx1111111111111111", b"{}")
    query = CallbackQuery("", signature(TOKEN, "1", "2", sealed), "1", "2")
    with pytest.raises(SignatureWrong):
        await callbacks(SECURE, clock).receive(query, secure_body(sealed))


async def test_plain_json_and_xml(database: Database, clock: ManualClock) -> None:
    service = callbacks(PLAIN, clock)
    query = query_of("plaintext_post")
    xml = b"<xml><MsgType><![CDATA[text]]></MsgType><MsgId>42</MsgId><Content><![CDATA[\xe4\xbd\xa0\xe5\xa5\xbd]]></Content></xml>"
    assert (await service.receive(query, xml)).is_new
    assert not (await service.receive(query, b'{"MsgType":"text","MsgId":"42","Content":"again"}')).is_new
    with pytest.raises(SignatureWrong):
        await service.receive(query_of("plaintext_post", nonce="1"), xml)
    assert await CallbackReceipt.all().count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><xml><A>&a;</A></xml>",
        b"<xml><![CDATA[<!]]><!ENTITY a 'b'></xml>",
        b"<xml><A></xml>",
        b"nonsense",
        b'"text"',
        b'{"a":' + b"[" * 30_000,
        b"{" + b" " * 70_000 + b"}",
    ],
)
def test_unreadable_messages(body: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        read_message(body)


def test_a_kind_is_a_plain_word() -> None:
    assert kind_of({"MsgType": "event", "Event": "wxa_media_check"}) == "event.wxa_media_check"
    assert kind_of({"MsgType": "<script>" + "x" * 100})[:6] == "script"
    assert len(kind_of({"MsgType": "x" * 100})) == 64
    assert kind_of({}) == "unknown"
