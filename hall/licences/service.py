"""The licence store: drafting from a granted case, sealing by the worker, the holder's wallet, revocation. One case, one licence."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import structlog
from tortoise.expressions import F, Q

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import BEIJING, Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.errors import Conflict, Forbidden, NotFound
from core.flow import Transition
from core.ids import new_id
from core.numbering import next_number
from core.outbox import emit
from core.storage import Vault
from esign.service import RENEWAL_MARGIN, Esign, LicenceClaims, LicenceData, Line, PdfNotSignable, SealDesign, Status
from hall.licences.events import LicenceDrafted, LicenceIssued, LicenceStatusChanged
from hall.licences.flow import FLOW
from hall.licences.models import Licence
from hall.licences.ports import GrantedCase, GrantedCases
from hall.licences.rules import licence_identifier, licence_number, may_look

__all__ = ["GrantedCase", "Licences"]

log = structlog.get_logger("licences")

_STATUS = {"suspend": Status.SUSPENDED, "restore": Status.VALID, "revoke": Status.INVALID}


def chain(licence_id: str) -> str:
    return f"licence:{licence_id}"


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


class Licences:
    def __init__(self, *, clock: Clock, cipher: Cipher, vault: Vault, esign: Esign, cases: GrantedCases, is_test: bool) -> None:
        self._clock, self._cipher, self._vault, self._esign = clock, cipher, vault, esign
        self._cases, self._is_test = cases, is_test

    async def draft(self, case_id: str) -> Licence:
        """Start the licence of a granted case; the same licence when asked again. NotFound unless the case was granted."""
        held = await Licence.get_or_none(case_id=case_id)
        if held is not None:
            return held
        case = await self._cases.granted(case_id)
        if case is None:
            raise NotFound()
        await self._esign.ensure_authority(case.authority_code, case.authority_name)
        now = self._clock.now()
        licence_id = new_id("licence")
        try:
            async with transaction():
                serial = await next_number(f"licence:{case.document_class}:{case.granted_on.year}")
                number = licence_number(case.number_prefix, case.granted_on, serial)
                status = await self._esign.allocate_status(licence_id, case.authority_code)
                claims = self._claims(case, number, now, status)
                licence = await Licence.create(
                    id=licence_id,
                    case_id=case.case_id,
                    number=number,
                    identifier=licence_identifier(case.item_code[-12:], case.authority_code, f"{case.granted_on:%Y}{serial:08d}", 1),
                    holder_id=case.holder_id,
                    office_id=case.office_id,
                    title=case.title,
                    document_class=case.document_class,
                    authority_code=case.authority_code,
                    authority_name=case.authority_name,
                    state=FLOW.initial,
                    claims=self._seal(licence_id, "claims", {"claims": msgspec.to_builtins(claims), "fields": dict(case.fields)}),
                    issued_on=case.granted_on,
                    valid_until=case.valid_until,
                    created_at=now,
                )
                await audit.record(chain(licence_id), "licence.drafted", at=now, actor=SYSTEM, data={"case": case_id, "number": number})
                await emit(LicenceDrafted(licence_id=licence_id), at=now)
        except IntegrityError:
            return await Licence.get(case_id=case_id)
        return licence

    def _claims(self, case: GrantedCase, number: str, now: datetime, status: Any) -> LicenceClaims:
        until = case.valid_until
        return LicenceClaims(
            issuer=case.authority_code,
            issued_at=now.replace(microsecond=0),
            licence_id=number,
            licence_type=case.title,
            expires_at=None if until is None else datetime.combine(until + timedelta(days=1), time(), BEIJING).astimezone(UTC),
            holder_name=case.holder_name,
            holder_uscc=case.holder_uscc,
            address=case.address,
            scope=case.scope,
            legal_person=case.legal_person,
            issued_on=case.granted_on,
            valid_from=case.granted_on,
            valid_until=until,
            status=status,
        )

    async def produce(self, licence_id: str) -> None:
        """Make, seal and publish a drafted licence (worker; idempotent). Raises what the timestamp authority raises."""
        licence = await Licence.get_or_none(id=licence_id)
        if licence is None or licence.state != "drafted":
            return
        kept = self._open(licence.id, "claims", licence.claims)
        claims = msgspec.convert(kept["claims"], LicenceClaims)
        now = self._clock.now()
        credential = await self._esign.credential(claims, licence.authority_code)
        data = LicenceData(
            title=licence.title,
            number=licence.number,
            identifier=licence.identifier,
            fields=tuple(Line(label, text) for label, text in kept["fields"].items()),
            authority=licence.authority_name,
            issued_on=_chinese(licence.issued_on),
            valid_until="长期" if licence.valid_until is None else _chinese(licence.valid_until),
            qr_svg=self._esign.qr_svg(credential),
            verify_hint=f"用手机扫码，或到 {self._esign.host}/v 查验真伪",
            is_test=self._is_test,
        )
        seal = SealDesign(
            authority=licence.authority_name, purpose="电子证照专用章", code=licence.authority_code[-13:], is_test=self._is_test
        )
        pdf = await self._esign.sealed_licence(data, credential, licence.authority_code, seal, now)
        proof_ends_at = await self._esign.proof_ends(pdf)
        stored = await self._vault.put(pdf, "application/pdf")
        try:
            async with transaction():
                row = FLOW.move("drafted", "issue", SYSTEM)
                done = await Licence.filter(id=licence.id, state="drafted", version=licence.version).update(
                    state=row.target,
                    version=F("version") + 1,
                    credential=self._cipher.seal(credential, context=f"licence:{licence.id}:credential"),
                    pdf_sha256=stored.sha256,
                    proof_ends_at=proof_ends_at,
                    issued_at=now,
                )
                if not done:
                    raise Conflict()
                await audit.record(chain(licence.id), "licence.issued", at=now, actor=SYSTEM, data={"pdf_sha256": stored.sha256})
                await emit(LicenceIssued(licence_id=licence.id, case_id=licence.case_id, holder_id=licence.holder_id), at=now)
        except Conflict:
            # Another worker was first; rolled back for certain, so nothing refers to this copy.
            await self._vault.delete(stored.sha256)
            raise

    async def renew_timestamps(self, at_most: int = 20) -> int:
        """Put another timestamp over licences whose last one ends within 90 days (worker; idempotent); returns over how many.

        Over revoked ones too: that they were issued stays to be shown. Raises what the timestamp authority raises.
        """
        now, renewed = self._clock.now(), 0
        is_due = Q(proof_ends_at=None) | Q(proof_ends_at__gt=now, proof_ends_at__lte=now + RENEWAL_MARGIN)
        for licence in await Licence.filter(is_due).exclude(pdf_sha256=None).order_by("proof_ends_at", "id").limit(at_most):
            try:
                renewed += await self._renew_timestamp(licence, now)
            except PdfNotSignable:
                # Not again every hour, in the way of others.
                await Licence.filter(id=licence.id, pdf_sha256=licence.pdf_sha256).update(proof_ends_at=now)
                log.warning("licence_not_renewable", licence=licence.id)
        return renewed

    async def _renew_timestamp(self, licence: Licence, now: datetime) -> bool:
        held = licence.pdf_sha256 or ""
        pdf = await self._vault.get(held)
        longer = await self._esign.renewed(pdf)
        ends = await self._esign.proof_ends(longer or pdf)
        mine = Licence.filter(id=licence.id, pdf_sha256=held)
        if longer is None:
            await mine.update(proof_ends_at=ends or now)  # one from before this was written down, or without any timestamp
            return False
        stored = await self._vault.put(longer, "application/pdf")
        async with transaction():
            done = await mine.update(pdf_sha256=stored.sha256, proof_ends_at=ends)
            if done:
                # The file before it stays: somebody may be fetching it.
                data = {"pdf_sha256": stored.sha256, "before": held}
                await audit.record(chain(licence.id), "licence.timestamp_renewed", at=now, actor=SYSTEM, data=data)
        if not done:
            await self._vault.delete(stored.sha256)
        return bool(done)

    async def wallet(self, actor: Actor) -> list[Licence]:
        return await Licence.filter(holder_id=actor.id).exclude(state="drafted").order_by("-created_at")

    async def of_holder(self, actor: Actor, licence_id: str) -> Licence:
        licence = await Licence.filter(id=licence_id, holder_id=actor.id).exclude(state="drafted").first()
        if licence is None or actor.kind is not Role.CITIZEN:
            raise NotFound()
        return licence

    async def pdf(self, actor: Actor, licence_id: str) -> bytes:
        licence = await self.of_holder(actor, licence_id)
        return await self._vault.get(licence.pdf_sha256 or "")

    async def pdf_for_clerk(self, actor: Actor, licence_id: str) -> bytes:
        """As the holder has it; every look is recorded. Forbidden for clerks who work neither on cases nor on licences."""
        licence = await self.of_clerk(actor, licence_id)
        if licence.pdf_sha256 is None:
            raise NotFound()
        async with transaction():
            await audit.record(chain(licence.id), "licence.viewed", at=self._clock.now(), actor=actor)
        return await self._vault.get(licence.pdf_sha256)

    async def of_clerk(self, actor: Actor, licence_id: str) -> Licence:
        """A licence of the clerk's own office. Forbidden, NotFound."""
        if not may_look(actor.permissions):
            raise Forbidden()
        query = Licence.filter(id=licence_id).exclude(state="drafted")
        if not actor.may("case.any_office"):
            query = query.filter(office_id=actor.office_id or "")
        licence = await query.first()
        if licence is None or actor.kind is not Role.CLERK:
            raise NotFound()
        return licence

    async def qr_png(self, actor: Actor, licence_id: str) -> bytes:
        """The credential QR, as printed on the licence."""
        licence = await self.of_holder(actor, licence_id)
        credential = self._cipher.open(bytes(licence.credential or b""), context=f"licence:{licence.id}:credential")
        return self._esign.qr_png(credential)

    async def of_case(self, case_id: str) -> Licence | None:
        """For the case's own rooms; the caller has checked who asks."""
        return await Licence.get_or_none(case_id=case_id)

    async def register(self, actor: Actor, limit: int = 50, offset: int = 0) -> list[Licence]:
        """Licences issued by the clerk's office, the newest first."""
        query = Licence.exclude(state="drafted")
        if not actor.may("case.any_office"):
            query = query.filter(office_id=actor.office_id or "")
        return await query.order_by("-created_at").offset(offset).limit(limit)

    async def change_status(self, actor: Actor, licence_id: str, action: str, reason: str) -> Licence:
        """Suspend, restore or revoke; the status list shows it at the next fetch. NotFound outside the clerk's office."""
        query = Licence.filter(id=licence_id)
        if not actor.may("case.any_office"):
            query = query.filter(office_id=actor.office_id or "")
        licence = await query.first()
        if licence is None:
            raise NotFound()
        row: Transition = FLOW.move(licence.state, action, actor)
        now = self._clock.now()
        async with transaction():
            done = await Licence.filter(id=licence.id, state=licence.state, version=licence.version).update(
                state=row.target,
                version=F("version") + 1,
                changed_at=now,
                change_reason=self._cipher.seal(reason.encode(), context=f"licence:{licence.id}:reason"),
            )
            if not done:
                raise Conflict()
            await self._esign.set_status(licence.id, _STATUS[action])
            await audit.record(chain(licence.id), f"licence.{action}", at=now, actor=actor, data={"state": row.target})
            await emit(
                LicenceStatusChanged(licence_id=licence.id, case_id=licence.case_id, holder_id=licence.holder_id, state=row.target), at=now
            )
        self._esign.lists_changed()
        licence.state = row.target
        return licence

    def allowed(self, licence: Licence, actor: Actor) -> list[str]:
        return FLOW.allowed_actions(licence.state, actor)

    def _seal(self, licence_id: str, what: str, value: Any) -> bytes:
        return self._cipher.seal(json.dumps(value, ensure_ascii=False, default=str).encode(), context=f"licence:{licence_id}:{what}")

    def _open(self, licence_id: str, what: str, sealed: bytes) -> Any:
        return json.loads(self._cipher.open(bytes(sealed), context=f"licence:{licence_id}:{what}"))
