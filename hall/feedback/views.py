"""What feedback answers."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class LevelOption(msgspec.Struct, frozen=True):
    level: int
    name: str
    tags: dict[str, str]
    """Tag code to its text."""


class RatingView(msgspec.Struct, frozen=True, kw_only=True):
    """For the person who rated."""

    id: str
    case_id: str
    level: int
    level_text: str
    tags: list[str]
    comment: str
    created_at: datetime
    follow_up: str | None
    """What happens after a bad rating, in words."""


class CallBackView(msgspec.Struct, frozen=True):
    called_at: datetime
    was_reached: bool
    note: str
    clerk_id: str


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """For clerks who answer bad ratings."""

    id: str
    state: str
    state_text: str
    case_id: str
    level: int
    level_text: str
    tags: list[str]
    comment: str
    clerk_id: str | None
    call_back_on: date
    due_on: date
    is_deadline_provisional: bool
    is_overdue: bool
    calls: list[CallBackView]
    outcome: str
    created_at: datetime
    rectified_at: datetime | None
    allowed_actions: list[str]


class Tally(msgspec.Struct, frozen=True):
    """Public figures of one item: level to number, and the share of 基本满意 and better."""

    item_code: str
    total: int
    levels: dict[str, int]
    satisfaction_percent: float | None
