"""Refusals of feedback."""

from __future__ import annotations

from core.errors import DomainError


class AlreadyRated(DomainError):
    """One service, one rating (R65)."""

    code = "feedback.already_rated"
    status = 409
    message = "这件事您已经评价过了，谢谢。"


class NotFinished(DomainError):
    code = "feedback.not_finished"
    status = 409
    message = "事情办完之后才能评价。"
