"""The commitment: frozen into a PDF, signed by every party on their own phone, each bound to a fresh proof of identity, then submitted."""

from __future__ import annotations

import msgspec

from core.actor import SYSTEM, Actor
from core.clock import BEIJING
from core.db import transaction
from core.errors import NotFound
from core.ids import new_id
from core.numbering import next_number
from core.outbox import emit
from core.storage import Vault
from esign.envelopes.service import Envelopes, SignatureInput, SignerSlot
from hall.cases.drafts import Drafts
from hall.cases.errors import NotSigned
from hall.cases.events import CaseSubmitted
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseMaterial, CaseParty, CaseSnapshot
from hall.cases.ports import Documents, People, SignerPlan
from hall.cases.register import Register
from hall.cases.rules import PARTY_ROLES, case_number, subject_digests
from hall.catalog.service import Catalog, Checklist
from identity.liveness.service import Verifications


class Signing:
    def __init__(
        self,
        register: Register,
        drafts: Drafts,
        catalog: Catalog,
        vault: Vault,
        people: People,
        documents: Documents,
        envelopes: Envelopes,
        verifications: Verifications,
    ) -> None:
        self._register, self._drafts, self._catalog, self._vault = register, drafts, catalog, vault
        self._people, self._documents, self._envelopes, self._verifications = people, documents, envelopes, verifications

    async def prepare(self, actor: Actor, case_id: str) -> Case:
        """Freeze the application into the PDF that everybody signs. Incomplete names every gap at once."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        FLOW.find(case.state, "prepare_signing")
        await self._drafts.require_complete(case)
        row = FLOW.move(case.state, "prepare_signing", actor, {"is_complete": True})
        item = await self._catalog.get(case.item_code, case.item_version)
        plans = await self._signers(case)
        now = self._register.clock.now()
        checklist = msgspec.json.decode(case.checklist, type=Checklist)
        document = await self._documents.commitment(
            case.id[-12:].upper(), checklist, self._register.open(case.id, "form", case.form), item.form, plans, now
        )
        slots = [
            SignerSlot(account_id=plan.account_id, name=plan.name, masked_id_number=plan.id_number_masked, field=plan.field)
            for plan in plans
        ]
        prepared = await self._envelopes.prepare(document, [plan.field for plan in plans])
        async with transaction():
            envelope_id = await self._envelopes.open(prepared, slots, subject=case.id)
            await CaseParty.filter(case_id=case.id).update(signed_at=None)
            await self._register.save(case, row, envelope_id=envelope_id, commitment_sha256=prepared.sha256, is_signed=False)
            await self._register.note(case, "case.commitment_prepared", actor, now, sha256=prepared.sha256)
        return case

    async def _signers(self, case: Case) -> list[SignerPlan]:
        parties = await CaseParty.filter(case_id=case.id).order_by("role", "id")
        plans = []
        for number, party in enumerate(parties, 1):
            person = await self._people.person(party.account_id or "")
            if person is None:
                raise NotFound()
            plans.append(SignerPlan(person.account_id, PARTY_ROLES[party.role], person.name, person.id_number_masked, f"signer_{number}"))
        return plans

    async def reopen(self, actor: Actor, case_id: str) -> Case:
        """Back to editing; what was signed is void, because the document will be another one."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        row = FLOW.move(case.state, "reopen", actor, {"is_owner": True})
        async with transaction():
            if case.envelope_id:
                await self._envelopes.void(case.envelope_id)
            await self._register.save(case, row, envelope_id=None, commitment_sha256=None, is_signed=False)
            await self._register.note(case, "case.reopened", actor, self._register.clock.now())
        return case

    async def document(self, actor: Actor, case_id: str) -> bytes:
        """The commitment as it stands: unsigned, half-signed or complete."""
        case = await self._register.of_citizen(actor, case_id)
        if case.envelope_id is None:
            raise NotFound()
        return await self._envelopes.current_pdf(case.envelope_id)

    async def document_to_read(self, actor: Actor, case_id: str) -> bytes:
        """The commitment to be read page by page: before signing it is the very file whose hash is `commitment_sha256`."""
        case = await self._register.of_citizen(actor, case_id)
        if case.envelope_id is None:
            raise NotFound()
        return await self._envelopes.pdf_to_read(case.envelope_id, actor.id)

    async def envelope_pdf(self, envelope_id: str) -> bytes:
        return await self._envelopes.current_pdf(envelope_id)

    async def sign(self, actor: Actor, case_id: str, assertion: str, signature: SignatureInput) -> Case:
        """Record one party's will to sign and consume the identity assertion in the same transaction; the PDF is signed by the worker.

        The assertion must be for this actor, this case and the hash of this very document. Signing twice is refused by the envelope.
        """
        case = await self._register.of_citizen(actor, case_id)
        FLOW.move(case.state, "sign", actor)
        if case.envelope_id is None or case.commitment_sha256 is None:
            raise NotFound()
        now = self._register.clock.now()
        async with transaction():
            facts = await self._verifications.consume(
                assertion, application_id=case.id, document_sha256=case.commitment_sha256, account_id=actor.id
            )
            await self._envelopes.request_signature(
                case.envelope_id,
                actor.id,
                signature,
                assertion_id=facts.jti,
                methods=[facts.method],
                document_sha256=case.commitment_sha256,
            )
            await self._register.note(
                case,
                "case.signature_requested",
                actor,
                now,
                assertion=facts.jti,
                methods=[facts.method],
                document_sha256=case.commitment_sha256,
            )
        return case

    async def record_signed(self, case_id: str, envelope_id: str, account_id: str, sha256: str, *, is_complete: bool) -> None:
        """The worker has put a signature into the PDF (idempotent). News of an envelope that was voided since changes nothing."""
        now = self._register.clock.now()
        async with transaction():
            case = await Case.get(id=case_id)
            if case.envelope_id != envelope_id:
                return
            changed = await CaseParty.filter(case_id=case_id, account_id=account_id, signed_at=None).update(signed_at=now)
            if is_complete and not case.is_signed and case.state == "signing":
                await self._register.save(case, None, is_signed=True)
            if changed:
                await self._register.note(case, "case.signed", SYSTEM, now, signer=account_id, sha256=sha256)

    async def submit(self, actor: Actor, case_id: str) -> Case:
        """Hand the case in: number, snapshot of what the reviewer will see, pre-review. NotSigned while a signature is missing."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        FLOW.find(case.state, "submit")
        if not case.is_signed:
            raise NotSigned()
        row = FLOW.move(case.state, "submit", actor, {"is_signed": True})
        now = self._register.clock.now()
        today = now.astimezone(BEIJING).date()
        async with transaction():
            number = case.number
            if number is None:
                item = await self._catalog.get(case.item_code, case.item_version)
                serial = await next_number(f"case:{item.code}:{today:%Y%m%d}")
                number = case_number(item.code, today, serial)
            await self._register.save(case, row, number=number, submitted_at=now, review_round=case.review_round + 1)
            digests = await self.subjects(case)
            await CaseSnapshot.create(
                id=new_id("snapshot"), case=case, round=case.review_round, digests=msgspec.json.encode(digests).decode(), taken_at=now
            )
            await self._register.note(
                case, "case.submitted", actor, now, number=number, round=case.review_round, document_sha256=case.commitment_sha256
            )
            await emit(CaseSubmitted(case_id=case.id, owner_id=case.owner_id), at=now)
        return case

    async def subjects(self, case: Case) -> dict[str, str]:
        """Digest of each reviewable field and material as they are now."""
        files: dict[str, list[str]] = {}
        for material in await CaseMaterial.filter(case_id=case.id):
            files.setdefault(material.code, []).append(material.sha256)
        return subject_digests(self._register.open(case.id, "form", case.form), files)
