"""What happens to a licence."""

from __future__ import annotations

from core.outbox import Event


class LicenceDrafted(Event, frozen=True, kw_only=True, tag="licence.drafted"):
    licence_id: str


class LicenceIssued(Event, frozen=True, kw_only=True, tag="licence.issued"):
    licence_id: str
    case_id: str
    holder_id: str


class LicenceStatusChanged(Event, frozen=True, kw_only=True, tag="licence.status_changed"):
    licence_id: str
    case_id: str
    holder_id: str
    state: str
