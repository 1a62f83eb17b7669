"""How long somebody will wait, and what a refusal means to the person who reads it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

USUAL_CALL_SECONDS = 300.0
REFUSALS = {
    "other_person": "工作人员看到的人和证件上的照片没有对上。",
    "forged_document": "工作人员没能确认证件是真的。",
    "picture_too_bad": "画面看不清楚，工作人员没法核对。",
    "under_pressure": "工作人员没能确认这是您自己的意思。",
    "no_document": "没有看到您的身份证件原件。",
}
OTHER_REFUSAL = "工作人员这次没能核对上。"


def wait_seconds(ahead: int, clerks: int, recent_calls: Sequence[float]) -> int:
    """Estimate for somebody with `ahead` people before him: middle length of the last calls, shared by the clerks who talk now."""
    usual = median(recent_calls) if recent_calls else USUAL_CALL_SECONDS
    return round((ahead + 1) * usual / max(1, clerks))


def refusal_text(reason: object) -> str:
    """What the clerk wrote down, as the person is told."""
    return REFUSALS.get(str(reason), OTHER_REFUSAL)
