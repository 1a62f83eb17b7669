"""A citizen's own account."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from core.errors import TooManyRequests, UpstreamUnavailable
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import (
    AlreadyDeclared,
    DocumentExpired,
    IdentityNotMatched,
    IdNumberInvalid,
    IdNumberTaken,
    NameInvalid,
    PhoneInvalid,
)
from identity.accounts.service import Accounts
from identity.accounts.views import Done, LevelView, Profile
from identity.sessions.service import Sessions

routes = Routes("accounts", "/api/citizen", Audience.CITIZEN)


class DeclareIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`document_until`: last day of the document; leave it out for a long-term one. Whoever renews a document that had a last day by a
    long-term one says so with 9999-12-31."""

    name: Annotated[str, msgspec.Meta(max_length=64)]
    id_number: Annotated[str, msgspec.Meta(max_length=32)]
    document_until: date | None = None

    def __repr__(self) -> str:
        return "DeclareIdentity(…)"


class BindPhone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code` from the WeChat phone button; works once, for five minutes."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


@routes.get("/me", returns=Profile, summary="我的账号")
async def me(call: Call) -> Profile:
    return await call.service(Accounts).profile(call.actor)


@routes.get("/me/levels", returns=list[LevelView], summary="实名等级，每一级能做什么")
async def levels(call: Call) -> list[LevelView]:
    return await call.service(Accounts).levels(call.actor)


@routes.put(
    "/me/identity",
    body=DeclareIdentity,
    returns=Profile,
    summary="实名",
    errors=(
        *(IdNumberInvalid, NameInvalid, DocumentExpired, IdentityNotMatched),
        *(IdNumberTaken, AlreadyDeclared, TooManyRequests, UpstreamUnavailable),
    ),
)
async def declare_identity(call: Call, body: DeclareIdentity) -> Profile:
    return await call.service(Accounts).declare_identity(call.actor, body.name, body.id_number, document_until=body.document_until)


@routes.put("/me/phone", body=BindPhone, returns=Profile, summary="绑定手机号", errors=(PhoneInvalid, UpstreamUnavailable))
async def bind_phone(call: Call, body: BindPhone) -> Profile:
    return await call.service(Accounts).bind_phone(call.actor, body.code)


@routes.delete("/me/phone", returns=Profile, summary="解除绑定手机号")
async def unbind_phone(call: Call) -> Profile:
    return await call.service(Accounts).unbind_phone(call.actor)


@routes.post("/logout", returns=Done, summary="退出登录")
async def logout(call: Call) -> Done:
    await call.service(Sessions).revoke(call.actor.session_id or "")
    return Done()
