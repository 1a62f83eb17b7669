"""From stored cases to what people see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from core.actor import Actor
from core.audit import ChainReport, Link
from core.clock import BEIJING
from esign.envelopes.service import CONSENT_TEXT, CONSENT_VERSION
from hall.cases.documents import shown
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseGap, CaseMaterial, CaseParty, CasePause
from hall.cases.next_steps import NextStep, Standing, next_step
from hall.cases.rules import DEADLINES, PARTY_ROLES, PAUSE_REASONS, REPLY_DAYS, may_decide, needs_delivery, tone
from hall.cases.service import Cases
from hall.cases.timeline import Milestone, milestones
from hall.cases.views import (
    AuditView,
    CaseSummary,
    CaseView,
    ClerkCaseSummary,
    ClerkCaseView,
    DeadlineView,
    FormLineView,
    GapView,
    LineView,
    LinkView,
    MaterialView,
    NeededView,
    PartyView,
    SubjectView,
)
from hall.catalog.service import Checklist, FormField, Item, shown_fields


def audit_view(links: list[Link], report: ChainReport) -> AuditView:
    seen = [LinkView(link.seq, link.at, link.actor_kind, link.action, link.hash) for link in links]
    return AuditView(report.is_intact, report.length, report.head, report.broken_at, report.reason, seen)


def masked(name: str) -> str:
    return name[:1] + "*" * max(1, len(name) - 1)


def _frozen(case: Case) -> Checklist:
    return msgspec.json.decode(case.checklist, type=Checklist)


def _reply_by(cases: Cases, case: Case) -> date | None:
    """When the applicant hears at the latest what must be mended; None before the submission."""
    if case.submitted_at is None:
        return None
    return cases.calendar.deadline(case.submitted_at.astimezone(BEIJING).date(), REPLY_DAYS, ())[0]


def deadline(cases: Cases, case: Case) -> DeadlineView | None:
    """The clock that runs for the clerks now; None when none does."""
    last = case.promised_on if case.state == "accepted" else _reply_by(cases, case)
    if case.state not in DEADLINES or last is None:
        return None
    today = cases.register.clock.now().astimezone(BEIJING).date()
    left = cases.calendar.left(today, last)
    return DeadlineView(last, left, tone(last, today, left), DEADLINES[case.state])


@dataclass(frozen=True)
class _Stand:
    """What is worked out once for a reader of a case."""

    allowed: list[str]
    gaps: dict[str, str]
    my_signature: str | None
    next_step: NextStep
    parcel_id: str | None


async def _stand(cases: Cases, case: Case, actor: Actor) -> _Stand:
    is_owner = case.owner_id == actor.id
    gaps = await cases.drafts.gaps(case) if case.state == "draft" and is_owner else {}
    signers = await cases.envelopes.standing(case.envelope_id) if case.envelope_id else []
    mine = next((row.state for row in signers if row.account_id == actor.id), None)
    allowed = cases.register.allowed(case, actor, is_complete=not gaps)
    if mine == "waiting":
        allowed = [name for name in allowed if is_owner or name == "sign"]
    else:
        allowed = [name for name in allowed if is_owner and name != "sign"]
    pause = await CasePause.filter(case_id=case.id, to_on=None).first() if case.state == "special" else None
    parcel = await cases.progress.parcel(case) if case.licence_id and is_owner else None
    corrected = case.state in {"draft", "returned"} and case.review_round
    standing = Standing(
        state=case.state,
        is_owner=is_owner,
        allowed=allowed,
        gaps=gaps,
        material_names={material.code: material.name for material in _frozen(case).materials} if gaps else {},
        corrections=await CaseGap.filter(case_id=case.id, round=case.review_round).count() if corrected else 0,
        my_signature=mine,
        is_signed=case.is_signed,
        unsigned=sum(row.state == "waiting" for row in signers),
        reply_by=_reply_by(cases, case),
        promised_on=case.promised_on,
        pause=PAUSE_REASONS.get(pause.reason, "") if pause else "",
        parcel=parcel[1] if parcel else None,
    )
    return _Stand(allowed, gaps, mine, next_step(standing), parcel[0] if parcel else None)


async def summary(cases: Cases, case: Case, actor: Actor) -> CaseSummary:
    stand = await _stand(cases, case, actor)
    return CaseSummary(
        id=case.id,
        number=case.number,
        title=case.title,
        state=case.state,
        state_label=FLOW.states[case.state],
        is_owner=case.owner_id == actor.id,
        allowed_actions=stand.allowed,
        next_step=stand.next_step,
        submitted_at=case.submitted_at,
        promised_on=case.promised_on,
        updated_at=case.updated_at,
    )


async def queue_view(cases: Cases, found: Sequence[Case]) -> list[ClerkCaseSummary]:
    owners = {
        row.case_id: masked(cases.register.open(row.case_id, f"party:{row.id_index}", row.name))  # type: ignore[attr-defined]
        for row in await CaseParty.filter(case_id__in=[case.id for case in found], role="legal_person")
    }
    return [
        ClerkCaseSummary(
            id=case.id,
            number=case.number,
            title=case.title,
            department=case.department,
            applicant=owners.get(case.id, ""),
            state=case.state,
            state_label=FLOW.states[case.state],
            deadline=deadline(cases, case),
            submitted_at=case.submitted_at,
            promised_on=case.promised_on,
            updated_at=case.updated_at,
        )
        for case in found
    ]


def _needed(checklist: Checklist, held: set[str]) -> list[NeededView]:
    return [
        NeededView(
            code=material.code,
            name=material.name,
            note=material.note,
            because=material.because,
            source=material.issuer or material.source,
            accepts=material.accepts,
            max_bytes=material.max_bytes,
            is_required=material.is_required,
            is_exempt=material.is_exempt,
            is_generated=material.is_generated,
            is_provided=material.code in held,
        )
        for material in checklist.materials
    ]


def _answers(checklist: Checklist) -> list[LineView]:
    return [LineView(answer.label, answer.text) for answer in checklist.answers]


def _clear(field: FormField, value: Any) -> str:
    """For reviewers: like `shown`, but a number is not masked, since they compare it with the papers."""
    return str(value) if field.type == "id_number" else shown(field, value)


def labels(item: Item, form: dict[str, Any], checklist: Checklist) -> dict[str, str]:
    """What each subject of a correction is called, in the order of the form and the list of materials."""
    found = {f"form.{field.name}": field.label for field in shown_fields(item.form, form)}
    found.update({f"materials.{material.code}": material.name for material in checklist.materials if material.is_required})
    return found


async def _materials(cases: Cases, case: Case, checklist: Checklist) -> list[MaterialView]:
    names = {material.code: material.name for material in checklist.materials}
    rows = await CaseMaterial.filter(case_id=case.id).order_by("code", "added_at")
    return [
        MaterialView(
            row.id,
            row.code,
            names.get(row.code, row.code),
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


async def _corrections(cases: Cases, case: Case, item: Item) -> list[GapView]:
    names = {f"form.{field.name}": field.label for field in item.form}
    names.update({f"materials.{material.code}": material.name for material in item.materials})
    found = []
    for row in await CaseGap.filter(case_id=case.id).order_by("round", "subject"):
        reason = cases.register.open(case.id, f"gap:{row.round}:{row.subject}", row.reason)
        found.append(GapView(row.round, row.subject, names.get(row.subject, ""), reason))
    return found


async def _timeline(cases: Cases, case: Case, checklist: Checklist) -> list[Milestone]:
    return milestones(
        await cases.progress.recorded(case),
        case.state,
        reply_by=_reply_by(cases, case),
        promised_on=case.promised_on,
        is_sent=needs_delivery(checklist.deliveries),
    )


async def case_view(cases: Cases, case: Case, actor: Actor) -> CaseView:
    is_owner, checklist = case.owner_id == actor.id, _frozen(case)
    stand = await _stand(cases, case, actor)
    item = await cases.catalog.get(case.item_code, case.item_version)
    materials = await _materials(cases, case, checklist)
    return CaseView(
        id=case.id,
        number=case.number,
        title=case.title,
        item_code=case.item_code,
        department=case.department,
        state=case.state,
        state_label=FLOW.states[case.state],
        is_owner=is_owner,
        allowed_actions=stand.allowed,
        next_step=stand.next_step,
        timeline=await _timeline(cases, case, checklist),
        answer_lines=_answers(checklist),
        needed=_needed(checklist, {material.code for material in materials}),
        materials=materials,
        parties=await _parties(cases, case, actor),
        gaps=stand.gaps,
        corrections=await _corrections(cases, case, item) if is_owner else [],
        commitment_sha256=case.commitment_sha256,
        consent_version=CONSENT_VERSION,
        consent_text=CONSENT_TEXT,
        is_signed=case.is_signed,
        my_signature=stand.my_signature,
        submitted_at=case.submitted_at,
        accepted_at=case.accepted_at,
        decided_at=case.decided_at,
        closed_at=case.closed_at,
        promised_on=case.promised_on,
        statutory_on=case.statutory_on,
        is_deadline_provisional=case.is_deadline_provisional,
        decision_reason=cases.register.open(case.id, "decision", case.decision_reason),
        remedies=list(checklist.remedies),
        help_phone=checklist.places[0].phone,
        licence_id=case.licence_id if is_owner else None,
        parcel_id=stand.parcel_id,
        trips=case.trips,
    )


async def clerk_view(cases: Cases, case: Case, actor: Actor) -> ClerkCaseView:
    is_another = may_decide(actor.id, *await cases.review.reviewers(case))
    checklist, item = _frozen(case), await cases.catalog.get(case.item_code, case.item_version)
    form: dict[str, Any] = cases.register.open(case.id, "form", case.form)
    materials = await _materials(cases, case, checklist)
    parcel = await cases.progress.parcel(case) if case.licence_id else None
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
        answer_lines=_answers(checklist),
        form=form,
        form_lines=[
            FormLineView(field.name, field.label, _clear(field, form[field.name]), f"form.{field.name}")
            for field in shown_fields(item.form, form)
            if form.get(field.name) not in (None, "")
        ],
        needed=_needed(checklist, {material.code for material in materials}),
        subjects=[SubjectView(key, label) for key, label in labels(item, form, checklist).items()],
        materials=materials,
        parties=await _parties(cases, case, actor),
        corrections=await _corrections(cases, case, item),
        timeline=await _timeline(cases, case, checklist),
        deadline=deadline(cases, case),
        review_round=case.review_round,
        submitted_at=case.submitted_at,
        accepted_at=case.accepted_at,
        promised_on=case.promised_on,
        statutory_on=case.statutory_on,
        is_deadline_provisional=case.is_deadline_provisional,
        pauses=await cases.review.pauses(case),
        decision_reason=cases.register.open(case.id, "decision", case.decision_reason),
        has_decision_signature=case.decision_signature_sha256 is not None,
        licence_id=case.licence_id,
        parcel_id=parcel[0] if parcel else None,
    )
