"""Public figures."""

from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from hall.feedback.service import Feedback
from hall.feedback.views import LevelOption, Tally

routes = Routes("feedback", "/api/open/feedback", Audience.OPEN)


@routes.get("/levels", returns=list[LevelOption], summary="评价等级和选项")
async def rating_levels(call: Call) -> list[LevelOption]:
    return call.service(Feedback).options()


@routes.get("/items/<code>", returns=Tally, summary="一个事项的评价统计")
async def item_tally(call: Call) -> Tally:
    return await call.service(Feedback).tally(call.path["code"])
