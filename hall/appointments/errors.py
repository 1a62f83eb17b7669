"""Refusals of appointments."""

from __future__ import annotations

from core.errors import DomainError, InvalidInput


class SlotFull(DomainError):
    code = "appointment.slot_full"
    status = 409
    message = "这个时段刚刚约满了，请选另一个时段。"


class SlotPast(DomainError):
    code = "appointment.slot_past"
    status = 409
    message = "这个时段已经开始，请选另一个时段。"


class AlreadyBooked(DomainError):
    """One living appointment per person, purpose and case."""

    code = "appointment.already_booked"
    status = 409
    message = "您已经有一个同类预约，请先取消它再改约。"


class TooManyAppointments(DomainError):
    """Places are for everybody: a person has a few at a time."""

    code = "appointment.too_many"
    status = 409
    message = "您已经有 3 个还没办完的预约，请先办完或取消一个再约。"


class HoldExpired(DomainError):
    code = "appointment.hold_expired"
    status = 409
    message = "占号已经超过 10 分钟，请重新选择时段。"


class NotTheDay(DomainError):
    code = "appointment.not_the_day"
    status = 409
    message = "这个预约不在今天，请按预约的日期来。"


class CheckInCodeUnknown(DomainError):
    """Unknown, of another office, of another day, used or cancelled: all the same to whoever tries codes."""

    code = "appointment.code_unknown"
    status = 404
    message = "没有找到这个签到码，请核对号码和日期。"


class PlanInvalid(InvalidInput):
    code = "appointment.plan_invalid"
    message = "排班有几处需要修改。"
