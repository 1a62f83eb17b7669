"""The public door of the enterprise API."""

from __future__ import annotations

from identity.relying_parties.batches import Batches, NewBatch
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.keys import KEY_PREFIX, ApiKeys, NewKey
from identity.relying_parties.outbound import WebhookSender
from identity.relying_parties.parties import NewParty, RelyingParties
from identity.relying_parties.ports import Inviter
from identity.relying_parties.requests import NewRequest, NewSubject, RequestQuery, Requests
from identity.relying_parties.results import Results
from identity.relying_parties.rules import verify_webhook
from identity.relying_parties.subjects import Subjects
from identity.relying_parties.webhooks import DeliveryQuery, NewWebhook, Webhooks

__all__ = [
    "KEY_PREFIX",
    "ApiKeys",
    "Batches",
    "DeliveryQuery",
    "Inviter",
    "NewBatch",
    "NewKey",
    "NewParty",
    "NewRequest",
    "NewSubject",
    "NewWebhook",
    "RelyingParties",
    "RelyingPartyConfig",
    "RequestQuery",
    "Requests",
    "Results",
    "Subjects",
    "WebhookSender",
    "Webhooks",
    "verify_webhook",
]
