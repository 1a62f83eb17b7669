"""From a plan to the slots of a day, and the shape of check-in codes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import msgspec

from core.clock import BEIJING

HOLD = timedelta(minutes=10)
LATE = timedelta(minutes=60)
"""How long after the end of a slot a visitor who is late is still received."""
HORIZON_DAYS = 31
MAX_LIVING = 3
"""Appointments one account may have at a time."""
QR_PREFIX = "ZTC1"

_QR = re.compile(rf"{QR_PREFIX}\.(appt_[0-9a-z]{{26}})\.([0-9]{{6}})")


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Opening hours of one part of a day, Beijing time."""

    opens: time
    closes: time


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`weekdays` are ISO numbers (Monday 1). On make-up days (a weekend day with work) the plan runs when it runs on any weekday;
    on a day without work it runs when the day is named and `on_days_off` is set. `capacity` is per slot."""

    id: str
    office_id: str
    purpose: str
    weekdays: tuple[int, ...]
    sessions: tuple[Session, ...]
    slot_minutes: int
    capacity: int
    valid_from: date
    valid_to: date | None = None
    on_days_off: bool = False


class PlannedSlot(msgspec.Struct, frozen=True):
    starts_at: datetime
    ends_at: datetime


def plan_problems(plan: Plan) -> dict[str, str]:
    """Field to what must be mended."""
    found: dict[str, str] = {}
    if not plan.weekdays or any(not 1 <= day <= 7 for day in plan.weekdays) or len(set(plan.weekdays)) != len(plan.weekdays):
        found["weekdays"] = "星期应当是 1 到 7，不能重复。"
    if not 5 <= plan.slot_minutes <= 240:
        found["slot_minutes"] = "每个时段应当是 5 到 240 分钟。"
    if not 1 <= plan.capacity <= 500:
        found["capacity"] = "每个时段应当接待 1 到 500 人。"
    if plan.valid_to is not None and plan.valid_to < plan.valid_from:
        found["valid_to"] = "结束日期早于开始日期。"
    ordered = sorted(plan.sessions, key=lambda one: one.opens)
    overlaps = any(after.opens < before.closes for before, after in zip(ordered, ordered[1:], strict=False))
    if not ordered or overlaps or any(one.closes <= one.opens or one.opens.tzinfo or one.closes.tzinfo for one in ordered):
        found["sessions"] = "开放时间应当先开后关，不能重叠。"
    return found


def runs_on(plan: Plan, day: date, is_working_day: bool) -> bool:
    if day < plan.valid_from or (plan.valid_to is not None and day > plan.valid_to):
        return False
    weekday = day.isoweekday()
    if is_working_day:
        return weekday in plan.weekdays if weekday <= 5 else min(plan.weekdays) <= 5
    return plan.on_days_off and weekday in plan.weekdays


def slots_on(plan: Plan, day: date, is_working_day: Callable[[date], bool]) -> list[PlannedSlot]:
    """The slots of one day in order, in Beijing time; a remainder shorter than a slot is not offered."""
    if not runs_on(plan, day, is_working_day(day)):
        return []
    found: list[PlannedSlot] = []
    length = timedelta(minutes=plan.slot_minutes)
    for session in sorted(plan.sessions, key=lambda one: one.opens):
        start, closes = datetime.combine(day, session.opens, BEIJING), datetime.combine(day, session.closes, BEIJING)
        while start + length <= closes:
            found.append(PlannedSlot(start, start + length))
            start += length
    return found


def active_key(account_id: str, purpose: str, case_id: str | None) -> str:
    """What may exist once while an appointment lives."""
    return f"{account_id}:{purpose}:{case_id or '-'}"


def code_key(office_id: str, starts_at: datetime, code: str) -> str:
    return f"{office_id}:{starts_at.astimezone(BEIJING):%Y%m%d}:{code}"


def qr_text(appointment_id: str, code: str) -> str:
    """What the citizen's QR picture holds."""
    return f"{QR_PREFIX}.{appointment_id}.{code}"


def read_code(text: str) -> tuple[str | None, str] | None:
    """(appointment id or None, six digits) from a typed code or a scanned QR; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{6}", text):
        return None, text
    found = _QR.fullmatch(text)
    return (found[1], found[2]) if found else None
