"""Development only: choosing who to be, instead of a real phone with WeChat. Mounted by api/rooms.py outside production."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from api.development.errors import NoDemoAccounts, NoSandbox, NotThisMachine
from api.development.service import DemoLogins
from core.errors import NotFound, UpstreamUnavailable
from core.http.routes import Audience, Call, Routes

routes = Routes("development", "/api/open/dev", Audience.OPEN)
_FORWARDED = {"forwarded", "x-forwarded-for", "x-real-ip"}
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PersonChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: _Name


class StaffChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    username: _Name


class DemoPersonView(msgspec.Struct, frozen=True):
    key: str
    name: str
    description: str
    role: Literal["citizen", "courier"]


class DemoStaffView(msgspec.Struct, frozen=True):
    username: str
    name: str
    role: str
    department: str


class CodeView(msgspec.Struct, frozen=True):
    code: str


class CredentialsView(msgspec.Struct, frozen=True):
    password: str
    totp: str


class ActivationView(msgspec.Struct, frozen=True):
    activation_code: str


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback


def is_from_here(client_ip: str, headers: Mapping[str, str]) -> bool:
    """Sent on this machine, through no proxy that hides the sender, to a name of this machine: a page elsewhere whose name was made to
    lead to the loopback address (DNS rebinding) keeps its own name in `Host`. Names of headers in small letters."""
    if not _is_loopback(client_ip) or not _FORWARDED.isdisjoint(headers):
        return False
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)


def _logins(call: Call) -> DemoLogins:
    """NotThisMachine unless the caller sits at it or ZT_DEV_LOGIN_REMOTE is set."""
    logins = call.service(DemoLogins)
    if not (logins.is_open_to_all or is_from_here(call.client_ip, call.headers)):
        raise NotThisMachine()
    return logins


@routes.get("/persons", returns=list[DemoPersonView], summary="演示人物", errors=(NotThisMachine, NoSandbox, UpstreamUnavailable))
async def persons(call: Call) -> list[DemoPersonView]:
    return [
        DemoPersonView(person.key, person.name, f"{person.role}，{person.city}", "courier" if person.is_courier else "citizen")
        for person in await _logins(call).persons()
    ]


_CODE_ERRORS = (NotThisMachine, NoSandbox, NotFound, UpstreamUnavailable)


@routes.post("/login-code", body=PersonChoice, returns=CodeView, summary="代替微信：登录用的 code", errors=_CODE_ERRORS)
async def login_code(call: Call, body: PersonChoice) -> CodeView:
    return CodeView(await _logins(call).code("login", body.person))


@routes.post("/phone-code", body=PersonChoice, returns=CodeView, summary="代替微信：手机号授权的 code", errors=_CODE_ERRORS)
async def phone_code(call: Call, body: PersonChoice) -> CodeView:
    return CodeView(await _logins(call).code("phone", body.person))


@routes.get("/staff", returns=list[DemoStaffView], summary="演示工作人员", errors=(NotThisMachine, NoDemoAccounts))
async def staff(call: Call) -> list[DemoStaffView]:
    known = _logins(call).staff()
    return [DemoStaffView(username, person.name, person.role, person.department) for username, person in known.items()]


@routes.post(
    "/staff-credentials",
    body=StaffChoice,
    returns=CredentialsView,
    summary="演示工作人员的密码和动态口令",
    errors=(NotThisMachine, NoDemoAccounts, NotFound),
)
async def staff_credentials(call: Call, body: StaffChoice) -> CredentialsView:
    password, totp = _logins(call).credentials(body.username)
    return CredentialsView(password, totp)


@routes.get("/courier-activation", returns=ActivationView, summary="演示快递员的激活码", errors=(NotThisMachine, NoDemoAccounts))
async def courier_activation(call: Call) -> ActivationView:
    return ActivationView(_logins(call).activation_code())
