"""How long a login lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.actor import Role
from core.config import setting

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class SessionConfig:
    citizen_idle_seconds: int = setting(
        "ZT_SESSION_CITIZEN_IDLE_SECONDS", 7 * DAY, "A citizen is logged out after this long without a request."
    )
    citizen_seconds: int = setting("ZT_SESSION_CITIZEN_SECONDS", 30 * DAY, "A citizen's login ends after this long in any case.")
    courier_idle_seconds: int = setting("ZT_SESSION_COURIER_IDLE_SECONDS", 12 * HOUR, "The same without a request, for couriers.")
    courier_seconds: int = setting("ZT_SESSION_COURIER_SECONDS", 7 * DAY, "The same in any case, for couriers.")
    staff_idle_seconds: int = setting(
        "ZT_SESSION_STAFF_IDLE_SECONDS", 30 * 60, "The same without a request, for clerks, supervisors and admins."
    )
    staff_seconds: int = setting("ZT_SESSION_STAFF_SECONDS", 12 * HOUR, "The same in any case, for clerks, supervisors and admins.")

    def idle(self, kind: Role) -> timedelta:
        by_kind = {Role.CITIZEN: self.citizen_idle_seconds, Role.COURIER: self.courier_idle_seconds}
        return timedelta(seconds=by_kind.get(kind, self.staff_idle_seconds))

    def longest(self, kind: Role) -> timedelta:
        by_kind = {Role.CITIZEN: self.citizen_seconds, Role.COURIER: self.courier_seconds}
        return timedelta(seconds=by_kind.get(kind, self.staff_seconds))
