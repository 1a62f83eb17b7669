"""Before submission: the personal notice, a form that saves itself, files, and the people who must sign."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from core.actor import Actor
from core.clock import BEIJING
from core.crypto import BlindIndex
from core.db import IntegrityError, one_at_a_time, transaction
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from core.outbox import emit
from core.storage import Vault
from core.text import without_hidden
from esign.envelopes.service import Envelopes
from express.service import Recipient, recipient_problems
from hall.cases.errors import (
    IdentityFirst,
    Incomplete,
    InvitationInvalid,
    NotApplicable,
    PartyExists,
    TooManyDrafts,
    TooManyMaterials,
    UnknownMaterial,
)
from hall.cases.events import CaseStarted, CaseWithdrawn
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseMaterial, CaseParty
from hall.cases.ports import Documents, People, Person
from hall.cases.register import Register
from hall.cases.rules import INVITATION_DAYS, MAX_FILES_PER_MATERIAL, MAX_OPEN_DRAFTS, PARTY_ROLES, missing, needs_delivery
from hall.cases.uploads import PdfPages, sniff
from hall.cases.views import DraftView
from hall.catalog.service import Catalog, Checklist, carried_over, shown_fields, shown_values, validate_form


class Delivery(msgspec.Struct, frozen=True):
    """Where the licence goes; sealed at rest."""

    name: str
    phone: str
    province: str
    city: str
    county: str
    address: str


class _SentBefore(Exception):
    """The twin of this upload was attached a moment ago."""


class Drafts:
    """Commands of the owner and the invited parties while the case is a draft."""

    def __init__(
        self,
        register: Register,
        catalog: Catalog,
        vault: Vault,
        people: People,
        documents: Documents,
        index: BlindIndex,
        pdf_pages: PdfPages,
        envelopes: Envelopes,
    ) -> None:
        self._register, self._catalog, self._vault = register, catalog, vault
        self._people, self._documents, self._index, self._pdf_pages = people, documents, index, pdf_pages
        self._envelopes = envelopes

    async def start(self, actor: Actor, item_code: str, answers: Mapping[str, Any]) -> Case:
        """Open a draft with its frozen checklist, its notice PDF and what the answers already tell of the form. Raises ItemNotListed,
        InvalidInput (answers), IdentityFirst, TooManyDrafts."""
        person = await self._known(actor)
        await self._require_room(actor)
        item = await self._catalog.get(item_code)
        checklist = await self._catalog.answer_scenario(item_code, answers)
        if not checklist.is_applicable:
            raise NotApplicable("".join(f"{refusal.because}{refusal.instead}" for refusal in checklist.refusals))
        now = self._register.clock.now()
        case_id = new_id("case")
        receipt = f"GZ{now.astimezone(BEIJING):%Y%m%d}{secrets.randbelow(10**6):06d}"
        pdf = await self._documents.notice(receipt, person.name, checklist, now)
        stored = await self._vault.put(pdf, "application/pdf")
        try:
            async with transaction():
                await one_at_a_time(f"drafts:{actor.id}")
                await self._require_room(actor)
                case = await Case.create(
                    id=case_id,
                    item_code=item.code,
                    item_version=item.version,
                    title=item.name,
                    owner_id=actor.id,
                    office_id=checklist.places[0].office_id,
                    department=checklist.department,
                    state=FLOW.initial,
                    answers=msgspec.json.encode(dict(answers)).decode(),
                    checklist=msgspec.json.encode(checklist).decode(),
                    notice_sha256=stored.sha256,
                    form=self._register.seal(case_id, "form", carried_over(item, answers)),
                    created_at=now,
                    updated_at=now,
                )
                await self._add_party(case, "legal_person", person, joined=True)
                await self._register.note(case, "case.started", actor, now, item=item.code, notice_sha256=stored.sha256)
                await emit(CaseStarted(case_id=case.id, owner_id=actor.id), at=now)
        except TooManyDrafts:
            await self._vault.delete(stored.sha256)
            raise
        return case

    async def _require_room(self, actor: Actor) -> None:
        if await Case.filter(owner_id=actor.id, state__in=("draft", "signing")).count() >= MAX_OPEN_DRAFTS:
            raise TooManyDrafts()

    async def _known(self, actor: Actor) -> Person:
        person = await self._people.person(actor.id)
        if person is None:
            raise IdentityFirst()
        return person

    async def _add_party(self, case: Case, role: str, person: Person, *, joined: bool) -> CaseParty:
        return await CaseParty.create(
            id=new_id("party"),
            case=case,
            role=role,
            account_id=person.account_id,
            name=self._register.seal(case.id, f"party:{person.id_index}", person.name),
            id_index=person.id_index,
            joined_at=self._register.clock.now() if joined else None,
        )

    async def notice(self, actor: Actor, case_id: str) -> bytes:
        case = await self._register.of_citizen(actor, case_id)
        if case.notice_sha256 is None:
            raise NotFound()
        return await self._vault.get(case.notice_sha256)

    async def save_form(self, actor: Actor, case_id: str, values: Mapping[str, Any], delivery: Delivery | None) -> dict[str, str]:
        """Merge `values` into the draft (null removes a field) and return what is still wrong or missing. Half-filled values are kept:
        a draft may be incomplete. The same again changes nothing. InvalidInput only for unknown fields or values of a wrong kind."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        row = FLOW.move(case.state, "edit", actor, {"is_owner": True})
        item = await self._catalog.get(case.item_code, case.item_version)
        held: dict[str, Any] = self._register.open(case.id, "form", case.form)
        form = {name: value for name, value in {**held, **values}.items() if value is not None}
        known = {field.name for field in item.form}
        strangers = {name: "没有这一项。" for name in form if name not in known}
        if strangers or any(isinstance(value, dict | list) for value in form.values()):
            raise InvalidInput(fields=strangers or {"values": "格式不对。"})
        changes: dict[str, Any] = {} if form == held else {"form": self._register.seal(case.id, "form", form)}
        if delivery is not None:
            problems = recipient_problems(msgspec.convert(msgspec.to_builtins(delivery), Recipient))
            if problems:
                raise InvalidInput(fields={f"delivery.{name}": sentence for name, sentence in problems.items()})
            changes["delivery"] = self._register.seal(case.id, "delivery", msgspec.to_builtins(delivery))
        if changes:
            async with transaction():
                await self._register.save(case, row, **changes)
        return await self.gaps(case)

    async def draft(self, actor: Actor, case_id: str) -> DraftView:
        """The draft as it stands, for resuming on another phone, with the fields to be shown now."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        item = await self._catalog.get(case.item_code, case.item_version)
        form: dict[str, Any] = self._register.open(case.id, "form", case.form)
        return DraftView(
            form=form,
            delivery=self._register.open(case.id, "delivery", case.delivery),
            gaps=await self.gaps(case),
            fields=shown_fields(item.form, form),
            needs_delivery=needs_delivery(msgspec.json.decode(case.checklist, type=Checklist).deliveries),
        )

    async def gaps(self, case: Case) -> dict[str, str]:
        """Everything that is missing before signing, at once (R24)."""
        item = await self._catalog.get(case.item_code, case.item_version)
        checklist = msgspec.json.decode(case.checklist, type=Checklist)
        form = self._register.open(case.id, "form", case.form)
        parties = await CaseParty.filter(case_id=case.id)
        held = await CaseMaterial.filter(case_id=case.id).values_list("code", flat=True)
        required = {material.code: material.name for material in checklist.materials if material.is_required}
        wanted_roles = [role for role in checklist.signers if role not in {party.role for party in parties}]
        return missing(
            validate_form(item.form, shown_values(item.form, form), partial=False),
            required,
            [str(code) for code in held],
            has_delivery=case.delivery is not None or not needs_delivery(checklist.deliveries),
            parties_waiting=sum(party.joined_at is None for party in parties),
            roles_missing=wanted_roles,
        )

    async def add_material(
        self, actor: Actor, case_id: str, code: str, data: bytes, filename: str, declared_type: str, *, key: str | None = None
    ) -> CaseMaterial:
        """Check, encrypt and attach one file; several may be sent at once, and the same one again changes nothing: neither the same bytes
        nor, with the sender's own `key`, a retry for which a phone made the picture anew. A refused file leaves no row and no object."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        FLOW.move(case.state, "edit", actor, {"is_owner": True})
        checklist = msgspec.json.decode(case.checklist, type=Checklist)
        if code not in {material.code for material in checklist.materials if not material.is_generated}:
            raise UnknownMaterial()
        upload_key = hashlib.sha256(f"{actor.id}\n{key}".encode()).hexdigest() if key else None
        sent_before = CaseMaterial.filter(case_id=case.id, code=code, upload_key=upload_key)
        if upload_key is not None and (held := await sent_before.first()) is not None:
            return held
        found = await sniff(data, declared_type, self._pdf_pages)
        held = await CaseMaterial.get_or_none(case_id=case.id, code=code, sha256=hashlib.sha256(data).hexdigest())
        if held is not None:
            return held
        stored = await self._vault.put(data, found.media_type, scope=case.id)
        now = self._register.clock.now()
        try:
            async with transaction():
                await self._register.touch(case)
                if upload_key is not None and await sent_before.exists():
                    raise _SentBefore
                if await CaseMaterial.filter(case_id=case.id, code=code).count() >= MAX_FILES_PER_MATERIAL:
                    raise TooManyMaterials()
                material = await CaseMaterial.create(
                    id=new_id("material"),
                    case=case,
                    code=code,
                    sha256=stored.sha256,
                    media_type=stored.media_type,
                    size=stored.size,
                    pages=found.pages,
                    filename=self._register.seal(case.id, f"file:{code}", without_hidden(filename)[:200]),
                    added_at=now,
                    upload_key=upload_key,
                )
                await self._register.note(case, "case.material_added", actor, now, code=code, sha256=stored.sha256)
        except IntegrityError:
            return await CaseMaterial.get(case_id=case.id, code=code, sha256=stored.sha256)
        except _SentBefore:
            await self._drop_unused(case.id, stored.sha256)
            return await sent_before.get()
        except BaseException:
            await self._drop_unused(case.id, stored.sha256)
            raise
        # A removal of the same file that ran in between may have dropped the object; storing again is free when it is there.
        await self._vault.put(data, found.media_type, scope=case.id)
        return material

    async def remove_material(self, actor: Actor, case_id: str, material_id: str) -> None:
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        FLOW.move(case.state, "edit", actor, {"is_owner": True})
        material = await CaseMaterial.get_or_none(id=material_id, case_id=case.id)
        if material is None:
            raise NotFound()
        async with transaction():
            await self._register.touch(case)
            await material.delete()
            await self._register.note(case, "case.material_removed", actor, self._register.clock.now(), code=material.code)
        await self._drop_unused(case.id, material.sha256)

    async def _drop_unused(self, case_id: str, sha256: str) -> None:
        if not await CaseMaterial.filter(case_id=case_id, sha256=sha256).exists():
            await self._vault.delete(sha256, scope=case_id)

    async def material_file(self, actor: Actor, case_id: str, material_id: str) -> tuple[bytes, str]:
        case = await self._register.of_citizen(actor, case_id)
        material = await CaseMaterial.get_or_none(id=material_id, case_id=case.id)
        if material is None:
            raise NotFound()
        return await self._vault.get(material.sha256, scope=case.id), material.media_type

    async def invite(self, actor: Actor, case_id: str, role: str, name: str, id_number: str) -> str:
        """Name a further signer; returns the invitation code to pass on (shown once). Only the person with that ID number can use it.

        Inviting somebody who has not joined again gives a new code, and the old one dies. PartyExists once they have joined."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        row = FLOW.move(case.state, "edit", actor, {"is_owner": True})
        if role not in PARTY_ROLES or role == "legal_person":
            raise InvalidInput(fields={"role": "请选择这个人的身份。"})
        index = self._people.id_index(id_number)
        code = secrets.token_urlsafe(18)
        now = self._register.clock.now()
        try:
            async with transaction():
                await self._register.save(case, row)
                # Inviting the same person again replaces an invitation that was lost, misspelt or has expired.
                await CaseParty.filter(case_id=case.id, id_index=index, account_id=None).delete()
                await CaseParty.create(
                    id=new_id("party"),
                    case=case,
                    role=role,
                    name=self._register.seal(case.id, f"party:{index}", name),
                    id_index=index,
                    invitation_digest=self._index.of(code, context="case.invitation"),
                    invited_at=now,
                )
                await self._register.note(case, "case.party_invited", actor, now, role=role)
        except IntegrityError:
            raise PartyExists() from None
        return code

    async def uninvite(self, actor: Actor, case_id: str, party_id: str) -> None:
        """Take back an invitation that nobody has accepted; NotFound otherwise."""
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        row = FLOW.move(case.state, "edit", actor, {"is_owner": True})
        async with transaction():
            await self._register.save(case, row)
            if not await CaseParty.filter(id=party_id, case_id=case.id, account_id=None).delete():
                raise NotFound()
            await self._register.note(case, "case.party_uninvited", actor, self._register.clock.now(), party=party_id)

    async def join(self, actor: Actor, code: str) -> Case:
        """Accept an invitation: the code must be live, the case still a draft, and the actor's declared ID number and name those that
        were invited. Accepting again changes nothing."""
        person = await self._known(actor)
        digest = self._index.of(code, context="case.invitation")
        party = await CaseParty.get_or_none(invitation_digest=digest, id_index=person.id_index).prefetch_related("case")
        if party is None:
            raise InvitationInvalid()
        case = party.case
        if self._register.open(case.id, f"party:{party.id_index}", party.name) != person.name:
            raise InvitationInvalid()
        if party.account_id == actor.id:
            return case
        now = self._register.clock.now()
        is_late = party.invited_at is None or party.invited_at < now - timedelta(days=INVITATION_DAYS)
        if is_late or case.state != FLOW.initial:
            raise InvitationInvalid()
        async with transaction():
            if not await CaseParty.filter(id=party.id, account_id=None).update(account_id=actor.id, joined_at=now):
                raise InvitationInvalid()
            await self._register.note(case, "case.party_joined", actor, now, role=party.role)
        return case

    async def withdraw(self, actor: Actor, case_id: str) -> Case:
        case = await self._register.of_citizen(actor, case_id, owner_only=True)
        row = FLOW.move(case.state, "withdraw", actor, {"is_owner": True})
        half_signed = case.envelope_id if case.state == "signing" else None
        now = self._register.clock.now()
        async with transaction():
            if half_signed is not None:
                await self._envelopes.void(half_signed)
            await self._register.save(case, row, closed_at=now)
            await self._register.note(case, "case.withdrawn", actor, now)
            await emit(CaseWithdrawn(case_id=case.id, owner_id=case.owner_id), at=now)
        return case

    async def require_complete(self, case: Case) -> None:
        gaps = await self.gaps(case)
        if gaps:
            raise Incomplete(fields=gaps)
