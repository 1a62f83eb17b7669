"""One message for each transition of a case."""

from __future__ import annotations

from typing import Any

from core.outbox import Event, Reaction, event_name
from hall.cases.events import (
    CaseAccepted,
    CaseClosed,
    CaseGranted,
    CaseLicensed,
    CaseNotAccepted,
    CasePaused,
    CaseRefused,
    CaseResumed,
    CaseReturned,
    CaseSubmitted,
    CaseWithdrawn,
)
from hall.licences.events import LicenceStatusChanged
from hall.notices.service import Notices

CASE_EVENTS: tuple[type[Event], ...] = (
    CaseSubmitted,
    CaseReturned,
    CaseAccepted,
    CaseNotAccepted,
    CasePaused,
    CaseResumed,
    CaseGranted,
    CaseRefused,
    CaseLicensed,
    CaseClosed,
    CaseWithdrawn,
)


def reactions(notices: Notices) -> list[Reaction]:
    async def case_moved(event: Any, key: str) -> None:
        await notices.notify(key, event.owner_id, event.case_id, event_name(type(event)))

    async def licence_changed(event: LicenceStatusChanged, key: str) -> None:
        await notices.notify(key, event.holder_id, event.case_id, event_name(LicenceStatusChanged))

    found = [Reaction(kind, f"notices.{event_name(kind)}", case_moved) for kind in CASE_EVENTS]
    return [*found, Reaction(LicenceStatusChanged, "notices.licence.status_changed", licence_changed)]
