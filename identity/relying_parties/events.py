"""What others may react to."""

from __future__ import annotations

from core.outbox import Event


class RequestMoved(Event, frozen=True, tag="relying_parties.request_moved"):
    """A request for verification was made or has another state."""

    relying_party_id: str
    request_id: str
    reference: str
    batch_id: str | None
    state: str
    at: str


class BatchCompleted(Event, frozen=True, tag="relying_parties.batch_completed"):
    """Every person of a batch has an end."""

    relying_party_id: str
    batch_id: str
    reference: str
    at: str


class WebhookDue(Event, frozen=True, tag="relying_parties.webhook_due"):
    delivery_id: str
