"""What happens to a case. Ids only."""

from __future__ import annotations

from core.outbox import Event


class CaseStarted(Event, tag="case.started"):
    case_id: str
    owner_id: str


class CaseSubmitted(Event, tag="case.submitted"):
    case_id: str
    owner_id: str


class CaseReturned(Event, tag="case.returned"):
    case_id: str
    owner_id: str


class CaseAccepted(Event, tag="case.accepted"):
    case_id: str
    owner_id: str


class CaseNotAccepted(Event, tag="case.not_accepted"):
    case_id: str
    owner_id: str


class CasePaused(Event, tag="case.paused"):
    case_id: str
    owner_id: str


class CaseResumed(Event, tag="case.resumed"):
    case_id: str
    owner_id: str


class CaseGranted(Event, tag="case.granted"):
    case_id: str
    owner_id: str


class CaseRefused(Event, tag="case.refused"):
    case_id: str
    owner_id: str


class CaseLicensed(Event, tag="case.licensed"):
    """The licence exists in the phone; delivery of the paper goes on."""

    case_id: str
    owner_id: str


class CaseClosed(Event, tag="case.closed"):
    case_id: str
    owner_id: str


class CaseWithdrawn(Event, tag="case.withdrawn"):
    case_id: str
    owner_id: str
