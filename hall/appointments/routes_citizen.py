"""Booking a slot at a counter."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from core.http.routes import Audience, Call, Routes
from hall.appointments.errors import AlreadyBooked, HoldExpired, SlotFull, SlotPast
from hall.appointments.service import Appointments
from hall.appointments.views import AppointmentView, SlotView
from hall.catalog.service import OfficeUnknown

routes = Routes("appointments", "/api/citizen/appointments", Audience.CITIZEN)


class SlotQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """Days in Beijing, both included, at most 31."""

    office_id: Annotated[str, msgspec.Meta(max_length=48)]
    purpose: Annotated[str, msgspec.Meta(max_length=32)]
    first: date
    last: date


class PurposeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    purpose: Annotated[str, msgspec.Meta(max_length=32)]


class HoldBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slot_id: Annotated[str, msgspec.Meta(max_length=48)]
    case_id: Annotated[str, msgspec.Meta(max_length=48)] | None = None


@routes.get("/slots", query=SlotQuery, returns=list[SlotView], errors=(OfficeUnknown,), summary="可预约的时段")
async def offered_slots(call: Call) -> list[SlotView]:
    wanted: SlotQuery = call.query
    return await call.service(Appointments).offered(wanted.office_id, wanted.purpose, wanted.first, wanted.last)


@routes.get("/offices", query=PurposeQuery, returns=list[str], summary="可以预约这种事的大厅")
async def offering_offices(call: Call) -> list[str]:
    return await call.service(Appointments).offices(call.query.purpose)


@routes.get("", returns=list[AppointmentView], summary="我的预约")
async def my_appointments(call: Call) -> list[AppointmentView]:
    return await call.service(Appointments).mine(call.actor)


@routes.post(
    "",
    body=HoldBody,
    returns=AppointmentView,
    status=201,
    idempotent=True,
    errors=(SlotFull, SlotPast, AlreadyBooked),
    summary="占号十分钟",
)
async def hold_slot(call: Call, body: HoldBody) -> AppointmentView:
    return await call.service(Appointments).hold(call.actor, body.slot_id, body.case_id)


@routes.get("/<appointment_id>", returns=AppointmentView, summary="一个预约")
async def one_appointment(call: Call) -> AppointmentView:
    return await call.service(Appointments).one(call.actor, call.path["appointment_id"])


@routes.post("/<appointment_id>/confirm", returns=AppointmentView, errors=(HoldExpired,), summary="确认预约，得到签到码")
async def confirm_appointment(call: Call) -> AppointmentView:
    return await call.service(Appointments).confirm(call.actor, call.path["appointment_id"])


@routes.post("/<appointment_id>/cancel", returns=AppointmentView, summary="取消预约")
async def cancel_appointment(call: Call) -> AppointmentView:
    return await call.service(Appointments).cancel(call.actor, call.path["appointment_id"])
