"""What appointments answer."""

from __future__ import annotations

from datetime import datetime

import msgspec

PURPOSES = {"identity_check": "当面核验身份", "counter_service": "窗口办理"}


class SlotView(msgspec.Struct, frozen=True):
    """`left` is how many places are free at this moment."""

    id: str
    office_id: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    left: int


class AppointmentView(msgspec.Struct, frozen=True, kw_only=True):
    """For the citizen; `code` and `qr_text` are there from confirmation to check-in."""

    id: str
    state: str
    state_text: str
    purpose: str
    purpose_text: str
    case_id: str | None
    office_id: str
    office: str
    address: str
    office_phone: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    code: str | None
    qr_text: str | None
    allowed_actions: list[str]


class VisitView(msgspec.Struct, frozen=True, kw_only=True):
    """For the clerk at the counter: whom to serve, by ids. `document_sha256` is what an identification is to be bound to."""

    id: str
    state: str
    state_text: str
    purpose: str
    purpose_text: str
    account_id: str
    case_id: str | None
    case_title: str | None
    document_sha256: str | None
    starts_at: datetime
    ends_at: datetime
    checked_in_at: datetime | None
    clerk_id: str | None
    allowed_actions: list[str]
