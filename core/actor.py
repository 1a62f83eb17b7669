"""Who is acting. Every command takes an `Actor`; every audit line names one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    ANONYMOUS = "anonymous"
    CITIZEN = "citizen"
    COURIER = "courier"
    CLERK = "clerk"
    ENTERPRISE = "enterprise"
    RELYING_PARTY = "relying_party"
    """A program of an enterprise, by an API key: `id` is the relying party, `session_id` the key, `permissions` its scopes."""
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """`id` is the public account id (never an openid or a name); `office_id` and `permissions` are set for clerks.

    `device_id`: the phone on which the login was made, if it is known.
    """

    kind: Role
    id: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)
    office_id: str | None = None
    session_id: str | None = None
    device_id: str | None = None

    def may(self, permission: str) -> bool:
        return self.kind is Role.ADMIN or permission in self.permissions


ANONYMOUS = Actor(Role.ANONYMOUS)
SYSTEM = Actor(Role.SYSTEM, "system")
