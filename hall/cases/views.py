"""What a case looks like, to its people and to clerks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from core.actor import Actor
from core.audit import ChainReport, Link
from esign.envelopes.service import CONSENT_TEXT, CONSENT_VERSION
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseGap, CaseMaterial, CaseParty
from hall.cases.rules import PARTY_ROLES, may_decide
from hall.cases.service import Cases


class MaterialView(msgspec.Struct, frozen=True):
    id: str
    code: str
    filename: str
    media_type: str
    size: int
    pages: int
    added_at: datetime


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
    round: int
    subject: str
    reason: str


class CaseSummary(msgspec.Struct, frozen=True):
    id: str
    number: str | None
    title: str
    state: str
    state_label: str
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
    form: dict[str, Any]
    materials: list[MaterialView]
    parties: list[PartyView]
    corrections: list[GapView]
    review_round: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    promised_on: date | None
    statutory_on: date | None
    is_deadline_provisional: bool
    pauses: list[tuple[date, date]]


class DraftView(msgspec.Struct, frozen=True):
    form: dict[str, Any]
    delivery: dict[str, str] | None
    gaps: dict[str, str]


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


def summary(case: Case) -> CaseSummary:
    return CaseSummary(
        case.id, case.number, case.title, case.state, FLOW.states[case.state], case.submitted_at, case.promised_on, case.updated_at
    )


def audit_view(links: list[Link], report: ChainReport) -> AuditView:
    shown = [LinkView(link.seq, link.at, link.actor_kind, link.action, link.hash) for link in links]
    return AuditView(report.is_intact, report.length, report.head, report.broken_at, report.reason, shown)


def masked(name: str) -> str:
    return name[:1] + "*" * max(1, len(name) - 1)


async def _materials(cases: Cases, case: Case) -> list[MaterialView]:
    rows = await CaseMaterial.filter(case_id=case.id).order_by("code", "added_at")
    return [
        MaterialView(
            row.id,
            row.code,
            cases.register.open(case.id, f"file:{row.code}", row.filename),
            row.media_type,
            row.size,
            row.pages,
            row.added_at,
        )
        for row in rows
    ]


async def _parties(cases: Cases, case: Case, reader: Actor) -> list[PartyView]:
    rows = await CaseParty.filter(case_id=case.id).order_by("role", "id")
    found = []
    for row in rows:
        name = cases.register.open(case.id, f"party:{row.id_index}", row.name)
        is_me = row.account_id == reader.id
        found.append(
            PartyView(
                row.id, row.role, PARTY_ROLES[row.role], name if is_me else masked(name), is_me, row.joined_at is not None, row.signed_at
            )
        )
    return found


async def _corrections(cases: Cases, case: Case) -> list[GapView]:
    rows = await CaseGap.filter(case_id=case.id).order_by("round", "subject")
    return [GapView(row.round, row.subject, cases.register.open(case.id, f"gap:{row.round}:{row.subject}", row.reason)) for row in rows]


async def case_view(cases: Cases, case: Case, actor: Actor) -> CaseView:
    is_owner = case.owner_id == actor.id
    gaps = await cases.drafts.gaps(case) if case.state == "draft" and is_owner else {}
    standing = await cases.envelopes.standing(case.envelope_id) if case.envelope_id else []
    mine = next((row.state for row in standing if row.account_id == actor.id), None)
    allowed = cases.register.allowed(case, actor, is_complete=not gaps)
    return CaseView(
        id=case.id,
        number=case.number,
        title=case.title,
        item_code=case.item_code,
        department=case.department,
        state=case.state,
        state_label=FLOW.states[case.state],
        is_owner=is_owner,
        allowed_actions=[name for name in allowed if is_owner or name == "sign"]
        if mine == "waiting"
        else [name for name in allowed if is_owner and name != "sign"],
        materials=await _materials(cases, case),
        parties=await _parties(cases, case, actor),
        gaps=gaps,
        corrections=await _corrections(cases, case) if is_owner else [],
        commitment_sha256=case.commitment_sha256,
        consent_version=CONSENT_VERSION,
        consent_text=CONSENT_TEXT,
        is_signed=case.is_signed,
        my_signature=mine,
        submitted_at=case.submitted_at,
        accepted_at=case.accepted_at,
        decided_at=case.decided_at,
        closed_at=case.closed_at,
        promised_on=case.promised_on,
        statutory_on=case.statutory_on,
        is_deadline_provisional=case.is_deadline_provisional,
        decision_reason=cases.register.open(case.id, "decision", case.decision_reason),
        trips=case.trips,
    )


async def clerk_view(cases: Cases, case: Case, actor: Actor) -> ClerkCaseView:
    is_another = may_decide(actor.id, *await cases.review.reviewers(case))
    return ClerkCaseView(
        id=case.id,
        number=case.number,
        title=case.title,
        item_code=case.item_code,
        department=case.department,
        state=case.state,
        state_label=FLOW.states[case.state],
        allowed_actions=cases.register.allowed(case, actor, is_another_person=is_another),
        answers=msgspec.json.decode(case.answers),
        form=cases.register.open(case.id, "form", case.form),
        materials=await _materials(cases, case),
        parties=await _parties(cases, case, actor),
        corrections=await _corrections(cases, case),
        review_round=case.review_round,
        submitted_at=case.submitted_at,
        accepted_at=case.accepted_at,
        promised_on=case.promised_on,
        statutory_on=case.statutory_on,
        is_deadline_provisional=case.is_deadline_provisional,
        pauses=await cases.review.pauses(case),
    )
