"""R52: webhooks reach a real receiver, signed and more than once if need be; what is down is tried again, what is inside is not reached."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import audit
from core.clock import ManualClock
from core.models import AuditEntry, OutboxDelivery
from core.outbox import BACKOFF_SECONDS
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.errors import SignatureInvalid, SignatureStale
from identity.relying_parties.models import WebhookDelivery, WebhookEndpoint
from identity.relying_parties.rules import verify_webhook
from identity.relying_parties.webhooks import MOST_ATTEMPTS
from tests.factories.enterprises import API, Enterprises, Receiver, receiver
from tests.factories.http_hall import open_hall

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Enterprises]:
    env = {"ZT_RELYING_PARTY_WEBHOOK_SECONDS": "0.5", "ZT_RELYING_PARTY_CALLS_PER_MINUTE": "1000"}
    async with open_hall(database_url, tmp_path / "data", clock, **env) as hall:
        enterprises = Enterprises(hall)
        await enterprises.with_key()
        yield enterprises


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver() as opened:
        yield opened


async def registered(bank: Enterprises, url: str) -> tuple[str, str]:
    """Id and secret."""
    made = await bank.hall.done("bank-key", "POST", f"{API}/webhooks", json={"url": url})
    return made["webhook"]["id"], made["secret"]


async def something_happens(bank: Enterprises, reference: str = "r-1") -> str:
    """A request that is cancelled: one event."""
    request_id = str((await bank.asked("li_na", reference))["request"]["id"])
    await bank.hall.done("bank-key", "POST", f"{API}/verifications/{request_id}/cancel")
    await bank.worker()
    return request_id


async def log_of(bank: Enterprises, hook: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await bank.hall.done("bank-key", "GET", f"{API}/webhooks/{hook}/deliveries"))["items"]
    return found


async def test_an_event_arrives_signed_and_says_no_more_than_needed(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, secret = await registered(bank, hooks.url)
    request_id = await something_happens(bank)
    (one,) = hooks.received
    message_id = verify_webhook(secret, one.headers, one.body, now=clock.now())
    assert one.event == {
        "type": "verification.cancelled",
        "timestamp": clock.now().isoformat(),
        "data": {"id": request_id, "reference": "r-1", "state": "cancelled"},
    }
    assert one.headers["content-type"] == "application/json" and one.headers["host"] in hooks.url
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["attempts"], line["last_status"], line["message_id"]) == ("delivered", 1, 204, message_id)
    row = await WebhookEndpoint.get()
    assert secret.encode() not in row.secret_sealed


async def test_a_repeat_has_the_same_id_and_a_replay_is_too_old(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, secret = await registered(bank, hooks.url)
    await something_happens(bank)
    first = hooks.received[0]
    clock.advance(minutes=6)
    with pytest.raises(SignatureStale):
        verify_webhook(secret, first.headers, first.body, now=clock.now())
    (line,) = await log_of(bank, hook)
    path = f"{API}/webhooks/{hook}/deliveries/{line['id']}/redeliver"
    await bank.hall.done("bank-key", "POST", path)
    assert await bank.hall.refused("bank-key", "POST", path) == (409, "webhook.delivery_pending")
    await bank.worker()
    again = hooks.received[1]
    assert again.body == first.body and verify_webhook(secret, again.headers, again.body, now=clock.now()) == first.headers["webhook-id"]
    with pytest.raises(SignatureInvalid):
        fresh_time = first.headers | {"webhook-timestamp": again.headers["webhook-timestamp"]}
        verify_webhook(secret, fresh_time, first.body, now=clock.now())
    await bank.hall.house.repeat_every_reaction()
    assert len(hooks.received) == 2, "the worker's repeats send nothing twice"
    assert await AuditEntry.filter(action="webhook.redelivered").count() == 1


async def test_a_receiver_that_is_down_gets_it_later(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, secret = await registered(bank, hooks.url)
    hooks.status = 500
    await something_happens(bank)
    for wait, status in ((1, 302), (2, 0), (5, 204)):
        hooks.status, hooks.more = status, "Location: http://127.0.0.1:1/elsewhere\r\n" if status == 302 else ""
        clock.advance(seconds=wait)
        await bank.worker()
    assert len({one.headers["webhook-id"] for one in hooks.received}) == 1 and len(hooks.received) == 4
    assert [verify_webhook(secret, one.headers, one.body, now=clock.now()) for one in hooks.received]
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["attempts"], line["last_status"], line["last_error"]) == ("delivered", 4, 204, None)
    assert (await WebhookEndpoint.get()).failing_since is None


async def test_the_log_says_when_it_comes_again(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, _ = await registered(bank, hooks.url)
    hooks.status = 500
    await something_happens(bank)
    (line,) = await log_of(bank, hook)
    due = clock.now() + timedelta(seconds=BACKOFF_SECONDS[0])
    assert line["state"] == "pending" and datetime.fromisoformat(line["next_attempt_at"]) == due
    hooks.status = 204
    clock.advance(seconds=BACKOFF_SECONDS[0])
    await bank.worker()
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["next_attempt_at"]) == ("delivered", None)


async def test_a_receiver_can_be_tried_before_anything_happens(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, secret = await registered(bank, hooks.url)
    path = f"{API}/webhooks/{hook}/test"
    made = await bank.hall.done("bank-key", "POST", path)
    assert (made["event_type"], made["state"], made["attempts"]) == ("webhook.test", "pending", 0)
    assert await bank.hall.refused("bank-key", "POST", path) == (409, "webhook.delivery_pending"), "one at a time"
    await bank.worker()
    (one,) = hooks.received
    assert verify_webhook(secret, one.headers, one.body, now=clock.now()) == made["message_id"]
    assert one.event["type"] == "webhook.test" and one.event["data"] == {"webhook_id": hook}
    await bank.hall.done("bank", "POST", f"/api/enterprise/webhooks/{hook}/test")
    await bank.worker()
    assert len(hooks.received) == 2 and len({one.headers["webhook-id"] for one in hooks.received}) == 2
    assert await AuditEntry.filter(action="webhook.tested").count() == 2
    await WebhookEndpoint.filter(id=hook).update(is_enabled=False)
    assert await bank.hall.refused("bank-key", "POST", path) == (409, "webhook.disabled")
    assert await bank.hall.refused("bank-key", "POST", f"{API}/webhooks/hook_other/test") == (404, "request.not_found")


async def test_it_gives_up_and_can_be_asked_again(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, _ = await registered(bank, hooks.url)
    hooks.status = 503
    await something_happens(bank)
    for wait in BACKOFF_SECONDS:
        clock.advance(seconds=wait)
        await bank.worker()
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["attempts"], line["last_status"]) == ("failed", MOST_ATTEMPTS, 503)
    assert len(hooks.received) == MOST_ATTEMPTS == 9
    assert not await OutboxDelivery.filter(state="parked").exists(), "another's dead receiver is no matter for our clerks"
    hooks.status = 200
    await bank.hall.done("bank-key", "POST", f"{API}/webhooks/{hook}/deliveries/{line['id']}/redeliver")
    await bank.worker()
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["attempts"]) == ("delivered", MOST_ATTEMPTS + 1)


async def test_our_own_failure_ends_too_and_can_be_sent_again(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, secret = await registered(bank, hooks.url)
    sealed = (await WebhookEndpoint.get(id=hook)).secret_sealed
    await WebhookEndpoint.filter(id=hook).update(secret_sealed=b"not what we sealed")
    await something_happens(bank)
    for wait in BACKOFF_SECONDS:
        clock.advance(seconds=wait)
        await bank.worker()
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["attempts"], line["last_error"], hooks.received) == ("failed", MOST_ATTEMPTS, "internal", [])
    assert await OutboxDelivery.filter(state="parked").count() == 1, "our clerks see it"
    assert (await WebhookEndpoint.get(id=hook)).failing_since is None, "the receiver did nothing wrong"
    await WebhookEndpoint.filter(id=hook).update(secret_sealed=sealed)
    await bank.hall.done("bank-key", "POST", f"{API}/webhooks/{hook}/deliveries/{line['id']}/redeliver")
    await bank.worker()
    (one,) = hooks.received
    assert verify_webhook(secret, one.headers, one.body, now=clock.now())


async def test_long_failure_switches_it_off_until_somebody_looks(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hall = bank.hall
    hook, _ = await registered(bank, hooks.url)
    hooks.status = 500
    await something_happens(bank)
    clock.advance(hours=RelyingPartyConfig().webhook_disable_hours)
    await bank.worker()
    (shown,) = await hall.done("bank-key", "GET", f"{API}/webhooks")
    assert not shown["is_enabled"] and shown["failing_since"]
    clock.advance(seconds=5)
    await bank.worker()
    (line,) = await log_of(bank, hook)
    assert (line["state"], line["last_error"]) == ("failed", "endpoint_disabled")
    await something_happens(bank, "r-2")
    assert len(await log_of(bank, hook)) == 1 and len(hooks.received) == 2
    path = f"{API}/webhooks/{hook}"
    assert await hall.refused("bank-key", "POST", f"{path}/deliveries/{line['id']}/redeliver") == (409, "webhook.disabled")
    hooks.status = 204
    for _ in range(2):
        assert (await hall.done("bank-key", "POST", f"{path}/enable"))["is_enabled"]
    await something_happens(bank, "r-3")
    assert len(hooks.received) == 3
    chain = f"relying_party:{bank.parties['bank']}"
    assert await AuditEntry.filter(chain=chain, action__in=["webhook.disabled", "webhook.enabled"]).count() == 2
    assert (await audit.verify(chain)).is_intact


async def test_a_new_secret_goes_beside_the_old_one_for_a_while(bank: Enterprises, hooks: Receiver, clock: ManualClock) -> None:
    hook, old = await registered(bank, hooks.url)
    new = (await bank.hall.done("bank-key", "POST", f"{API}/webhooks/{hook}/rotate-secret"))["secret"]
    await something_happens(bank)
    one = hooks.received[0]
    assert verify_webhook(old, one.headers, one.body, now=clock.now()) == verify_webhook(new, one.headers, one.body, now=clock.now())
    clock.advance(hours=RelyingPartyConfig().key_overlap_hours)
    await something_happens(bank, "r-2")
    late = hooks.received[1]
    assert verify_webhook(new, late.headers, late.body, now=clock.now())
    with pytest.raises(SignatureInvalid):
        verify_webhook(old, late.headers, late.body, now=clock.now())


async def test_several_addresses_one_removed_and_no_more_than_five(bank: Enterprises, hooks: Receiver) -> None:
    hall = bank.hall
    async with receiver() as other:
        first, _ = await registered(bank, hooks.url)
        await registered(bank, other.url)
        await something_happens(bank)
        assert hooks.received[0].headers["webhook-id"] == other.received[0].headers["webhook-id"]
        await hall.done("bank-key", "DELETE", f"{API}/webhooks/{first}")
        await something_happens(bank, "r-2")
        assert (len(hooks.received), len(other.received)) == (1, 2)
        for _ in range(4):
            await registered(bank, other.url)
        refused = await hall.refused("bank-key", "POST", f"{API}/webhooks", json={"url": other.url})
        assert refused == (409, "webhook.too_many")
        assert await WebhookDelivery.filter(endpoint_id=first).count() == 0
