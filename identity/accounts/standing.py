"""The answer to "may this account still act, and as what", asked on every request."""

from __future__ import annotations

import msgspec

from core.actor import Role
from identity.accounts.models import Courier, StaffAccount
from identity.sessions.service import Standing

STAFF_ROLES = frozenset({Role.CLERK, Role.SUPERVISOR, Role.ADMIN, Role.ENTERPRISE})


def permissions_of(row: StaffAccount) -> frozenset[str]:
    return frozenset(msgspec.json.decode(row.permissions, type=list[str]))


class AccountStandings:
    """Satisfies identity.sessions.ports.StandingSource."""

    async def standing(self, kind: Role, account_id: str) -> Standing | None:
        if kind is Role.CITIZEN:
            return Standing()
        if kind is Role.COURIER:
            return Standing() if await Courier.exists(id=account_id, is_active=True) else None
        if kind in STAFF_ROLES:
            row = await StaffAccount.get_or_none(id=account_id, role=kind.value, is_active=True)
            return None if row is None else Standing(permissions_of(row), row.office_id)
        return None
