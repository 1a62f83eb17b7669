"""Webhooks: where a relying party wants to be told, with which secret, and what became of each message.

The outbox is the queue: one event for each delivery, tried nine times over about 80 minutes, then failed and open to redelivery by hand.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from core import audit
from core.actor import SYSTEM, Actor
from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, one_at_a_time, transaction
from core.errors import NotFound
from core.ids import Cursor, new_id
from core.outbox import BACKOFF_SECONDS, emit
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.errors import DeliveryPending, TooManyWebhooks, WebhookDisabled, WebhookUndelivered, WebhookUrlInvalid
from identity.relying_parties.events import BatchCompleted, RequestMoved, WebhookDue
from identity.relying_parties.keys import ApiKeys
from identity.relying_parties.models import WebhookDelivery, WebhookEndpoint
from identity.relying_parties.outbound import Sender, Sent
from identity.relying_parties.parties import RelyingParties, chain_of
from identity.relying_parties.rules import SECRET_PREFIX, check_webhook_url, is_public_address, signed_headers
from identity.relying_parties.views import DeliveryPage, DeliveryView, NewWebhookView, WebhookView

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
TEST_EVENT = "webhook.test"
OUR_FAULT = "internal"
MOST_ATTEMPTS = len(BACKOFF_SECONDS) + 1
_MOST_ENDPOINTS = 5
_SECRET_BYTES = 32


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Annotated[str, msgspec.Meta(min_length=8, max_length=500)]


class DeliveryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cursor: Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class Webhooks:
    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        parties: RelyingParties,
        keys: ApiKeys,
        sender: Sender,
        config: RelyingPartyConfig,
        is_production: bool,
    ) -> None:
        self._clock, self._cipher, self._parties, self._keys = clock, cipher, parties, keys
        self._sender, self._config, self._is_production = sender, config, is_production

    async def register(self, actor: Actor, new: NewWebhook) -> NewWebhookView:
        """A new address and its secret. NotRegistered, NotApproved, WebhookUrlInvalid, TooManyWebhooks."""
        party = await self._parties.party_of(actor)
        check_webhook_url(new.url, is_production=self._is_production)
        if self._is_production and not _may_be_public(new.url):
            raise WebhookUrlInvalid(fields={"url": WebhookUrlInvalid.message})
        endpoint_id, secret, now = new_id("hook"), _new_secret(), self._clock.now()
        async with transaction():
            await one_at_a_time(f"webhooks:{party.id}")
            await self._keys.still_valid(actor)
            if await WebhookEndpoint.filter(relying_party_id=party.id).count() >= _MOST_ENDPOINTS:
                raise TooManyWebhooks()
            row = await WebhookEndpoint.create(
                id=endpoint_id,
                relying_party_id=party.id,
                url=new.url,
                secret_sealed=self._seal(secret, endpoint_id),
                created_at=now,
            )
            await audit.record(chain_of(party.id), "webhook.registered", at=now, actor=actor, data={"webhook": row.id})
        return NewWebhookView(_view(row), secret)

    async def list_all(self, actor: Actor) -> list[WebhookView]:
        party = await self._parties.party_of(actor)
        return [_view(row) for row in await WebhookEndpoint.filter(relying_party_id=party.id).order_by("id")]

    async def rotate_secret(self, actor: Actor, endpoint_id: str) -> NewWebhookView:
        """A new secret; messages carry a signature of the old one too until the overlap is over. NotFound."""
        await self._own(actor, endpoint_id)
        secret, now = _new_secret(), self._clock.now()
        async with transaction():
            await one_at_a_time(f"webhook-secret:{endpoint_id}")
            row = await self._own(actor, endpoint_id)
            await self._keys.still_valid(actor)
            await WebhookEndpoint.filter(id=row.id).update(
                secret_sealed=self._seal(secret, row.id), old_secret_sealed=row.secret_sealed, old_secret_until=now + self._config.overlap
            )
            await audit.record(chain_of(row.relying_party_id), "webhook.secret_rotated", at=now, actor=actor, data={"webhook": row.id})
        return NewWebhookView(_view(await WebhookEndpoint.get(id=row.id)), secret)

    async def enable(self, actor: Actor, endpoint_id: str) -> WebhookView:
        """Switch on again what was switched off after long failure. Repeating is harmless. NotFound."""
        row = await self._own(actor, endpoint_id)
        async with transaction():
            await self._keys.still_valid(actor)
            if await WebhookEndpoint.filter(id=row.id, is_enabled=False).update(is_enabled=True, failing_since=None):
                data = {"webhook": row.id}
                await audit.record(chain_of(row.relying_party_id), "webhook.enabled", at=self._clock.now(), actor=actor, data=data)
        return _view(await WebhookEndpoint.get(id=row.id))

    async def remove(self, actor: Actor, endpoint_id: str) -> None:
        """Nothing is sent there any more, and its log is gone. NotFound."""
        row = await self._own(actor, endpoint_id)
        async with transaction():
            await self._keys.still_valid(actor)
            await WebhookDelivery.filter(endpoint_id=row.id).delete()
            await WebhookEndpoint.filter(id=row.id).delete()
            data = {"webhook": row.id}
            await audit.record(chain_of(row.relying_party_id), "webhook.removed", at=self._clock.now(), actor=actor, data=data)

    async def deliveries(self, actor: Actor, endpoint_id: str, query: DeliveryQuery) -> DeliveryPage:
        """What was sent, newest first. NotFound."""
        row = await self._own(actor, endpoint_id)
        rows = WebhookDelivery.filter(endpoint_id=row.id)
        if query.cursor is not None:
            rows = rows.filter(id__lt=query.cursor)
        found = await rows.order_by("-id").limit(query.limit + 1)
        shown = found[: query.limit]
        return DeliveryPage([_delivery_view(one) for one in shown], shown[-1].id if len(found) > query.limit else None)

    async def redeliver(self, actor: Actor, endpoint_id: str, delivery_id: str) -> DeliveryView:
        """Send a message again, with the same id and a new series of tries. NotFound, WebhookDisabled, DeliveryPending."""
        endpoint = await self._own(actor, endpoint_id)
        if not endpoint.is_enabled:
            raise WebhookDisabled()
        now = self._clock.now()
        async with transaction():
            await self._keys.still_valid(actor)
            row = await WebhookDelivery.get_or_none(id=delivery_id, endpoint_id=endpoint.id)
            if row is None:
                raise NotFound()
            ended = WebhookDelivery.filter(id=row.id, state__in=[DELIVERED, FAILED])
            if not await ended.update(state=PENDING, attempts=0, delivered_at=None):
                raise DeliveryPending()
            data = {"webhook": endpoint.id, "delivery": row.id}
            await audit.record(chain_of(endpoint.relying_party_id), "webhook.redelivered", at=now, actor=actor, data=data)
            await emit(WebhookDue(delivery_id=row.id), at=now)
        return _delivery_view(await WebhookDelivery.get(id=delivery_id))

    async def send_test(self, actor: Actor, endpoint_id: str) -> DeliveryView:
        """A message of type `webhook.test`, so that a receiver can be tried before anything happens; one at a time for each address.

        NotFound, WebhookDisabled, DeliveryPending.
        """
        endpoint = await self._own(actor, endpoint_id)
        if not endpoint.is_enabled:
            raise WebhookDisabled()
        delivery_id, now = new_id("whd"), self._clock.now()
        payload = {"type": TEST_EVENT, "timestamp": now.isoformat(), "data": {"webhook_id": endpoint.id}}
        async with transaction():
            await one_at_a_time(f"webhook-test:{endpoint.id}")
            await self._keys.still_valid(actor)
            if await WebhookDelivery.filter(endpoint_id=endpoint.id, event_type=TEST_EVENT, state=PENDING).exists():
                raise DeliveryPending()
            row = await WebhookDelivery.create(
                id=delivery_id,
                relying_party_id=endpoint.relying_party_id,
                endpoint_id=endpoint.id,
                message_id=f"msg_{secrets.token_hex(16)}",
                event_type=TEST_EVENT,
                payload=msgspec.json.encode(payload).decode(),
                state=PENDING,
                created_at=now,
            )
            data = {"webhook": endpoint.id, "delivery": row.id}
            await audit.record(chain_of(endpoint.relying_party_id), "webhook.tested", at=now, actor=actor, data=data)
            await emit(WebhookDue(delivery_id=row.id), at=now)
        return _delivery_view(row)

    async def enqueue(self, event: RequestMoved | BatchCompleted, key: str) -> None:
        """One delivery for each address that is switched on. `key` names the event: a repeat makes none."""
        if isinstance(event, BatchCompleted):
            kind, data = "batch.completed", {"batch_id": event.batch_id, "reference": event.reference}
        else:
            kind = f"verification.{event.state}"
            data = {"id": event.request_id, "reference": event.reference, "state": event.state}
            data |= {"batch_id": event.batch_id} if event.batch_id else {}
        payload = msgspec.json.encode({"type": kind, "timestamp": event.at, "data": data}).decode()
        message_id = f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        now = self._clock.now()
        for endpoint in await WebhookEndpoint.filter(relying_party_id=event.relying_party_id, is_enabled=True):
            try:
                async with transaction():
                    row = await WebhookDelivery.create(
                        id=new_id("whd"),
                        relying_party_id=event.relying_party_id,
                        endpoint_id=endpoint.id,
                        message_id=message_id,
                        event_type=kind,
                        payload=payload,
                        state=PENDING,
                        created_at=now,
                    )
                    await emit(WebhookDue(delivery_id=row.id), at=now)
            except IntegrityError:
                continue

    async def deliver(self, delivery_id: str) -> None:
        """Try once; raises WebhookUndelivered while there are tries left, so that the outbox comes again. Never inside a transaction."""
        row = await WebhookDelivery.get_or_none(id=delivery_id, state=PENDING)
        endpoint = await WebhookEndpoint.get_or_none(id=row.endpoint_id) if row is not None else None
        if row is None or endpoint is None:
            return
        if not endpoint.is_enabled:
            await WebhookDelivery.filter(id=row.id, state=PENDING).update(state=FAILED, last_error="endpoint_disabled")
            return
        at, body = self._clock.now(), row.payload.encode()
        try:
            headers = signed_headers(self._secrets(endpoint, at), row.message_id, at, body)
            sent = await self._sender.post(endpoint.url, headers, body)
        except Exception:
            # Our own failure is a try like any other, so that the message ends and can be sent again; it is parked where our clerks see it.
            await self._note(row, endpoint, Sent(None, OUR_FAULT), at)
            raise
        if not await self._note(row, endpoint, sent, at):
            raise WebhookUndelivered()

    async def _note(self, row: WebhookDelivery, endpoint: WebhookEndpoint, sent: Sent, at: datetime) -> bool:
        """Record a try; False when another one is wanted."""
        attempts = row.attempts + 1
        is_over = sent.is_received or attempts >= MOST_ATTEMPTS
        state = DELIVERED if sent.is_received else FAILED if is_over else PENDING
        async with transaction():
            await WebhookDelivery.filter(id=row.id, state=PENDING).update(
                state=state,
                attempts=attempts,
                attempts_in_all=row.attempts_in_all + 1,
                last_status=sent.status,
                last_error=sent.error,
                last_attempt_at=at,
                delivered_at=at if sent.is_received else None,
            )
            if sent.is_received:
                await WebhookEndpoint.filter(id=endpoint.id).exclude(failing_since=None).update(failing_since=None)
            elif sent.error != OUR_FAULT:
                await WebhookEndpoint.filter(id=endpoint.id, failing_since=None).update(failing_since=at)
                await self._disable_if_long(endpoint, at)
        return is_over

    async def _disable_if_long(self, endpoint: WebhookEndpoint, at: datetime) -> None:
        since = at - timedelta(hours=self._config.webhook_disable_hours)
        if await WebhookEndpoint.filter(id=endpoint.id, is_enabled=True, failing_since__lte=since).update(is_enabled=False):
            data = {"webhook": endpoint.id}
            await audit.record(chain_of(endpoint.relying_party_id), "webhook.disabled", at=at, actor=SYSTEM, data=data)

    def _secrets(self, endpoint: WebhookEndpoint, at: datetime) -> list[str]:
        """The secret in force, and the one before it while both are."""
        sealed = [endpoint.secret_sealed]
        if endpoint.old_secret_sealed is not None and endpoint.old_secret_until is not None and at < endpoint.old_secret_until:
            sealed.append(endpoint.old_secret_sealed)
        return [self._cipher.open(value, context=_context(endpoint.id)).decode() for value in sealed]

    def _seal(self, secret: str, endpoint_id: str) -> bytes:
        return self._cipher.seal(secret.encode(), context=_context(endpoint_id))

    async def _own(self, actor: Actor, endpoint_id: str) -> WebhookEndpoint:
        party = await self._parties.party_of(actor)
        row = await WebhookEndpoint.get_or_none(id=endpoint_id, relying_party_id=party.id)
        if row is None:
            raise NotFound()
        return row


def _may_be_public(url: str) -> bool:
    """False for an address written as a number that is not of the open internet; names are judged at each sending."""
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")
    return is_public_address(host)


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _context(endpoint_id: str) -> str:
    return f"identity_webhook_endpoint.secret:{endpoint_id}"


def _view(row: WebhookEndpoint) -> WebhookView:
    return WebhookView(row.id, row.url, row.is_enabled, row.failing_since, row.old_secret_until, row.created_at)


def _next_attempt(row: WebhookDelivery) -> datetime | None:
    """As the outbox waits."""
    if row.state != PENDING or row.last_attempt_at is None or not 0 < row.attempts <= len(BACKOFF_SECONDS):
        return None
    return row.last_attempt_at + timedelta(seconds=BACKOFF_SECONDS[row.attempts - 1])


def _delivery_view(row: WebhookDelivery) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        message_id=row.message_id,
        event_type=row.event_type,
        state=row.state,
        attempts=row.attempts_in_all,
        last_status=row.last_status,
        last_error=row.last_error,
        created_at=row.created_at,
        last_attempt_at=row.last_attempt_at,
        next_attempt_at=_next_attempt(row),
        delivered_at=row.delivered_at,
    )
