"""How the two routes of identification serve people."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.http.routes import Audience, Call, Routes
from identity.liveness.service import Verifications
from identity.liveness.views import RouteReport

routes = Routes("verifications", "/api/supervisor/identity", Audience.SUPERVISOR)


class Period(msgspec.Struct, frozen=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30


@routes.get("/routes", query=Period, returns=list[RouteReport], summary="人脸与窗口两种核验方式的对比")
async def compare_routes(call: Call) -> list[RouteReport]:
    return await call.service(Verifications).route_reports(call.actor, days=call.query.days)
