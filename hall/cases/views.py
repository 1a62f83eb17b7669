"""What a case looks like, to its people and to clerks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from hall.cases.next_steps import NextStep
from hall.cases.timeline import Milestone
from hall.catalog.service import FormField


class MaterialView(msgspec.Struct, frozen=True):
    """One file; `name` is what the checklist calls the material it belongs to."""

    id: str
    code: str
    name: str
    filename: str
    media_type: str
    size: int
    pages: int
    added_at: datetime


class NeededView(msgspec.Struct, frozen=True, kw_only=True):
    """A material of the frozen checklist. `is_provided`: the applicant has uploaded at least one file for it."""

    code: str
    name: str
    note: str
    because: str
    source: str
    accepts: tuple[str, ...]
    max_bytes: int
    is_required: bool
    is_exempt: bool
    is_generated: bool
    is_provided: bool


class LineView(msgspec.Struct, frozen=True):
    label: str
    text: str


class FormLineView(msgspec.Struct, frozen=True):
    """One filled field as people read it; `subject` is what a request for correction names."""

    name: str
    label: str
    text: str
    subject: str


class SubjectView(msgspec.Struct, frozen=True):
    """What a one-time notice may point at: `form.<field>` or `materials.<code>`."""

    key: str
    label: str


class DeadlineView(msgspec.Struct, frozen=True):
    """`working_days_left` counts from tomorrow; below zero when overdue."""

    on: date
    working_days_left: int
    tone: Literal["calm", "warn", "overdue"]
    label: str


class PartyView(msgspec.Struct, frozen=True):
    """`is_me` marks the reader; others' names are masked."""

    id: str
    role: str
    role_label: str
    name: str
    is_me: bool
    has_joined: bool
    signed_at: datetime | None


class GapView(msgspec.Struct, frozen=True):
    """`label` names the field or material that `subject` points at."""

    round: int
    subject: str
    label: str
    reason: str


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """For the people of a case."""

    id: str
    number: str | None
    title: str
    state: str
    state_label: str
    is_owner: bool
    allowed_actions: list[str]
    next_step: NextStep
    submitted_at: datetime | None
    promised_on: date | None
    updated_at: datetime


class ClerkCaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """For the queue. `applicant` is masked."""

    id: str
    number: str | None
    title: str
    department: str
    applicant: str
    state: str
    state_label: str
    deadline: DeadlineView | None
    submitted_at: datetime | None
    promised_on: date | None
    updated_at: datetime


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str | None
    title: str
    item_code: str
    department: str
    state: str
    state_label: str
    is_owner: bool
    allowed_actions: list[str]
    next_step: NextStep
    timeline: list[Milestone]
    answer_lines: list[LineView]
    needed: list[NeededView]
    materials: list[MaterialView]
    parties: list[PartyView]
    gaps: dict[str, str]
    corrections: list[GapView]
    commitment_sha256: str | None
    consent_version: str
    consent_text: str
    is_signed: bool
    my_signature: str | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    promised_on: date | None
    statutory_on: date | None
    is_deadline_provisional: bool
    decision_reason: str | None
    remedies: list[str]
    help_phone: str
    licence_id: str | None
    parcel_id: str | None
    trips: int


class ClerkCaseView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str | None
    title: str
    item_code: str
    department: str
    state: str
    state_label: str
    allowed_actions: list[str]
    answers: dict[str, Any]
    answer_lines: list[LineView]
    form: dict[str, Any]
    form_lines: list[FormLineView]
    needed: list[NeededView]
    subjects: list[SubjectView]
    materials: list[MaterialView]
    parties: list[PartyView]
    corrections: list[GapView]
    timeline: list[Milestone]
    deadline: DeadlineView | None
    review_round: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    promised_on: date | None
    statutory_on: date | None
    is_deadline_provisional: bool
    pauses: list[tuple[date, date]]
    decision_reason: str | None
    has_decision_signature: bool
    licence_id: str | None
    parcel_id: str | None


class DraftView(msgspec.Struct, frozen=True):
    """`fields` are those to be shown now; `form` also keeps what was filled into fields that are hidden by now."""

    form: dict[str, Any]
    delivery: dict[str, str] | None
    gaps: dict[str, str]
    fields: list[FormField]
    needs_delivery: bool


class LinkView(msgspec.Struct, frozen=True):
    seq: int
    at: str
    actor_kind: str
    action: str
    hash: str


class AuditView(msgspec.Struct, frozen=True):
    is_intact: bool
    length: int
    head: str
    broken_at: int | None
    reason: str | None
    links: list[LinkView]
