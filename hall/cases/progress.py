"""What happens to a case after the decision, and what everybody may see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from tortoise.expressions import F, Q

from core import audit
from core.actor import SYSTEM, Actor
from core.audit import ChainReport, Link
from core.clock import BEIJING
from core.db import transaction
from core.errors import NotFound
from core.outbox import emit
from express.service import Parcels, Recipient
from hall.cases.documents import shown
from hall.cases.events import CaseClosed, CaseLicensed
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseParty, CaseTrip
from hall.cases.ports import People
from hall.cases.register import Register, chain
from hall.cases.timeline import Recorded
from hall.catalog.service import Catalog, shown_values


@dataclass(frozen=True)
class Outcome:
    """What a granted case says about its licence."""

    case: Case
    item_result: Any
    holder_name: str
    holder_uscc: str | None
    legal_person: str
    address: str
    scope: str
    fields: Mapping[str, str]
    granted_on: date
    valid_until: date | None


def years_later(day: date, years: int) -> date:
    """The day before the same date `years` later; 29 February counts as 28 February."""
    try:
        return date.fromordinal(day.replace(year=day.year + years).toordinal() - 1)
    except ValueError:
        return date.fromordinal(day.replace(year=day.year + years, day=28).toordinal())


class Progress:
    def __init__(self, register: Register, catalog: Catalog, people: People, parcels: Parcels) -> None:
        self._register, self._catalog, self._people, self._parcels = register, catalog, people, parcels

    async def mine(self, actor: Actor) -> list[Case]:
        """Cases the citizen owns or is a party of, the newest first."""
        joined = await CaseParty.filter(account_id=actor.id).values_list("case_id", flat=True)
        return await Case.filter(Q(owner_id=actor.id) | Q(id__in=[str(case_id) for case_id in joined])).order_by("-created_at").limit(100)

    async def outcome(self, case_id: str) -> Outcome | None:
        """None unless the case was granted."""
        case = await Case.get_or_none(id=case_id)
        if case is None or case.state not in {"granted", "delivering", "closed"} or case.decided_at is None:
            return None
        item = await self._catalog.get(case.item_code, case.item_version)
        result = item.results[0]
        form = shown_values(item.form, self._register.open(case.id, "form", case.form))
        owner = await self._people.person(case.owner_id)
        if owner is None:
            raise NotFound()
        fields = {field.name: field for field in item.form}

        def text(name: str) -> str:
            return shown(fields[name], form[name]) if name and name in form else ""

        granted_on = case.decided_at.astimezone(BEIJING).date()
        lines = {"名称": text(result.holder_field) or owner.name}
        if result.uscc_field:
            lines["统一社会信用代码"] = text(result.uscc_field)
        lines["法定代表人（经营者）"] = owner.name
        if result.address_field:
            lines["经营场所"] = text(result.address_field)
        if result.scope_field:
            lines[fields[result.scope_field].label] = text(result.scope_field)
        lines.update({fields[name].label: text(name) for name in result.face if text(name)})
        return Outcome(
            case=case,
            item_result=result,
            holder_name=text(result.holder_field) or owner.name,
            holder_uscc=text(result.uscc_field) or None,
            legal_person=owner.name,
            address=text(result.address_field),
            scope=text(result.scope_field),
            fields=lines,
            granted_on=granted_on,
            valid_until=None if result.valid_years is None else years_later(granted_on, result.valid_years),
        )

    async def record_licensed(self, case_id: str, licence_id: str) -> None:
        """The licence is made: open its parcel and go on to delivery (idempotent)."""
        case = await Case.get(id=case_id)
        delivery = self._register.open(case.id, "delivery", case.delivery)
        now = self._register.clock.now()
        async with transaction():
            if delivery is not None:
                await self._parcels.open_parcel(
                    case_id=case.id,
                    licence_id=licence_id,
                    citizen_id=case.owner_id,
                    recipient=msgspec.convert(delivery, Recipient),
                    office_id=case.office_id,
                )
            if case.state == "granted":
                await self._register.save(case, FLOW.move(case.state, "license", SYSTEM), licence_id=licence_id)
                await self._register.note(case, "case.licensed", SYSTEM, now, licence=licence_id)
                await emit(CaseLicensed(case_id=case.id, owner_id=case.owner_id), at=now)
        if delivery is None:
            # Nothing travels: the electronic licence has arrived in the moment it was issued.
            await self.record_delivered(case_id)

    async def record_delivered(self, case_id: str) -> None:
        """The citizen has the licence in hand: 办结 (idempotent)."""
        case = await Case.get(id=case_id)
        if case.state != "delivering":
            return
        now = self._register.clock.now()
        async with transaction():
            await self._register.save(case, FLOW.move(case.state, "close", SYSTEM), closed_at=now)
            await self._register.note(case, "case.closed", SYSTEM, now, trips=case.trips)
            await emit(CaseClosed(case_id=case.id, owner_id=case.owner_id), at=now)

    async def record_trip(self, case_id: str, appointment_id: str) -> None:
        """The trip ledger: somebody had to come to a counter for this case (idempotent)."""
        now = self._register.clock.now()
        case = await Case.get_or_none(id=case_id)
        if case is None or await CaseTrip.exists(appointment_id=appointment_id):
            return
        async with transaction():
            await CaseTrip.create(appointment_id=appointment_id, case=case)
            await Case.filter(id=case_id).update(trips=F("trips") + 1)
            await self._register.note(case, "case.trip_made", SYSTEM, now, appointment=appointment_id)

    async def is_rateable(self, actor: Actor, case_id: str) -> bool:
        """One rating per finished service, by its owner."""
        return await Case.filter(id=case_id, owner_id=actor.id, state__in=["closed", "refused", "not_required", "wrong_authority"]).exists()

    async def recorded(self, case: Case) -> list[Recorded]:
        """The case's audit chain, as the timeline reads it."""
        lines = await audit.links(chain(case.id))
        return [Recorded(datetime.fromisoformat(line.at), line.action, msgspec.json.decode(line.data)) for line in lines]

    async def parcel(self, case: Case) -> tuple[str, str] | None:
        """Id and state of the parcel in which the licence travels."""
        found = await self._parcels.of_case(case.id)
        return (found[-1].id, found[-1].state) if found else None

    async def chains_matching(self, text: str) -> list[str]:
        """Audit chains of cases by a part of the number or title, for supervision; the newest first, at most 200."""
        wanted = Q(number__icontains=text) | Q(title__icontains=text)
        return [chain(str(found)) for found in await Case.filter(wanted).order_by("-created_at").limit(200).values_list("id", flat=True)]

    async def titles(self, chains: Sequence[str]) -> dict[str, str]:
        """What the cases behind audit chains are called: title and number, nobody's name."""
        rows = await Case.filter(id__in=[name.removeprefix("case:") for name in chains if name.startswith("case:")])
        return {chain(row.id): f"{row.title} {row.number or '（草稿）'}" for row in rows}

    async def timeline(self, actor: Actor, case_id: str) -> tuple[Case, list[Link], ChainReport]:
        """The audit chain of one's own case, and whether it is whole."""
        case = await self._register.of_citizen(actor, case_id)
        return case, await audit.links(chain(case.id)), await audit.verify(chain(case.id))
