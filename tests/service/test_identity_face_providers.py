"""What is particular to WeChat's face verification and to the remote service."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import msgspec
import pytest

from core.clock import ManualClock
from core.errors import UpstreamUnavailable
from identity.liveness.providers import wechat_face
from identity.liveness.providers.breaker import Breaker
from identity.liveness.providers.errors import ProviderNeedsWechat, ProviderUnavailable
from identity.liveness.providers.ports import ProviderTicket
from tests.factories.face_providers import Provided, provided, subject
from tests.factories.sandbox import break_next


@pytest.fixture
async def wechat(clock: ManualClock) -> AsyncIterator[Provided]:
    async with provided("wechat", clock) as ready:
        yield ready


@pytest.fixture
async def remote(clock: ManualClock) -> AsyncIterator[Provided]:
    async with provided("remote", clock) as ready:
        yield ready


async def begun(given: Provided) -> ProviderTicket:
    return await given.provider.begin(subject(), secrets.token_hex(16))


def test_the_digest_of_the_document_is_as_wechat_publishes_it() -> None:
    """The worked example of queryVerifyInfo's page."""
    expected = "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b"
    assert wechat_face.cert_hash("张三", "310101199801011234") == expected


@pytest.mark.parametrize("errcode", [-1, 45009, 45011, 48001])
async def test_a_busy_or_exhausted_wechat_says_nothing_about_the_person(wechat: Provided, errcode: int) -> None:
    ticket = await begun(wechat)
    await break_next(wechat.sandbox, wechat.words.result, "errcode", errcode=errcode)
    with pytest.raises(UpstreamUnavailable):
        await wechat.provider.result(ticket.ticket)


async def test_an_errcode_nobody_knows_is_for_a_clerk(wechat: Provided) -> None:
    ticket = await begun(wechat)
    await break_next(wechat.sandbox, wechat.words.result, "errcode", errcode=84099)
    result = await wechat.provider.result(ticket.ticket)
    assert (result.state, result.reasons, result.provider_code) == ("review", ("PROVIDER_UNSURE",), "errcode:84099")


@pytest.mark.parametrize("errcode", [-1, 40003, 45009, 84002, 99999])
async def test_no_errcode_begins_anything(wechat: Provided, errcode: int) -> None:
    await break_next(wechat.sandbox, wechat.words.begin, "errcode", errcode=errcode)
    with pytest.raises(UpstreamUnavailable):
        await begun(wechat)


async def test_a_revoked_token_is_refreshed_once(wechat: Provided) -> None:
    ticket = await begun(wechat)
    wechat.sandbox.state.tokens.clear()
    assert (await wechat.provider.result(ticket.ticket)).state == "passed"
    await break_next(wechat.sandbox, wechat.words.result, "errcode", 9, errcode=42001)
    before = wechat.calls(wechat.words.result)
    with pytest.raises(UpstreamUnavailable):
        await wechat.provider.result(ticket.ticket)
    assert wechat.calls(wechat.words.result) - before <= 2


async def test_another_persons_openid_or_number_does_not_get_the_result(wechat: Provided) -> None:
    held = msgspec.json.decode((await begun(wechat)).ticket)
    for wrong in ({"openid": subject("李娜").openid}, {"cert_hash": wechat_face.cert_hash("李娜", subject("李娜").id_number)}):
        result = await wechat.provider.result(msgspec.json.encode({**held, **wrong}).decode())
        assert (result.state, result.provider_code) == ("review", "errcode:84001")


async def test_wechat_is_asked_once_and_needs_an_openid(wechat: Provided) -> None:
    ticket = await begun(wechat)
    await break_next(wechat.sandbox, wechat.words.result, "502")
    with pytest.raises(UpstreamUnavailable):
        await wechat.provider.result(ticket.ticket)
    assert wechat.calls(wechat.words.result) == 1
    with pytest.raises(ProviderNeedsWechat):
        await wechat.provider.begin(subject(openid=None), secrets.token_hex(16))


async def test_what_may_be_repeated_survives_one_lost_answer(remote: Provided) -> None:
    await break_next(remote.sandbox, remote.words.begin, "accepted_no_reply")
    ticket = await begun(remote)
    assert len(remote.sandbox.state.face_sessions) == 1
    await break_next(remote.sandbox, remote.words.result, "502")
    assert (await remote.provider.result(ticket.ticket)).state == "passed"
    assert remote.calls(remote.words.result) == 2


@pytest.mark.parametrize("lie", ["@other_reference", "@wrong_signature", "@not_json"])
async def test_an_answer_that_does_not_prove_itself_is_not_believed(remote: Provided, lie: str) -> None:
    ticket = await begun(remote)
    await remote.script(lie)
    with pytest.raises(ProviderUnavailable):
        await remote.provider.result(ticket.ticket)


async def test_a_remote_service_needs_no_wechat(remote: Provided) -> None:
    assert (await remote.provider.begin(subject(openid=None), secrets.token_hex(16))).client


async def test_a_refusal_of_the_person_is_no_failure_of_the_provider(clock: ManualClock) -> None:
    breaker = Breaker(clock, failures=1, seconds=30)

    async def needs_wechat() -> None:
        raise ProviderNeedsWechat()

    for _ in range(3):
        with pytest.raises(ProviderNeedsWechat):
            await breaker.call(needs_wechat)


async def test_who_never_reaches_the_provider_does_not_use_up_the_one_try(clock: ManualClock) -> None:
    """Half open: somebody without WeChat learns nothing about WeChat, so that the next person still may try."""
    breaker = Breaker(clock, failures=1, seconds=30)

    async def down() -> None:
        raise UpstreamUnavailable()

    async def needs_wechat() -> None:
        raise ProviderNeedsWechat()

    async def up() -> str:
        return "up"

    with pytest.raises(UpstreamUnavailable):
        await breaker.call(down)
    clock.advance(seconds=30)
    with pytest.raises(ProviderNeedsWechat):
        await breaker.call(needs_wechat)
    assert await breaker.call(up) == "up"


async def test_a_success_forgets_the_failures_before_it(clock: ManualClock) -> None:
    breaker = Breaker(clock, failures=2, seconds=30)

    async def down() -> None:
        raise UpstreamUnavailable()

    async def up() -> str:
        return "up"

    for _ in range(3):
        with pytest.raises(UpstreamUnavailable) as failed:
            await breaker.call(down)
        assert not isinstance(failed.value, ProviderUnavailable)
        assert await breaker.call(up) == "up"
