"""A citizen's own account."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import TooManyRequests, UpstreamUnavailable
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import AlreadyDeclared, IdentityNotMatched, IdNumberInvalid, IdNumberTaken, NameInvalid, PhoneInvalid
from identity.accounts.service import Accounts
from identity.accounts.views import Done, Profile
from identity.sessions.service import Sessions

routes = Routes("accounts", "/api/citizen", Audience.CITIZEN)


class DeclareIdentity(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(max_length=64)]
    id_number: Annotated[str, msgspec.Meta(max_length=32)]

    def __repr__(self) -> str:
        return "DeclareIdentity(…)"


class BindPhone(msgspec.Struct, frozen=True):
    """`code` from the WeChat phone button; works once, for five minutes."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


@routes.get("/me", returns=Profile, summary="我的账号")
async def me(call: Call) -> Profile:
    return await call.service(Accounts).profile(call.actor)


@routes.put(
    "/me/identity",
    body=DeclareIdentity,
    returns=Profile,
    summary="实名",
    errors=(IdNumberInvalid, NameInvalid, IdentityNotMatched, IdNumberTaken, AlreadyDeclared, TooManyRequests, UpstreamUnavailable),
)
async def declare_identity(call: Call, body: DeclareIdentity) -> Profile:
    return await call.service(Accounts).declare_identity(call.actor, body.name, body.id_number)


@routes.put("/me/phone", body=BindPhone, returns=Profile, summary="绑定手机号", errors=(PhoneInvalid, UpstreamUnavailable))
async def bind_phone(call: Call, body: BindPhone) -> Profile:
    return await call.service(Accounts).bind_phone(call.actor, body.code)


@routes.post("/logout", returns=Done, summary="退出登录")
async def logout(call: Call) -> Done:
    await call.service(Sessions).revoke(call.actor.session_id or "")
    return Done()
