"""What happened to ratings; ids only."""

from __future__ import annotations

from core.outbox import Event


class ServiceRated(Event, frozen=True, tag="feedback.rated"):
    rating_id: str
    case_id: str
    level: int


class BadRatingReceived(Event, frozen=True, tag="feedback.bad_rating"):
    task_id: str
    case_id: str
    office_id: str


class RatingRectified(Event, frozen=True, tag="feedback.rectified"):
    task_id: str
    case_id: str
    account_id: str
