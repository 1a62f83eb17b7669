"""A clerk's own account."""

from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from identity.accounts.service import Staff
from identity.accounts.views import Done, StaffProfile
from identity.sessions.service import Sessions

routes = Routes("accounts", "/api/clerk", Audience.CLERK)


@routes.get("/me", returns=StaffProfile, summary="窗口工作人员本人账号")
async def me(call: Call) -> StaffProfile:
    return await call.service(Staff).profile(call.actor)


@routes.post("/logout", returns=Done, summary="窗口工作人员退出登录")
async def logout(call: Call) -> Done:
    await call.service(Sessions).revoke(call.actor.session_id or "")
    return Done()
