"""Receiving people at the counter."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from core.http.routes import Audience, Call, Routes
from hall.appointments.errors import CheckInCodeUnknown, NotTheDay
from hall.appointments.flow import SERVE
from hall.appointments.service import Appointments
from hall.appointments.views import VisitView

routes = Routes("appointments", "/api/clerk/appointments", Audience.CLERK)


class DayQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day in Beijing."""

    day: date


class CheckInBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Six digits as shown, or the text of the scanned QR."""

    code: Annotated[str, msgspec.Meta(min_length=6, max_length=80)]


@routes.get("", query=DayQuery, needs=SERVE, returns=list[VisitView], summary="本大厅某一天的预约")
async def visits_of_day(call: Call) -> list[VisitView]:
    wanted: DayQuery = call.query
    return await call.service(Appointments).visits(call.actor, wanted.day)


@routes.post("/check-in", body=CheckInBody, needs=SERVE, returns=VisitView, errors=(CheckInCodeUnknown, NotTheDay), summary="签到")
async def check_in_visitor(call: Call, body: CheckInBody) -> VisitView:
    return await call.service(Appointments).check_in(call.actor, body.code)


@routes.post("/<appointment_id>/complete", needs=SERVE, returns=VisitView, summary="办理完毕")
async def complete_visit(call: Call) -> VisitView:
    return await call.service(Appointments).complete(call.actor, call.path["appointment_id"])


@routes.post("/<appointment_id>/send-away", needs=SERVE, returns=VisitView, summary="已接待，未能办理")
async def send_visitor_away(call: Call) -> VisitView:
    return await call.service(Appointments).send_away(call.actor, call.path["appointment_id"])


@routes.post("/<appointment_id>/cancel", needs=SERVE, returns=VisitView, summary="代为取消预约")
async def cancel_visit(call: Call) -> VisitView:
    return await call.service(Appointments).cancel_visit(call.actor, call.path["appointment_id"])
