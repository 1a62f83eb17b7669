"""Response shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from identity.relying_parties.flow import Way

Scope = Literal["verifications.read", "verifications.write", "webhooks.manage"]
RequestState = Literal["invited", "consented", "verified", "failed", "declined", "cancelled", "expired"]


class PartyView(msgspec.Struct, frozen=True):
    id: str
    name: str
    uscc: str
    state: str
    monthly_quota: int
    reason: str | None
    created_at: datetime
    decided_at: datetime | None
    allowed_actions: list[str]


class KeyView(msgspec.Struct, frozen=True):
    """`prefix` is the beginning of the key; the rest is known to nobody here."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    is_active: bool
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    replaced_by: str | None


class NewKeyView(msgspec.Struct, frozen=True):
    """`secret` is the whole key, shown this once."""

    key: KeyView
    secret: str

    def __repr__(self) -> str:
        return "NewKeyView(…)"


class MonthUsage(msgspec.Struct, frozen=True):
    month: str
    created: int
    verified: int


class UsageView(msgspec.Struct, frozen=True):
    """`remaining` of this month's quota; `months` newest first, at most 12."""

    monthly_quota: int
    remaining: int
    months: list[MonthUsage]


class RequestView(msgspec.Struct, frozen=True):
    """What an enterprise may know. Name and number are its own words, masked."""

    id: str
    reference: str
    batch_id: str | None
    role: str
    purpose: str
    name: str | None
    document_number: str | None
    state: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    allowed_actions: list[str]


class CreatedRequest(msgspec.Struct, frozen=True):
    """`invitation_url` is shown this once; None when this reference was created before."""

    request: RequestView
    invitation_url: str | None

    def __repr__(self) -> str:
        return "CreatedRequest(…)"


class RequestPage(msgspec.Struct, frozen=True):
    """`next_cursor` asks for the following page; None at the end."""

    items: list[RequestView]
    next_cursor: str | None


class ResultView(msgspec.Struct, frozen=True):
    """`token`: the ES256 JWT, typ `verification-result+jwt`."""

    request_id: str
    verdict: Literal["verified", "not_verified"]
    assurance: str | None
    verified_at: datetime | None
    token: str
    token_expires_at: datetime


class BatchView(msgspec.Struct, frozen=True):
    """`counts`: people by state; `is_done` when everybody has an end."""

    id: str
    reference: str
    company_name: str
    purpose: str
    total: int
    counts: dict[str, int]
    is_done: bool
    created_at: datetime
    completed_at: datetime | None


class CreatedBatch(msgspec.Struct, frozen=True):
    batch: BatchView
    requests: list[CreatedRequest]


class AskedView(msgspec.Struct, frozen=True):
    """What the person asked sees: who asks, and why. `ways`: how the identity may be proven now; empty while or because it may not."""

    id: str
    organisation: str
    uscc: str
    company_name: str | None
    role: str
    purpose: str
    state: str
    created_at: datetime
    expires_at: datetime
    consent_version: str
    consent_text: str
    ways: list[Way]
    allowed_actions: list[str]


class WebhookView(msgspec.Struct, frozen=True):
    id: str
    url: str
    is_enabled: bool
    failing_since: datetime | None
    old_secret_until: datetime | None
    created_at: datetime


class NewWebhookView(msgspec.Struct, frozen=True):
    """`secret` is shown this once."""

    webhook: WebhookView
    secret: str

    def __repr__(self) -> str:
        return "NewWebhookView(…)"


class DeliveryView(msgspec.Struct, frozen=True):
    """`next_attempt_at`: None before the first try and when there will be no other."""

    id: str
    message_id: str
    event_type: str
    state: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    delivered_at: datetime | None


class DeliveryPage(msgspec.Struct, frozen=True):
    items: list[DeliveryView]
    next_cursor: str | None


class WebhookDeleted(msgspec.Struct, frozen=True):
    ok: bool = True
