"""The citizen's messages."""

from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from hall.notices.service import Notices, NoticeView

routes = Routes("notices", "/api/citizen/notices", Audience.CITIZEN)


@routes.get("", returns=list[NoticeView], summary="我的消息")
async def list_notices(call: Call) -> list[NoticeView]:
    return await call.service(Notices).mine(call.actor)


@routes.post("/<notice_id:str>/read", summary="标为已读")
async def mark_read(call: Call) -> None:
    await call.service(Notices).mark_read(call.actor, call.path["notice_id"])
