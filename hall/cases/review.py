"""The clerks' side: queue, pre-review, acceptance, special procedures, decision. Nobody decides what they reviewed or accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec
from tortoise.expressions import Q

from core.actor import Actor
from core.clock import BEIJING
from core.db import transaction
from core.errors import DomainError, InvalidInput, NotFound
from core.ids import new_id
from core.outbox import Event, emit
from core.storage import Vault
from esign.envelopes.service import HANDWRITING_TYPE, Handwriting
from hall.cases.errors import GapNotNew, SamePerson
from hall.cases.events import CaseAccepted, CaseGranted, CaseNotAccepted, CasePaused, CaseRefused, CaseResumed, CaseReturned
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseGap, CaseMaterial, CaseParty, CasePause, CaseSnapshot
from hall.cases.ports import Calendar, People
from hall.cases.register import Register
from hall.cases.rules import PAUSE_REASONS, may_decide, unlawful_gaps
from hall.cases.signing import Signing
from hall.catalog.service import Catalog

QUEUE_STATES = ("prereview", "prereviewed", "accepted", "special", "granted", "delivering")


class Review:
    def __init__(self, register: Register, signing: Signing, catalog: Catalog, vault: Vault, calendar: Calendar, people: People) -> None:
        self._register, self._signing, self._catalog, self._vault = register, signing, catalog, vault
        self._calendar, self._people = calendar, people

    async def queue(self, actor: Actor, state: str | None, limit: int = 50, offset: int = 0, *, text: str = "") -> list[Case]:
        """Cases of the clerk's office, the most urgent first. `text` is a part of the number or title, the end of the receipt number, or
        the whole ID number of one of the people; with it, finished cases are found too."""
        self._register.require_case_work(actor)
        text = text.strip()
        query = Case.filter(state=state) if state else Case.all() if text else Case.filter(state__in=QUEUE_STATES)
        if text:
            query = query.filter(await self._matching(text))
        if not actor.may("case.any_office"):
            query = query.filter(office_id=actor.office_id or "")
        query = query.filter(submitted_at__isnull=False).exclude(state__in=["draft", "signing"])
        return await query.order_by("promised_on", "updated_at").offset(offset).limit(limit)

    async def _matching(self, text: str) -> Q:
        wanted = Q(number__icontains=text) | Q(title__icontains=text) | Q(id__iendswith=text)
        try:
            people = CaseParty.filter(id_index=self._people.id_index(text))
        except DomainError:
            return wanted
        return wanted | Q(id__in=[str(found) for found in await people.values_list("case_id", flat=True)])

    async def file(self, actor: Actor, case_id: str, material_id: str) -> tuple[bytes, str]:
        """One material, for a clerk who may see the case; every look is recorded."""
        case = await self._register.of_clerk(actor, case_id)
        material = await CaseMaterial.get_or_none(id=material_id, case_id=case.id)
        if material is None:
            raise NotFound()
        async with transaction():
            await self._register.note(case, "case.material_viewed", actor, self._register.clock.now(), code=material.code)
        return await self._vault.get(material.sha256, scope=case.id), material.media_type

    async def commitment(self, actor: Actor, case_id: str) -> bytes:
        case = await self._register.of_clerk(actor, case_id)
        if case.envelope_id is None:
            raise NotFound()
        return await self._signing.envelope_pdf(case.envelope_id)

    async def prereview(self, actor: Actor, case_id: str) -> Case:
        """Everything is there and in order; no statutory clock yet."""
        case = await self._register.of_clerk(actor, case_id)
        row = FLOW.move(case.state, "pass", actor)
        async with transaction():
            await self._register.save(case, row, prereviewer_id=actor.id)
            await self._register.note(case, "case.prereviewed", actor, self._register.clock.now())
        return case

    async def send_back(self, actor: Actor, case_id: str, gaps: Mapping[str, str]) -> Case:
        """Name all corrections at once. GapNotNew when one of them could have been named in an earlier round (R25)."""
        case = await self._register.of_clerk(actor, case_id)
        row = FLOW.move(case.state, "return", actor)
        current = await self._signing.subjects(case)
        item = await self._catalog.get(case.item_code, case.item_version)
        valid = {f"form.{field.name}" for field in item.form} | {f"materials.{material.code}" for material in item.materials}
        strangers = [subject for subject in gaps if subject not in valid]
        if strangers or not gaps:
            raise InvalidInput(fields=dict.fromkeys(strangers, "没有这一项。") or {"gaps": "请写明需要补正的内容。"})
        rounds = {gap.round for gap in await CaseGap.filter(case_id=case.id)}
        earlier = [
            msgspec.json.decode(row.digests, type=dict[str, str])
            for row in await CaseSnapshot.filter(case_id=case.id, round__in=list(rounds))
        ]
        unlawful = unlawful_gaps(gaps, earlier, current)
        if unlawful:
            raise GapNotNew(fields=dict.fromkeys(unlawful, GapNotNew.message))
        now = self._register.clock.now()
        async with transaction():
            await self._register.save(case, row, prereviewer_id=actor.id)
            for subject, reason in gaps.items():
                await CaseGap.create(
                    id=new_id("gap"),
                    case=case,
                    round=case.review_round,
                    subject=subject,
                    subject_digest=current.get(subject, ""),
                    reason=self._register.seal(case.id, f"gap:{case.review_round}:{subject}", reason),
                    raised_by=actor.id,
                    raised_at=now,
                )
            await self._register.note(case, "case.returned", actor, now, subjects=sorted(gaps), round=case.review_round)
            await emit(CaseReturned(case_id=case.id, owner_id=case.owner_id), at=now)
        return case

    async def accept(self, actor: Actor, case_id: str) -> Case:
        """受理: the clocks start on the next working day (行政许可法 art. 42, 82)."""
        case = await self._register.of_clerk(actor, case_id)
        row = FLOW.move(case.state, "accept", actor)
        item = await self._catalog.get(case.item_code, case.item_version)
        now = self._register.clock.now()
        today = now.astimezone(BEIJING).date()
        promised, _ = self._calendar.deadline(today, item.promised_days, ())
        statutory, is_provisional = self._calendar.deadline(today, item.statutory_days, ())
        async with transaction():
            await self._register.save(
                case,
                row,
                acceptor_id=actor.id,
                accepted_at=now,
                promised_on=promised,
                statutory_on=statutory,
                is_deadline_provisional=is_provisional,
            )
            await self._register.note(
                case, "case.accepted", actor, now, promised_on=str(promised), statutory_on=str(statutory), is_provisional=is_provisional
            )
            await emit(CaseAccepted(case_id=case.id, owner_id=case.owner_id), at=now)
        return case

    async def decline(self, actor: Actor, case_id: str, action: str, reason: str) -> Case:
        """不受理 or 不予受理, with the reason the applicant reads."""
        return await self._move(actor, case_id, action, CaseNotAccepted, reason=reason)

    async def pause(self, actor: Actor, case_id: str, reason: str) -> Case:
        """Special procedure: its days do not count."""
        if reason not in PAUSE_REASONS:
            raise InvalidInput(fields={"reason": "请选择特别程序的种类。"})
        case = await self._register.of_clerk(actor, case_id)
        row = FLOW.move(case.state, "pause", actor)
        now = self._register.clock.now()
        async with transaction():
            await self._register.save(case, row)
            await CasePause.create(id=new_id("pause"), case=case, reason=reason, from_on=now.astimezone(BEIJING).date())
            await self._register.note(case, "case.paused", actor, now, reason=reason)
            await emit(CasePaused(case_id=case.id, owner_id=case.owner_id), at=now)
        return case

    async def resume(self, actor: Actor, case_id: str) -> Case:
        """The clock goes on; both deadlines move by the working days that did not count."""
        case = await self._register.of_clerk(actor, case_id)
        row = FLOW.move(case.state, "resume", actor)
        item = await self._catalog.get(case.item_code, case.item_version)
        now = self._register.clock.now()
        today = now.astimezone(BEIJING).date()
        accepted_on = (case.accepted_at or now).astimezone(BEIJING).date()
        async with transaction():
            await CasePause.filter(case_id=case.id, to_on=None).update(to_on=today)
            pauses = await self.pauses(case)
            promised, _ = self._calendar.deadline(accepted_on, item.promised_days, pauses)
            statutory, is_provisional = self._calendar.deadline(accepted_on, item.statutory_days, pauses)
            await self._register.save(case, row, promised_on=promised, statutory_on=statutory, is_deadline_provisional=is_provisional)
            await self._register.note(case, "case.resumed", actor, now, promised_on=str(promised), statutory_on=str(statutory))
            await emit(CaseResumed(case_id=case.id, owner_id=case.owner_id), at=now)
        return case

    async def pauses(self, case: Case) -> list[tuple[date, date]]:
        """The pause ledger: from a day up to and without another; a pause within one day stops nothing."""
        rows = await CasePause.filter(case_id=case.id).order_by("from_on")
        return [(row.from_on, row.to_on) for row in rows if row.to_on is not None and row.to_on > row.from_on]

    async def reviewers(self, case: Case) -> set[str]:
        """Everybody who reviewed or accepted the case in any round; none of them decides it (R38)."""
        raised = await CaseGap.filter(case_id=case.id).values_list("raised_by", flat=True)
        return {str(one) for one in (*raised, case.prereviewer_id, case.acceptor_id) if one}

    async def decide(self, actor: Actor, case_id: str, *, is_granted: bool, reason: str, signature: Handwriting | None = None) -> Case:
        """准予 or 不予, with the approver's own handwriting if given (R82). SamePerson for whoever pre-reviewed or accepted (R38);
        HandwritingUnusable."""
        case = await self._register.of_clerk(actor, case_id)
        action = "grant" if is_granted else "refuse"
        FLOW.find(case.state, action)
        is_another = may_decide(actor.id, *await self.reviewers(case))
        if not is_another and FLOW.move(case.state, action, actor, {"is_another_person": True}):
            raise SamePerson()
        event = CaseGranted if is_granted else CaseRefused
        if signature is None:
            return await self._move(actor, case_id, action, event, reason=reason, decider_id=actor.id)
        FLOW.move(case.state, action, actor, {"is_another_person": True})
        stored = await self._vault.put(signature.as_bytes(), HANDWRITING_TYPE, scope=_signatures(case.id))
        try:
            return await self._move(
                actor, case_id, action, event, reason=reason, decider_id=actor.id, decision_signature_sha256=stored.sha256
            )
        except DomainError:
            # A twin of this request, with the same strokes, may have been first.
            if not await Case.filter(id=case.id, decision_signature_sha256=stored.sha256).exists():
                await self._vault.delete(stored.sha256, scope=_signatures(case.id))
            raise

    async def decision_signature(self, case: Case) -> bytes | None:
        """The approver's strokes as they were recorded; the decision's audit entry holds their hash. For evidence; no route shows it."""
        if case.decision_signature_sha256 is None:
            return None
        return await self._vault.get(case.decision_signature_sha256, scope=_signatures(case.id))

    async def _move(self, actor: Actor, case_id: str, action: str, event: type[Event], *, reason: str, **changes: object) -> Case:
        case = await self._register.of_clerk(actor, case_id)
        facts = {"is_another_person": may_decide(actor.id, *await self.reviewers(case))}
        row = FLOW.move(case.state, action, actor, facts)
        now = self._register.clock.now()
        if row.target in FLOW.final:
            changes["closed_at"] = now
        sealed = self._register.seal(case.id, "decision", reason)
        async with transaction():
            await self._register.save(case, row, decided_at=now, decision_reason=sealed, **changes)
            signed = changes.get("decision_signature_sha256")
            await self._register.note(case, f"case.{row.target}", actor, now, **({"signature_sha256": signed} if signed else {}))
            await emit(event(case_id=case.id, owner_id=case.owner_id), at=now)
        return case


def _signatures(case_id: str) -> str:
    """Apart from the applicant's files."""
    return f"{case_id}:decision"
