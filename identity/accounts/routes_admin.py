"""Staff and couriers, as an admin manages them."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.errors import NotFound
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import CourierTaken, IdNumberInvalid, NameInvalid, OwnAccount, StaffPersonTaken, UsernameTaken
from identity.accounts.service import Couriers, NewCourier, NewStaff, Staff
from identity.accounts.views import (
    CourierProfile,
    CourierRegistered,
    Done,
    ListedStaff,
    PasswordReset,
    Revoked,
    StaffCreated,
    StaffProfile,
    TotpReset,
)
from identity.sessions.service import Sessions

routes = Routes("accounts", "/api/admin", Audience.ADMIN)


class StaffQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: Literal["clerk", "supervisor", "admin", "enterprise"] | None = None


@routes.get("/me", returns=StaffProfile, summary="管理员本人账号")
async def me(call: Call) -> StaffProfile:
    return await call.service(Staff).profile(call.actor)


@routes.post("/logout", returns=Done, summary="管理员退出登录")
async def logout(call: Call) -> Done:
    await call.service(Sessions).revoke(call.actor.session_id or "")
    return Done()


@routes.get("/staff", query=StaffQuery, returns=list[ListedStaff], summary="工作人员名单")
async def list_staff(call: Call) -> list[ListedStaff]:
    return await call.service(Staff).list_all(call.actor, role=call.query.role)


@routes.post(
    "/staff",
    body=NewStaff,
    returns=StaffCreated,
    status=201,
    summary="新建工作人员账号",
    errors=(UsernameTaken, StaffPersonTaken, IdNumberInvalid),
)
async def create_staff(call: Call, body: NewStaff) -> StaffCreated:
    return await call.service(Staff).create(call.actor, body)


@routes.post("/staff/<staff_id:str>/deactivate", returns=ListedStaff, summary="停用工作人员账号", errors=(NotFound, OwnAccount))
async def deactivate_staff(call: Call) -> ListedStaff:
    return await call.service(Staff).deactivate(call.actor, call.path["staff_id"])


@routes.post("/staff/<staff_id:str>/reset-password", returns=PasswordReset, summary="重置工作人员密码", errors=(NotFound, OwnAccount))
async def reset_password(call: Call) -> PasswordReset:
    return PasswordReset(await call.service(Staff).reset_password(call.actor, call.path["staff_id"]))


@routes.post("/staff/<staff_id:str>/reset-totp", returns=TotpReset, summary="重置工作人员动态口令", errors=(NotFound, OwnAccount))
async def reset_totp(call: Call) -> TotpReset:
    return TotpReset(await call.service(Staff).reset_totp(call.actor, call.path["staff_id"]))


@routes.get("/couriers", returns=list[CourierProfile], summary="快递员名单")
async def list_couriers(call: Call) -> list[CourierProfile]:
    return await call.service(Couriers).list_all(call.actor)


@routes.post("/couriers", body=NewCourier, returns=CourierRegistered, status=201, summary="登记快递员", errors=(CourierTaken, NameInvalid))
async def register_courier(call: Call, body: NewCourier) -> CourierRegistered:
    return await call.service(Couriers).register(call.actor, body)


@routes.post("/couriers/<courier_id:str>/deactivate", returns=CourierProfile, summary="停用快递员账号", errors=(NotFound,))
async def deactivate_courier(call: Call) -> CourierProfile:
    return await call.service(Couriers).deactivate(call.actor, call.path["courier_id"])


@routes.post("/accounts/<account_id:str>/revoke-sessions", returns=Revoked, summary="立即终止一个账号的全部登录")
async def revoke_sessions(call: Call) -> Revoked:
    return Revoked(await call.service(Staff).revoke_sessions(call.actor, call.path["account_id"]))
