"""A decided verification moves its request; a moved request is told to the person asked and to the enterprise's webhooks."""

from __future__ import annotations

from core.outbox import Reaction
from identity.liveness.events import VerificationDecided
from identity.relying_parties.events import BatchCompleted, RequestMoved, WebhookDue
from identity.relying_parties.flow import INVITED
from identity.relying_parties.service import Subjects, Webhooks

WEBHOOK = "relying_parties.webhook"
SLOW = frozenset({WEBHOOK})
"""Handlers that wait for servers of strangers."""


def reactions(subjects: Subjects, webhooks: Webhooks) -> list[Reaction]:
    async def decided(event: VerificationDecided, _key: str) -> None:
        await subjects.note_decision(event)

    async def invited(event: RequestMoved, _key: str) -> None:
        if event.state == INVITED:
            await subjects.notify(event)

    async def moved(event: RequestMoved, key: str) -> None:
        if event.state != INVITED:
            await webhooks.enqueue(event, key)

    async def completed(event: BatchCompleted, key: str) -> None:
        await webhooks.enqueue(event, key)

    async def due(event: WebhookDue, _key: str) -> None:
        await webhooks.deliver(event.delivery_id)

    return [
        Reaction(VerificationDecided, "relying_parties.decided", decided),
        Reaction(RequestMoved, "relying_parties.invited", invited),
        Reaction(RequestMoved, "relying_parties.moved", moved),
        Reaction(BatchCompleted, "relying_parties.completed", completed),
        Reaction(WebhookDue, WEBHOOK, due),
    ]
