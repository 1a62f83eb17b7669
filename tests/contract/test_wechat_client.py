"""R58: the real client against the stand-in WeChat, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.cache import MemoryCache
from core.http.client import HttpClient
from sandbox.app import RunningSandbox
from tests.factories.sandbox import break_next, lever, login_code, running_sandbox
from wechat.client import WechatClient
from wechat.config import WechatConfig
from wechat.errors import (
    CodeInvalid,
    CodeUsed,
    MessageRefused,
    Misconfigured,
    RecipientUnknown,
    TokenStuck,
    UnknownAnswer,
    UserBlocked,
    WechatBusy,
    WechatTooMany,
)
from wechat.login import code_to_session

SESSION, TOKEN, SEND = "/sns/jscode2session", "/cgi-bin/stable_token", "/cgi-bin/message/subscribe/send"
OPENID = "oSandbox000000000000zhangwei"
FIELDS = {"thing1": "小餐饮备案", "phrase2": "已办结", "time3": "2026-11-23 09:00", "character_string4": "2026112300001"}
MESSAGE = {"touser": OPENID, "template_id": "sandbox_case_progress", "data": {name: {"value": value} for name, value in FIELDS.items()}}


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox() as running:
        yield running


async def no_wait(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def client(sandbox: RunningSandbox) -> AsyncIterator[WechatClient]:
    config = WechatConfig(base_url=sandbox.base_url)
    http = HttpClient("wechat", sandbox.base_url, timeout=2)
    yield WechatClient(config, http, MemoryCache(), sleep=no_wait)
    await http.close()


def calls(sandbox: RunningSandbox, path: str) -> int:
    return sum(line["path"] == path for line in sandbox.state.journal)


async def test_a_code_becomes_a_session_once(sandbox: RunningSandbox, client: WechatClient) -> None:
    code = await login_code(sandbox, "张伟")
    session = await code_to_session(client, code)
    assert (session.openid, len(session.session_key)) == (OPENID, 16)
    assert OPENID not in repr(session)
    with pytest.raises(CodeUsed):
        await code_to_session(client, code)


async def test_an_expired_or_invented_code_is_invalid(sandbox: RunningSandbox, client: WechatClient) -> None:
    code = await login_code(sandbox, "李娜")
    await lever(sandbox, "clock", {"advance_seconds": 301})
    with pytest.raises(CodeInvalid):
        await code_to_session(client, code)
    with pytest.raises(CodeInvalid):
        await code_to_session(client, "0a1b2c3d4e5f")


@pytest.mark.parametrize("code", ["", "short", "有汉字的登录凭证", "a b c d e f g", "x" * 257, "abcdefgh\n"])
async def test_a_code_of_impossible_shape_is_not_even_sent(sandbox: RunningSandbox, client: WechatClient, code: str) -> None:
    with pytest.raises(CodeInvalid):
        await code_to_session(client, code)
    assert calls(sandbox, SESSION) == 0


@pytest.mark.parametrize(
    ("errcode", "error"),
    [
        (-1, WechatBusy),
        (40226, UserBlocked),
        (45011, WechatTooMany),
        (40125, Misconfigured),
        (40013, Misconfigured),
        (99999, UnknownAnswer),
    ],
)
async def test_errcodes_become_our_errors(sandbox: RunningSandbox, client: WechatClient, errcode: int, error: type[Exception]) -> None:
    code = await login_code(sandbox, "张伟")
    await break_next(sandbox, SESSION, "errcode", 9, errcode=errcode)
    with pytest.raises(error):
        await code_to_session(client, code)


async def test_a_busy_wechat_is_asked_again_and_the_code_survives(sandbox: RunningSandbox, client: WechatClient) -> None:
    code = await login_code(sandbox, "张伟")
    await break_next(sandbox, SESSION, "errcode", 2, errcode=-1)
    assert (await code_to_session(client, code)).openid == OPENID
    assert calls(sandbox, SESSION) == 3


@pytest.mark.parametrize("kind", ["502", "accepted_no_reply"])
async def test_a_lost_answer_is_busy_and_not_repeated(sandbox: RunningSandbox, client: WechatClient, kind: str) -> None:
    code = await login_code(sandbox, "张伟")
    await break_next(sandbox, SESSION, kind)
    with pytest.raises(WechatBusy):
        await code_to_session(client, code)
    assert calls(sandbox, SESSION) == 1


async def test_a_timeout_is_busy(sandbox: RunningSandbox) -> None:
    http = HttpClient("wechat", sandbox.base_url, timeout=0.2)
    impatient = WechatClient(WechatConfig(base_url=sandbox.base_url), http, MemoryCache())
    await break_next(sandbox, SESSION, "timeout", delay_seconds=1)
    with pytest.raises(WechatBusy):
        await code_to_session(impatient, await login_code(sandbox, "张伟"))
    await http.close()


async def test_a_truncated_answer_is_unknown(sandbox: RunningSandbox, client: WechatClient) -> None:
    code = await login_code(sandbox, "张伟")
    await break_next(sandbox, SESSION, "truncated")
    with pytest.raises(UnknownAnswer):
        await code_to_session(client, code)


async def test_cold_callers_fetch_one_token(sandbox: RunningSandbox, client: WechatClient) -> None:
    tokens = await asyncio.gather(*(client.token() for _ in range(64)))
    assert len(set(tokens)) == 1
    assert calls(sandbox, TOKEN) == 1


async def test_a_revoked_token_is_refreshed_once_and_no_call_fails(sandbox: RunningSandbox, client: WechatClient) -> None:
    await lever(sandbox, "wechat/accept", {"person": "张伟", "template_id": "sandbox_case_progress", "times": 21})
    await client.post(SEND, MESSAGE)
    sandbox.state.tokens.clear()
    await asyncio.gather(*(client.post(SEND, MESSAGE) for _ in range(20)))
    assert calls(sandbox, TOKEN) == 2
    assert len(sandbox.state.sent_messages) == 21


async def test_a_token_that_is_always_refused_stops_after_two_calls(sandbox: RunningSandbox, client: WechatClient) -> None:
    await client.token()
    await break_next(sandbox, SEND, "errcode", 50, errcode=40001)
    with pytest.raises(TokenStuck):
        await client.post(SEND, MESSAGE)
    # stable_token gave the refused token again: asking with it a second time would be pointless.
    assert (calls(sandbox, SEND), calls(sandbox, TOKEN)) == (1, 2)


async def test_a_fresh_token_that_is_refused_too_stops_after_two_calls(sandbox: RunningSandbox, client: WechatClient) -> None:
    await client.token()
    sandbox.state.tokens.clear()
    await break_next(sandbox, SEND, "errcode", 50, errcode=42001)
    with pytest.raises(TokenStuck):
        await client.post(SEND, MESSAGE)
    assert (calls(sandbox, SEND), calls(sandbox, TOKEN)) == (2, 2)


async def test_one_acceptance_is_one_message(sandbox: RunningSandbox, client: WechatClient) -> None:
    with pytest.raises(MessageRefused):
        await client.post(SEND, MESSAGE)
    await lever(sandbox, "wechat/accept", {"person": "zhang_wei", "template_id": "sandbox_case_progress"})
    await client.post(SEND, MESSAGE)
    with pytest.raises(MessageRefused):
        await client.post(SEND, MESSAGE)
    with pytest.raises(RecipientUnknown):
        await client.post(SEND, {**MESSAGE, "touser": "oNobody"})


async def test_the_journal_holds_no_secret(sandbox: RunningSandbox, client: WechatClient) -> None:
    code = await login_code(sandbox, "张伟")
    await code_to_session(client, code)
    token = await client.token()
    text = str(list(sandbox.state.journal))
    assert all(secret not in text for secret in (code, token, OPENID, "sandbox-wechat-secret"))
