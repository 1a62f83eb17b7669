"""What people see of accounts: personal fields masked, levels by name."""

from __future__ import annotations

import msgspec


class Profile(msgspec.Struct, frozen=True):
    """A citizen's own account. `level`: L0 WeChat, L1 phone, L2 document checked, L3 proven by face or at a counter."""

    account_id: str
    level: str
    name: str | None
    id_number: str | None
    phone: str | None
    is_declared: bool


class LoginView(msgspec.Struct, frozen=True):
    """`token` goes into `Authorization: Bearer …`."""

    token: str
    profile: Profile


class StaffProfile(msgspec.Struct, frozen=True):
    staff_id: str
    username: str
    role: str
    name: str
    office_id: str | None
    department: str
    permissions: list[str]
    is_active: bool


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
