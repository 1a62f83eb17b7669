"""Declare, prove, consent, end: who answers for a child under 14. Nobody is his own guardian, and a word alone makes nobody one."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.cache import Cache, limit
from core.clock import BEIJING, Clock
from core.db import IntegrityError, one_at_a_time, transaction
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.ids import new_id
from identity.accounts.service import COUNTER_PERMISSION, Accounts, Level, NotDeclared, Staff, mask_name
from identity.guardians.errors import (
    GuardianNotProven,
    GuardianshipOpen,
    GuardianTooYoung,
    OwnGuardian,
    OwnWard,
    WardTooOld,
    WardUnknown,
)
from identity.guardians.flow import DECLARED, ENDED, FLOW, PROVEN
from identity.guardians.models import GuardianConsent, Guardianship
from identity.guardians.rules import OWN_DECISION, birthday, is_ward, may_be_guardian, refusal_text
from identity.guardians.views import GuardianshipView, Proven, ToProve

__all__ = ["Evidence", "Guardians", "Refusal", "Relation", "is_ward"]

Relation = Literal["parent", "grandparent", "sibling", "appointed"]
Check = Literal["document_genuine", "relation_shown", "ward_matches", "guardian_present"]
Refusal = Literal["document_doubtful", "relation_not_shown", "facts_differ", "declared_by_mistake"]
"""Why a clerk does not confirm a declaration; the guardian may declare the child again."""
REQUIRED_CHECKS = frozenset({"document_genuine", "relation_shown", "ward_matches", "guardian_present"})
DECLARATIONS_PER_HOUR = 5


class Text(msgspec.Struct, frozen=True):
    version: str
    title: str
    text: str


CONSENT = msgspec.json.decode((Path(__file__).parent / "consent.json").read_bytes(), type=Text)
CONSENT_SHA256 = hashlib.sha256(CONSENT.text.encode()).hexdigest()


class Evidence(msgspec.Struct, frozen=True):
    """What shows the relation, and what the clerk examined; all four checks are needed."""

    document_kind: Literal["household_register", "birth_certificate", "court_ruling", "appointment_of_guardian"]
    checked: Annotated[list[Check], msgspec.Meta(max_length=8)]


class Guardians:
    """`end_checks` ends the open face checks of an account, inside a transaction."""

    def __init__(
        self, *, clock: Clock, cache: Cache, accounts: Accounts, staff: Staff, end_checks: Callable[[str], Awaitable[object]]
    ) -> None:
        self._clock, self._cache, self._accounts, self._staff, self._end_checks = clock, cache, accounts, staff, end_checks

    async def declare(self, actor: Actor, *, name: str, id_number: str, relation: Relation) -> GuardianshipView:
        """Say whose guardian the caller is; it counts for nothing until a clerk has seen the papers.

        NotDeclared, GuardianNotProven, GuardianTooYoung, WardTooOld, GuardianshipOpen (409); IdNumberInvalid, OwnGuardian, WardUnknown
        (422); TooManyRequests.
        """
        guardian, today = await self._accounts.identity_of(actor.id), self._today()
        if guardian.level < Level.IN_PERSON:
            raise GuardianNotProven()
        if not may_be_guardian(guardian.born_on, today):
            raise GuardianTooYoung()
        await limit(self._cache, f"guardian:{actor.id}", times=DECLARATIONS_PER_HOUR, seconds=3600)
        ward_id = await self._accounts.find_by_id_number(id_number)
        if ward_id == actor.id:
            raise OwnGuardian()
        ward = await self._accounts.identity_of(ward_id) if ward_id else None
        if ward is None or ward.name != name.strip():
            raise WardUnknown()
        if not is_ward(ward.born_on, today):
            raise WardTooOld()
        now = self._clock.now()
        try:
            async with transaction():
                row = await Guardianship.create(
                    id=new_id("guardianship"),
                    guardian_id=actor.id,
                    ward_id=ward.account_id,
                    open_key=f"{actor.id}:{ward.account_id}",
                    relation=relation,
                    state=FLOW.initial,
                    ends_on=birthday(ward.born_on, OWN_DECISION),
                    declared_at=now,
                )
                await self._record(row, "guardian.declared", actor, {"relation": relation})
        except IntegrityError:
            raise GuardianshipOpen() from None
        return await self._view(row, actor)

    async def mine(self, actor: Actor) -> list[GuardianshipView]:
        """The caller's, as guardian and as ward, newest first, at most 50."""
        rows = await Guardianship.filter(guardian_id=actor.id).order_by("-declared_at").limit(50)
        rows += await Guardianship.filter(ward_id=actor.id).order_by("-declared_at").limit(50)
        return [await self._view(row, actor) for row in rows]

    async def to_prove(self, clerk: Actor) -> list[ToProve]:
        """What waits for a clerk, oldest first, at most 50; looking is recorded. Forbidden."""
        _admit(clerk)
        found = []
        for row in await Guardianship.filter(state=DECLARED, ends_on__gt=self._today()).order_by("declared_at").limit(50):
            guardian, ward = await self._accounts.identity_of(row.guardian_id), await self._accounts.identity_of(row.ward_id)
            async with transaction():
                await self._record(row, "guardian.viewed", clerk, {})
            found.append(ToProve(row.id, guardian.name, guardian.id_number, ward.name, ward.id_number, row.relation, row.declared_at))
        return found

    async def prove(self, clerk: Actor, guardianship_id: str, evidence: Evidence) -> Proven:
        """The clerk has seen guardian, ward's document and the proof of the relation.

        The guardian must still be proven (L3) and the ward under 14. Forbidden, NotFound, OwnWard, InvalidInput, IllegalMove,
        GuardianNotProven, WardTooOld.
        """
        _admit(clerk)
        row = await Guardianship.get_or_none(id=guardianship_id)
        if row is None:
            raise NotFound()
        for account_id in (row.guardian_id, row.ward_id):
            if await self._staff.is_same_person(clerk.id, account_id):
                raise OwnWard()
        if not REQUIRED_CHECKS.issubset(evidence.checked):
            raise InvalidInput(fields={"checked": "请核对材料真伪、监护关系、孩子证件和监护人到场四项后再提交。"})
        if self._today() >= row.ends_on:
            raise WardTooOld()
        if (await self._accounts.identity_of(row.guardian_id)).level < Level.IN_PERSON:
            raise GuardianNotProven()
        target = FLOW.move(row.state, "prove", clerk).target
        facts = {"document_kind": evidence.document_kind, "checked": sorted(set(evidence.checked))}
        async with transaction():
            await self._save(
                row, state=target, proven_at=self._clock.now(), clerk_id=clerk.id, evidence=msgspec.json.encode(facts).decode()
            )
            await self._record(row, "guardian.proven", clerk, facts)
        return Proven(row.id, target)

    async def refuse(self, clerk: Actor, guardianship_id: str, reason: Refusal) -> Proven:
        """The papers do not show it: the declaration ends. Forbidden, NotFound, OwnWard, IllegalMove."""
        _admit(clerk)
        row = await Guardianship.get_or_none(id=guardianship_id)
        if row is None:
            raise NotFound()
        for account_id in (row.guardian_id, row.ward_id):
            if await self._staff.is_same_person(clerk.id, account_id):
                raise OwnWard()
        target, facts = FLOW.move(row.state, "refuse", clerk).target, {"reason": reason}
        async with transaction():
            await self._save(
                row,
                state=target,
                open_key=None,
                ended_at=self._clock.now(),
                ended_why="refused",
                clerk_id=clerk.id,
                evidence=msgspec.json.encode(facts).decode(),
            )
            await self._record(row, "guardian.refused", clerk, facts)
        return Proven(row.id, target)

    async def consent(self, actor: Actor, guardianship_id: str, version: str) -> GuardianshipView:
        """Agree that the ward uses face checks. NotFound, IllegalMove; InvalidInput for another version of the text."""
        row = await self._of_guardian(actor, guardianship_id)
        FLOW.move(self._state(row), "consent", actor)
        if version != CONSENT.version:
            raise InvalidInput(fields={"version": "同意书已更新，请重新阅读后再选择。"})
        async with transaction():
            await one_at_a_time(f"guardian-consent:{row.id}")
            if await self._consent_of(row) is None:
                given = await GuardianConsent.create(
                    id=new_id("consent"),
                    guardianship_id=row.id,
                    ward_id=row.ward_id,
                    guardian_id=actor.id,
                    version=version,
                    text_sha256=CONSENT_SHA256,
                    granted_at=self._clock.now(),
                )
                data = {"consent": given.id, "version": version, "text_sha256": CONSENT_SHA256}
                await self._record(row, "guardian.consented", actor, data)
        return await self._view(row, actor)

    async def withdraw(self, actor: Actor, guardianship_id: str) -> GuardianshipView:
        """Take the consent back: the ward's face checks end at once. NotFound."""
        row = await self._of_guardian(actor, guardianship_id)
        async with transaction():
            await self._withdraw(row, actor)
        return await self._view(row, actor)

    async def revoke(self, actor: Actor, guardianship_id: str) -> GuardianshipView:
        """End the guardianship and every consent under it. NotFound, IllegalMove."""
        row = await self._of_guardian(actor, guardianship_id)
        target = FLOW.move(self._state(row), "revoke", actor).target
        async with transaction():
            await self._save(row, state=target, open_key=None, ended_at=self._clock.now(), ended_why="revoked")
            await self._withdraw(row, actor)
            await self._record(row, "guardian.revoked", actor, {})
        return await self._view(row, actor)

    async def consent_for(self, ward_id: str) -> str | None:
        """The id of a guardian's consent that is in force for this ward now, if there is one."""
        rows = await Guardianship.filter(ward_id=ward_id, state=PROVEN, ends_on__gt=self._today()).order_by("proven_at")
        for row in rows:
            if (given := await self._consent_of(row)) is not None:
                return given.id
        return None

    async def hold(self, consent_id: str) -> bool:
        """Inside a transaction: whether the consent is in force, which it then stays to the end; a withdrawal waits."""
        return bool(await GuardianConsent.filter(id=consent_id, withdrawn_at=None).update(withdrawn_at=None))

    async def is_in_force(self, consent_id: str) -> bool:
        return await GuardianConsent.exists(id=consent_id, withdrawn_at=None)

    async def end_of_age(self) -> int:
        """End what a 14th birthday ended; returns how many."""
        target = FLOW.move(PROVEN, "expire", SYSTEM).target
        rows = await Guardianship.filter(state__in=[DECLARED, PROVEN], ends_on__lte=self._today()).limit(500)
        for row in rows:
            async with transaction():
                await self._save(row, state=target, open_key=None, ended_at=self._clock.now(), ended_why="of_age")
                await self._withdraw(row, SYSTEM)
                await self._record(row, "guardian.ended_of_age", SYSTEM, {})
        return len(rows)

    async def _withdraw(self, row: Guardianship, actor: Actor) -> None:
        given = GuardianConsent.filter(guardianship_id=row.id, withdrawn_at=None)
        if await given.update(withdrawn_at=self._clock.now()):
            await self._end_checks(row.ward_id)
            await self._record(row, "guardian.consent_withdrawn", actor, {})

    async def _consent_of(self, row: Guardianship) -> GuardianConsent | None:
        given = GuardianConsent.filter(guardianship_id=row.id, version=CONSENT.version, withdrawn_at=None)
        return await given.order_by("-id").first()

    async def _of_guardian(self, actor: Actor, guardianship_id: str) -> Guardianship:
        row = await Guardianship.get_or_none(id=guardianship_id, guardian_id=actor.id) if actor.kind is Role.CITIZEN else None
        if row is None:
            raise NotFound()
        return row

    async def _save(self, row: Guardianship, **changes: object) -> None:
        if not await Guardianship.filter(id=row.id, state=row.state, version=row.version).update(**changes, version=row.version + 1):
            raise Conflict()
        await row.refresh_from_db()

    async def _record(self, row: Guardianship, action: str, actor: Actor, data: Mapping[str, object]) -> None:
        """In the ward's chain: it is about the ward's face."""
        await audit.record(f"account:{row.ward_id}", action, at=self._clock.now(), actor=actor, data={"guardianship": row.id, **data})

    async def _view(self, row: Guardianship, actor: Actor) -> GuardianshipView:
        is_guardian = actor.id == row.guardian_id
        try:
            other = mask_name((await self._accounts.identity_of(row.ward_id if is_guardian else row.guardian_id)).name)
        except (NotDeclared, NotFound):
            other = ""
        state = self._state(row)
        return GuardianshipView(
            id=row.id,
            role="guardian" if is_guardian else "ward",
            other_name=other,
            relation=row.relation,
            state=state,
            ends_on=row.ends_on,
            has_consent=state == PROVEN and await self._consent_of(row) is not None,
            consent_version=CONSENT.version,
            consent_text=CONSENT.text,
            ended_why=(row.ended_why or "of_age") if state == ENDED else "",
            reason_text=_refusal(row) if is_guardian else None,
            allowed_actions=FLOW.allowed_actions(state, actor) if is_guardian else [],
        )

    def _state(self, row: Guardianship) -> str:
        return ENDED if self._today() >= row.ends_on else row.state

    def _today(self) -> date:
        return self._clock.now().astimezone(BEIJING).date()


def _refusal(row: Guardianship) -> str | None:
    if row.ended_why != "refused":
        return None
    facts = msgspec.json.decode(row.evidence or "{}", type=dict[str, object])
    return refusal_text(facts.get("reason"))


def _admit(clerk: Actor) -> None:
    if clerk.kind is not Role.CLERK or not clerk.may(COUNTER_PERMISSION):
        raise Forbidden()
