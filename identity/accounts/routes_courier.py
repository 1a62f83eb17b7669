"""A courier's own account."""

from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from identity.accounts.service import Couriers
from identity.accounts.views import CourierProfile, Done
from identity.sessions.service import Sessions

routes = Routes("accounts", "/api/courier", Audience.COURIER)


@routes.get("/me", returns=CourierProfile, summary="快递员本人账号")
async def me(call: Call) -> CourierProfile:
    return await call.service(Couriers).profile(call.actor)


@routes.post("/logout", returns=Done, summary="快递员退出登录")
async def logout(call: Call) -> Done:
    await call.service(Sessions).revoke(call.actor.session_id or "")
    return Done()
