"""Development only: choosing who to be, instead of a real phone with WeChat. Mounted by api/rooms.py outside production."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from api.development.errors import NoDemoAccounts, NoSandbox, NotThisMachine
from api.development.service import DemoLogins
from core.errors import NotFound, UpstreamUnavailable
from core.http.loopback import is_loopback, is_own_request
from core.http.routes import Audience, Call, Routes

routes = Routes("development", "/api/open/dev", Audience.OPEN)
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PersonChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: _Name


class UkeyChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`message` of a challenge for U-keys."""

    person: _Name
    message: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


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


class UkeySignatureView(msgspec.Struct, frozen=True):
    certificates: list[str]
    signature: str


class ActivationView(msgspec.Struct, frozen=True):
    activation_code: str


def is_from_here(client_ip: str, headers: Mapping[str, str]) -> bool:
    """Sent by whoever sits at this machine, and by no page of another site. Names of headers in small letters."""
    return is_loopback(client_ip) and is_own_request(headers)


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


@routes.post("/ukey-signature", body=UkeyChoice, returns=UkeySignatureView, summary="代替 U 盾：签名和证书", errors=_CODE_ERRORS)
async def ukey_signature(call: Call, body: UkeyChoice) -> UkeySignatureView:
    made = await _logins(call).ukey_signature(body.person, body.message)
    return UkeySignatureView(made.certificates, made.signature)


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
