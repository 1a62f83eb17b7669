"""What the licence store asks of the cases; wired in api/wiring.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class GrantedCase:
    """The facts that a licence states. `fields` are the labelled lines of its face, in order."""

    case_id: str
    number: str
    holder_id: str
    office_id: str
    item_code: str
    title: str
    document_class: str
    number_prefix: str
    authority_code: str
    authority_name: str
    holder_name: str
    holder_uscc: str | None
    legal_person: str
    address: str
    scope: str
    fields: Mapping[str, str]
    granted_on: date
    valid_until: date | None


class GrantedCases(Protocol):
    async def granted(self, case_id: str) -> GrantedCase | None:
        """None unless the case was granted."""
        ...
