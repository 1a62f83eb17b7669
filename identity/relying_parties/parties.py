"""Relying parties: an enterprise registers its organisation, an admin decides; quotas and what was used of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError
from tortoise.expressions import F

from core import audit
from core.actor import Actor, Role
from core.clock import Clock
from core.db import IntegrityError, transaction
from core.errors import Conflict, NotFound
from core.ids import new_id
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.errors import NotApproved, NotRegistered, OrganisationInvalid, OrganisationTaken, QuotaExceeded
from identity.relying_parties.flow import APPLIED, APPROVED, PARTY_FLOW, REJECTED
from identity.relying_parties.models import RelyingParty, UsageMonth
from identity.relying_parties.rules import month_of
from identity.relying_parties.views import MonthUsage, PartyView, UsageView

_MOST_MONTHS = 12


class NewParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`uscc`: the unified social credit code (GB 32100-2015), 18 characters."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=128)]
    uscc: Annotated[str, msgspec.Meta(min_length=18, max_length=18)]


def chain_of(party_id: str) -> str:
    """The audit chain of a relying party."""
    return f"relying_party:{party_id}"


class RelyingParties:
    def __init__(self, *, clock: Clock, config: RelyingPartyConfig) -> None:
        self._clock, self._config = clock, config

    async def register(self, actor: Actor, new: NewParty) -> PartyView:
        """Register the caller's organisation, or apply again after a refusal. OrganisationInvalid, OrganisationTaken, IllegalMove."""
        name, code = new.name.strip(), new.uscc.strip().upper()
        if len(name) < 2 or not _is_uscc(code):
            raise OrganisationInvalid(fields={"uscc": OrganisationInvalid.message})
        now = self._clock.now()
        earlier = await RelyingParty.get_or_none(owner_id=actor.id)
        if earlier is not None and earlier.state != REJECTED:
            raise OrganisationTaken()
        party_id = earlier.id if earlier else new_id("rp")
        try:
            async with transaction():
                if earlier is None:
                    await RelyingParty.create(
                        id=party_id,
                        owner_id=actor.id,
                        name=name,
                        uscc=code,
                        uscc_held=code,
                        state=APPLIED,
                        monthly_quota=self._config.monthly_quota,
                        created_at=now,
                    )
                else:
                    move = PARTY_FLOW.move(earlier.state, "apply_again", actor)
                    await self._save(earlier, state=move.target, name=name, uscc=code, uscc_held=code, reason=None)
                await audit.record(chain_of(party_id), "relying_party.applied", at=now, actor=actor, data={"uscc": code})
        except IntegrityError:
            raise OrganisationTaken() from None
        return await self.mine(actor)

    async def mine(self, actor: Actor) -> PartyView:
        return self._view(await self.party_of(actor, needs_approval=False), actor)

    async def list_all(self, actor: Actor, state: str | None) -> list[PartyView]:
        """For admins: the newest 200, of one state if given."""
        rows = RelyingParty.filter(state=state) if state else RelyingParty.all()
        return [self._view(row, actor) for row in await rows.order_by("-id").limit(200)]

    async def decide(
        self, actor: Actor, party_id: str, action: str, *, reason: str | None = None, monthly_quota: int | None = None
    ) -> PartyView:
        """An admin's approve, reject, suspend or resume. NotFound, IllegalMove, Conflict."""
        row = await RelyingParty.get_or_none(id=party_id)
        if row is None:
            raise NotFound()
        move = PARTY_FLOW.move(row.state, action, actor)
        now = self._clock.now()
        changes: dict[str, object] = {"state": move.target, "reason": reason, "decided_at": now}
        if monthly_quota is not None:
            changes["monthly_quota"] = monthly_quota
        if move.target == REJECTED:
            changes["uscc_held"] = None
        async with transaction():
            await self._save(row, **changes)
            data = {"monthly_quota": monthly_quota} if monthly_quota is not None else {}
            await audit.record(chain_of(row.id), f"relying_party.{action}", at=now, actor=actor, data=data)
        return self._view(await RelyingParty.get(id=row.id), actor)

    async def set_quota(self, actor: Actor, party_id: str, monthly_quota: int) -> PartyView:
        """An admin's word on how many verifications a month. NotFound."""
        async with transaction():
            if not await RelyingParty.filter(id=party_id).update(monthly_quota=monthly_quota):
                raise NotFound()
            data = {"monthly_quota": monthly_quota}
            await audit.record(chain_of(party_id), "relying_party.quota_set", at=self._clock.now(), actor=actor, data=data)
        return self._view(await RelyingParty.get(id=party_id), actor)

    async def party_of(self, actor: Actor, *, needs_approval: bool = True) -> RelyingParty:
        """Whom the caller acts for: the organisation of an enterprise account, or of an API key. NotRegistered, NotApproved."""
        if actor.kind is Role.ENTERPRISE:
            row = await RelyingParty.get_or_none(owner_id=actor.id)
        else:
            row = await RelyingParty.get_or_none(id=actor.id) if actor.kind is Role.RELYING_PARTY else None
        if row is None:
            raise NotRegistered()
        if needs_approval and row.state != APPROVED:
            raise NotApproved()
        return row

    async def spend(self, party: RelyingParty, number: int) -> None:
        """Take `number` verifications from this month's quota, inside the caller's transaction, or raise QuotaExceeded.

        One conditional update: however many ask at once, no more than the quota get through.
        """
        month = await self._month(party.id)
        left = await RelyingParty.get(id=party.id)
        taken = await UsageMonth.filter(id=month, created__lte=left.monthly_quota - number).update(created=F("created") + number)
        if not taken:
            raise QuotaExceeded()

    async def note_verified(self, party_id: str) -> None:
        await UsageMonth.filter(id=await self._month(party_id)).update(verified=F("verified") + 1)

    async def usage(self, actor: Actor) -> UsageView:
        party = await self.party_of(actor, needs_approval=False)
        rows = await UsageMonth.filter(relying_party_id=party.id).order_by("-month").limit(_MOST_MONTHS)
        this_month = month_of(self._clock.now())
        used = sum(row.created for row in rows if row.month == this_month)
        months = [MonthUsage(row.month, row.created, row.verified) for row in rows]
        return UsageView(party.monthly_quota, max(0, party.monthly_quota - used), months)

    async def _month(self, party_id: str) -> str:
        """The row of this month, made by whoever needs it first."""
        month = month_of(self._clock.now())
        row_id = f"{party_id}:{month}"
        if not await UsageMonth.exists(id=row_id):
            try:
                async with transaction():
                    await UsageMonth.create(id=row_id, relying_party_id=party_id, month=month)
            except IntegrityError:
                pass
        return row_id

    async def _save(self, row: RelyingParty, **changes: object) -> None:
        if not await RelyingParty.filter(id=row.id, state=row.state, version=row.version).update(version=row.version + 1, **changes):
            raise Conflict()

    def _view(self, row: RelyingParty, actor: Actor) -> PartyView:
        return PartyView(
            id=row.id,
            name=row.name,
            uscc=row.uscc,
            state=row.state,
            monthly_quota=row.monthly_quota,
            reason=row.reason,
            created_at=row.created_at,
            decided_at=row.decided_at,
            allowed_actions=PARTY_FLOW.allowed_actions(row.state, actor),
        )


def _is_uscc(code: str) -> bool:
    try:
        return bool(uscc.validate(code) == code)
    except ValidationError:
        return False
