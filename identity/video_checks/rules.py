"""Opening hours, how long somebody will wait, access to a TURN server, and what a refusal means to the person who reads it. Pure."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Annotated

import msgspec

from core.clock import BEIJING

USUAL_CALL_SECONDS = 300.0
REFUSALS = {
    "other_person": "工作人员看到的人和证件上的照片没有对上。",
    "forged_document": "工作人员没能确认证件是真的。",
    "picture_too_bad": "画面看不清楚，工作人员没法核对。",
    "under_pressure": "工作人员没能确认这是您自己的意思。",
    "no_document": "没有看到您的身份证件原件。",
}
OTHER_REFUSAL = "工作人员这次没能核对上。"
Sdp = Annotated[str, msgspec.Meta(max_length=32_768, pattern=r"^v=0\r?\n")]
"""A session description (RFC 8866) with all its candidates (RFC 8839): browsers write 3 to 10 KB."""
_ICE_ADDRESS = re.compile(r"(stun|turns?):([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?")
_SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_LONGEST_HOLIDAY_DAYS = 30
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Span:
    """Of a working day: from `opens` up to and without `closes`."""

    opens: time
    closes: time


def spans_of(hours: Sequence[str]) -> tuple[Span, ...]:
    """`("09:00-12:00", "13:00-17:00")` as spans; ValueError unless all are times of one day in order."""
    spans: list[Span] = []
    for text in hours:
        found = _SPAN.fullmatch(text)
        if found is None:
            raise ValueError("not HH:MM-HH:MM")
        span = Span(time.fromisoformat(found[1]), time.fromisoformat(found[2]))
        if span.closes <= span.opens or (spans and span.opens < spans[-1].closes):
            raise ValueError("times out of order")
        spans.append(span)
    return tuple(spans)


def opens_at(now: datetime, spans: Sequence[Span], is_working_day: Callable[[date], bool]) -> datetime | None:
    """When the queue opens next, in Beijing time; None while it is open. Without spans it always is."""
    here = now.astimezone(BEIJING)
    for number in range(_LONGEST_HOLIDAY_DAYS if spans else 0):
        day = here.date() + timedelta(days=number)
        for span in spans if is_working_day(day) else ():
            opens, closes = (datetime.combine(day, at, BEIJING) for at in (span.opens, span.closes))
            if here < closes:
                return opens if here < opens else None
    return None


def hours_text(spans: Sequence[Span]) -> str | None:
    """工作日 09:00—12:00，13:00—17:00; None without spans."""
    return f"工作日 {'，'.join(f'{span.opens:%H:%M}—{span.closes:%H:%M}' for span in spans)}" if spans else None


def opening_text(opens: datetime, now: datetime) -> str:
    """今天 13:00, 明天 9:00 or 11 月 30 日（周一）9:00."""
    days = (opens.date() - now.astimezone(BEIJING).date()).days
    if days < 2:
        return f"{'明天' if days else '今天'} {opens:%H:%M}"
    return f"{opens.month} 月 {opens.day} 日（周{_WEEKDAYS[opens.weekday()]}）{opens:%H:%M}"


def is_ice_address(address: str) -> bool:
    """Whether it is an address of a STUN (RFC 7064) or TURN server (RFC 7065)."""
    return _ICE_ADDRESS.fullmatch(address) is not None


def turn_access(secret: str, participant: str, until: datetime) -> tuple[str, str]:
    """User name and password for a TURN server until then (draft-uberti-behave-turn-rest-00, section 2.2; coturn: `use-auth-secret`)."""
    name = f"{int(until.timestamp())}:{participant}"
    return name, base64.b64encode(hmac.digest(secret.encode(), name.encode(), "sha1")).decode()


def wait_seconds(ahead: int, clerks: int, recent_calls: Sequence[float]) -> int:
    """Estimate for somebody with `ahead` people before him: middle length of the last calls, shared by the clerks who talk now."""
    usual = median(recent_calls) if recent_calls else USUAL_CALL_SECONDS
    return round((ahead + 1) * usual / max(1, clerks))


def refusal_text(reason: object) -> str:
    """What the clerk wrote down, as the person is told."""
    return REFUSALS.get(str(reason), OTHER_REFUSAL)
