"""Settings of the feedback."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting


@dataclass(frozen=True)
class FeedbackConfig:
    call_back_days: int = setting("ZT_FEEDBACK_CALL_BACK_DAYS", 1, "Working days until somebody who rated badly has been called back.")
    rectify_days: int = setting("ZT_FEEDBACK_RECTIFY_DAYS", 15, "Working days until a bad rating has been put right.")
