"""What people see of accounts: personal fields masked, levels by name."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class LevelStep(msgspec.Struct, frozen=True):
    code: str
    title: str


class Profile(msgspec.Struct, frozen=True):
    """A citizen's own account. `level`: L0 WeChat, L1 phone, L2 document checked, L3 proven by face or another way of equal rank.

    `level_falls_on`: the day on which it will be lower, because a document or a proof runs out. `next_steps`: what would raise it.
    """

    account_id: str
    level: str
    name: str | None
    id_number: str | None
    phone: str | None
    is_declared: bool
    level_title: str = ""
    level_falls_on: date | None = None
    next_steps: list[LevelStep] = []
    document_kind: str | None = None
    document_title: str | None = None
    document_until: date | None = None
    proven_at: datetime | None = None


class LevelView(msgspec.Struct, frozen=True):
    """A level of the real name. `lets`: what it adds to those below. `step`: what reaches it, none where it is reached."""

    level: str
    title: str
    lets: list[str]
    step: LevelStep | None


class LoginView(msgspec.Struct, frozen=True):
    """`token` goes into `Authorization: Bearer …`. `device_token` is kept by the phone and shown at its next login, also of others."""

    token: str
    profile: Profile
    device_token: str | None = None


class StaffProfile(msgspec.Struct, frozen=True):
    staff_id: str
    username: str
    role: str
    name: str
    office_id: str | None
    department: str
    permissions: list[str]
    is_active: bool


class ListedStaff(StaffProfile, frozen=True):
    """As an admin sees it; `is_own` is the reader's own account."""

    is_own: bool
    allowed_actions: list[str]


class StaffLoginView(msgspec.Struct, frozen=True):
    token: str
    profile: StaffProfile


class StaffCreated(msgspec.Struct, frozen=True):
    """`provisioning_uri` (otpauth://, for the authenticator app) is shown this once and cannot be had again."""

    profile: StaffProfile
    provisioning_uri: str


class PasswordReset(msgspec.Struct, frozen=True):
    """`password` is shown this once."""

    password: str


class TotpReset(msgspec.Struct, frozen=True):
    """`provisioning_uri` (otpauth://, for the authenticator app) is shown this once."""

    provisioning_uri: str


class CourierProfile(msgspec.Struct, frozen=True):
    courier_id: str
    carrier: str
    employee_no: str
    name: str
    is_activated: bool
    is_active: bool


class CourierLoginView(msgspec.Struct, frozen=True):
    token: str
    profile: CourierProfile


class CourierRegistered(msgspec.Struct, frozen=True):
    """`activation_code` is shown this once."""

    profile: CourierProfile
    activation_code: str


class Revoked(msgspec.Struct, frozen=True):
    sessions: int


class Done(msgspec.Struct, frozen=True):
    ok: bool = True
