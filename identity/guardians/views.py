"""Guardianships as the two people and the clerk see them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class GuardianshipView(msgspec.Struct, frozen=True):
    """`role`: guardian or ward, as the reader. Names are masked. `has_consent`: the ward may use the face check. `ended_why`:
    revoked, refused (at the counter) or of_age; empty while it lasts. `reason_text`: why it was refused and what to bring, for the
    guardian only."""

    id: str
    role: str
    other_name: str
    relation: str
    state: str
    ends_on: date
    has_consent: bool
    consent_version: str
    consent_text: str
    ended_why: str
    reason_text: str | None
    allowed_actions: list[str]


class ToProve(msgspec.Struct, frozen=True):
    """For the clerk, with both people before the counter and their documents."""

    id: str
    guardian_name: str
    guardian_id_number: str
    ward_name: str
    ward_id_number: str
    relation: str
    declared_at: datetime


class Proven(msgspec.Struct, frozen=True):
    id: str
    state: str
