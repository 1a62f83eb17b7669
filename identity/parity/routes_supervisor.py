"""How the routes of identification serve people."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.http.routes import Audience, Call, Routes
from identity.parity.service import Parity, RouteReport

routes = Routes("parity", "/api/supervisor/identity", Audience.SUPERVISOR)


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30


@routes.get("/routes", query=Period, returns=list[RouteReport], summary="各种核验方式的对比")
async def compare_routes(call: Call) -> list[RouteReport]:
    return await call.service(Parity).reports(call.actor, days=call.query.days)
