"""What happens to a case. Ids only."""

from __future__ import annotations

from core.outbox import Event


class CaseStarted(Event, frozen=True, kw_only=True, tag="case.started"):
    case_id: str
    owner_id: str


class CaseSubmitted(Event, frozen=True, kw_only=True, tag="case.submitted"):
    case_id: str
    owner_id: str


class CaseReturned(Event, frozen=True, kw_only=True, tag="case.returned"):
    case_id: str
    owner_id: str


class CaseAccepted(Event, frozen=True, kw_only=True, tag="case.accepted"):
    case_id: str
    owner_id: str


class CaseNotAccepted(Event, frozen=True, kw_only=True, tag="case.not_accepted"):
    case_id: str
    owner_id: str


class CasePaused(Event, frozen=True, kw_only=True, tag="case.paused"):
    case_id: str
    owner_id: str


class CaseResumed(Event, frozen=True, kw_only=True, tag="case.resumed"):
    case_id: str
    owner_id: str


class CaseGranted(Event, frozen=True, kw_only=True, tag="case.granted"):
    case_id: str
    owner_id: str


class CaseRefused(Event, frozen=True, kw_only=True, tag="case.refused"):
    case_id: str
    owner_id: str


class CaseLicensed(Event, frozen=True, kw_only=True, tag="case.licensed"):
    """The licence exists in the phone; delivery of the paper goes on."""

    case_id: str
    owner_id: str


class CaseClosed(Event, frozen=True, kw_only=True, tag="case.closed"):
    case_id: str
    owner_id: str


class CaseWithdrawn(Event, frozen=True, kw_only=True, tag="case.withdrawn"):
    case_id: str
    owner_id: str
