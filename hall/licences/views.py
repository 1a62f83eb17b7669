"""What a licence looks like from outside."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from hall.licences.flow import FLOW
from hall.licences.models import Licence


class LicenceView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case_id: str
    number: str
    identifier: str
    title: str
    authority: str
    state: str
    state_label: str
    issued_on: date
    valid_until: date | None
    issued_at: datetime | None
    allowed_actions: list[str]


def licence_view(licence: Licence, allowed: list[str]) -> LicenceView:
    return LicenceView(
        id=licence.id,
        case_id=licence.case_id,
        number=licence.number,
        identifier=licence.identifier,
        title=licence.title,
        authority=licence.authority_name,
        state=licence.state,
        state_label=FLOW.states[licence.state],
        issued_on=licence.issued_on,
        valid_until=licence.valid_until,
        issued_at=licence.issued_at,
        allowed_actions=allowed,
    )
