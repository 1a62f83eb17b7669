"""What citizens and clerks see of verifications: outcomes and coaching, never scores."""

from __future__ import annotations

from datetime import datetime

import msgspec


class OtherRoute(msgspec.Struct, frozen=True):
    """A way of equal rank to prove one's identity without a face."""

    code: str
    title: str
    description: str


class ConsentView(msgspec.Struct, frozen=True):
    version: str
    text: str
    is_given: bool
    other_routes: list[OtherRoute]


class CaptureLimits(msgspec.Struct, frozen=True):
    min_frames: int
    max_frames: int
    max_frame_bytes: int
    media_types: list[str]


class VerificationView(msgspec.Struct, frozen=True):
    """`nonce` goes with the next frames and is given only while they are awaited. `outcome`: accept, manual_review, reject or none yet."""

    id: str
    method: str
    purpose: str
    application_id: str
    document_sha256: str | None
    state: str
    nonce: str | None
    expires_at: datetime
    tries_left: int
    limits: CaptureLimits
    outcome: str | None
    reasons: list[str]
    coaching: list[str]
    allowed_actions: list[str]


class AssertionView(msgspec.Struct, frozen=True):
    """`assertion` is a compact JWS (ES256), valid until `expires_at`."""

    assertion: str
    expires_at: datetime


class HolderView(msgspec.Struct, frozen=True):
    """For the clerk who compares the person, the document and the account."""

    account_id: str
    name: str
    id_number: str
    level: str


class CounterView(msgspec.Struct, frozen=True):
    verification_id: str
    account_id: str
    application_id: str
    outcome: str


class RouteReport(msgspec.Struct, frozen=True):
    """How one route serves people: counts of verifications, and the middle time from start to decision in seconds."""

    method: str
    started: int
    accepted: int
    rejected: int
    manual_review: int
    expired: int
    median_seconds: float | None
