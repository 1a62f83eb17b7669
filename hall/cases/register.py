"""The files of cases: loading (scoped by the actor in the query), sealed values, conditional saving, audit lines."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from tortoise.expressions import F, Q

from core import audit
from core.actor import Actor, Role
from core.clock import Clock
from core.crypto import Cipher
from core.errors import Conflict, Forbidden, NotFound
from core.flow import Transition
from hall.cases.flow import ACCEPT, DECIDE, FLOW, PREREVIEW
from hall.cases.models import Case, CaseParty


def chain(case_id: str) -> str:
    """The audit chain of a case."""
    return f"case:{case_id}"


class Register:
    """What every part of the package needs; not a door."""

    def __init__(self, clock: Clock, cipher: Cipher) -> None:
        self.clock, self.cipher = clock, cipher

    async def of_citizen(self, actor: Actor, case_id: str, *, owner_only: bool = False) -> Case:
        """The case if `actor` owns it or is one of its parties; NotFound for unknown and foreign alike."""
        scope = Q(owner_id=actor.id)
        if not owner_only:
            joined = await CaseParty.filter(case_id=case_id, account_id=actor.id).exists()
            scope = scope if not joined else Q(id=case_id)
        case = await Case.filter(scope, id=case_id).first()
        if case is None or actor.kind is not Role.CITIZEN:
            raise NotFound()
        return case

    async def of_clerk(self, actor: Actor, case_id: str) -> Case:
        """A submitted case of the clerk's own office (or any, with `case.any_office`). Forbidden for clerks who do not work on cases."""
        self.require_case_work(actor)
        query = Case.filter(id=case_id, submitted_at__isnull=False).exclude(state__in=["draft", "signing"])
        if not actor.may("case.any_office"):
            query = query.filter(office_id=actor.office_id or "")
        case = await query.first()
        if case is None or actor.kind is not Role.CLERK:
            raise NotFound()
        return case

    async def named(self, case_ids: Collection[str]) -> dict[str, Case]:
        """Cases by id, for other rooms that only carry ids; unknown ids are left out."""
        return {case.id: case for case in await Case.filter(id__in=sorted(set(case_ids)))} if case_ids else {}

    def require_case_work(self, actor: Actor) -> None:
        """Form and files hold personal data: colleagues of the same office who have another task do not see them. Raises Forbidden."""
        if not any(actor.may(permission) for permission in (PREREVIEW, ACCEPT, DECIDE)):
            raise Forbidden()

    async def save(self, case: Case, row: Transition | None, **changes: Any) -> None:
        """Store `changes` and the new state only if nobody moved the case since it was loaded; Conflict otherwise."""
        changes["updated_at"] = self.clock.now()
        if row is not None:
            changes["state"] = row.target
        done = await Case.filter(id=case.id, state=case.state, version=case.version).update(version=F("version") + 1, **changes)
        if not done:
            raise Conflict()
        case.version += 1
        for name, value in changes.items():
            setattr(case, name, value)

    async def touch(self, case: Case) -> None:
        """Mark a case as changed if it is still in the state it was loaded in; Conflict otherwise. Takes the row's lock: what is added to
        one case is added one after the other, and whoever loaded the case before finds it changed."""
        now = self.clock.now()
        if not await Case.filter(id=case.id, state=case.state).update(version=F("version") + 1, updated_at=now):
            raise Conflict()

    async def note(self, case: Case, action: str, actor: Actor, at: datetime, **data: Any) -> None:
        await audit.record(chain(case.id), action, at=at, actor=actor, data={**data, "state": case.state})

    def seal(self, case_id: str, what: str, value: Any) -> bytes:
        return self.cipher.seal(json.dumps(value, ensure_ascii=False).encode(), context=f"case:{case_id}:{what}")

    def open(self, case_id: str, what: str, sealed: bytes | None) -> Any:
        return None if sealed is None else json.loads(self.cipher.open(bytes(sealed), context=f"case:{case_id}:{what}"))

    def allowed(self, case: Case, actor: Actor, **facts: Any) -> list[str]:
        return FLOW.allowed_actions(case.state, actor, {"is_owner": case.owner_id == actor.id, "is_signed": case.is_signed, **facts})
