"""The account of a person who acts for an enterprise."""

from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from identity.accounts.service import Staff
from identity.accounts.views import Done, StaffProfile
from identity.sessions.service import Sessions

routes = Routes("accounts", "/api/enterprise", Audience.ENTERPRISE)


@routes.get("/me", returns=StaffProfile, summary="企业经办人本人账号")
async def me(call: Call) -> StaffProfile:
    return await call.service(Staff).profile(call.actor)


@routes.post("/logout", returns=Done, summary="企业经办人退出登录")
async def logout(call: Call) -> Done:
    await call.service(Sessions).revoke(call.actor.session_id or "")
    return Done()
