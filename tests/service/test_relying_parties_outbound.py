"""R52: a webhook goes to an address that a stranger chose: bounded in time and size, never redirected, and in production never inside."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator

import pytest

from core.cache import MemoryCache
from core.clock import ManualClock
from core.db import Database
from core.models import OutboxDelivery
from core.outbox import Reaction, Relay, emit
from identity.relying_parties.events import BatchCompleted, WebhookDue
from identity.relying_parties.outbound import WebhookSender
from identity.relying_parties.reactions import SLOW, WEBHOOK
from tests.factories.enterprises import Receiver, receiver


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver() as opened:
        yield opened


async def test_a_receiver_that_drips_or_floods_is_left(hooks: Receiver) -> None:
    sender = WebhookSender(seconds=0.4, is_production=False)
    try:
        hooks.answer = b"x" * 3_000_000
        assert (await sender.post(hooks.url, {}, b"{}")).status == 204
        hooks.answer, hooks.wait = b"", 3.0
        begun = asyncio.get_running_loop().time()
        assert (await sender.post(hooks.url, {}, b"{}")).error == "timeout"
        assert asyncio.get_running_loop().time() - begun < 1.5
        assert (await sender.post("http://127.0.0.1:1/", {}, b"{}")).error == "unreachable"
        assert (await sender.post("http://nowhere.invalid/", {}, b"{}")).error == "unreachable"
    finally:
        await sender.close()


async def test_no_cookie_of_a_receiver_is_kept(hooks: Receiver) -> None:
    """It would go to whoever else is served at that address."""
    sender = WebhookSender(seconds=2, is_production=False)
    try:
        hooks.more = "Set-Cookie: of=bank; Path=/\r\n"
        for _ in range(2):
            assert (await sender.post(hooks.url, {}, b"{}")).is_received
        assert ["cookie" in one.headers for one in hooks.received] == [False, False]
    finally:
        await sender.close()


async def test_names_that_are_not_found_in_time_hold_up_nobody_else(hooks: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their threads are not those that the rest of the process works with."""
    waiting = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: waiting.wait(20) and [])
    sender = WebhookSender(seconds=0.2, is_production=False)
    try:
        sent = await asyncio.gather(*(sender.post(hooks.url, {}, b"{}") for _ in range(40)))
        assert {one.error for one in sent} == {"timeout"}
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 2) == "free"
    finally:
        waiting.set()
        await sender.close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1"],
)
async def test_in_production_nothing_inside_is_reached(hooks: Receiver, host: str) -> None:
    """Whatever the name or number looks like, what it leads to is judged, and no connection is made."""
    sender = WebhookSender(seconds=2, is_production=True)
    try:
        port = hooks.url.rsplit(":", 1)[1].split("/")[0]
        sent = await sender.post(f"https://{host}:{port}/hooks", {}, b"{}")
        assert (sent.status, sent.error) == (None, "address_refused")
        assert (await sender.post(hooks.url, {}, b"{}")).error == "address_refused", "plain http"
        assert hooks.received == []
    finally:
        await sender.close()


async def test_a_slow_receiver_holds_up_webhooks_only(database: Database, clock: ManualClock) -> None:
    """Two relays with a lane each: while one waits, the other goes on; together they do all there is."""
    done: list[str] = []
    gate = asyncio.Event()

    async def slow(_event: WebhookDue, _key: str) -> None:
        await gate.wait()
        done.append("webhook")

    async def quick(_event: BatchCompleted, _key: str) -> None:
        done.append("other")

    table = [Reaction(WebhookDue, WEBHOOK, slow), Reaction(BatchCompleted, "other", quick)]
    mine, rest = (Relay(table, clock=clock, cache=MemoryCache(), only=only, never=never) for only, never in ((SLOW, ()), ((), SLOW)))
    await emit(WebhookDue(delivery_id="whd_1"), at=clock.now())
    await emit(BatchCompleted(relying_party_id="rp_1", batch_id="b", reference="r", at=""), at=clock.now())
    waiting = asyncio.create_task(mine.drain())
    await asyncio.sleep(0.05)
    await asyncio.wait_for(rest.drain(), 5)
    await rest.take_over()
    assert done == ["other"] and (await OutboxDelivery.get(handler=WEBHOOK)).state == "leased"
    gate.set()
    await asyncio.wait_for(waiting, 5)
    assert done == ["other", "webhook"] and await OutboxDelivery.filter(state="done").count() == 2
