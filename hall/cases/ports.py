"""What the cases need from other rooms; wired in api/wiring.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from esign.service import Rendered
from hall.catalog.service import Checklist, FormField


@dataclass(frozen=True)
class Person:
    """A citizen as the case needs to know them; `id_index` is the blind index of the ID number."""

    account_id: str
    name: str
    id_number_masked: str
    id_index: str


class People(Protocol):
    async def person(self, account_id: str) -> Person | None:
        """None while the citizen has not declared name and ID number."""
        ...

    def id_index(self, id_number: str) -> str:
        """The blind index of an ID number; InvalidInput when its checksum is wrong (GB 11643)."""
        ...


class Calendar(Protocol):
    def deadline(self, start: date, working_days: int, pauses: Sequence[tuple[date, date]]) -> tuple[date, bool]:
        """The last day and whether it lies beyond the published holiday table (provisional)."""
        ...

    def left(self, today: date, last: date) -> int:
        """Working days from tomorrow to `last`; below zero for those that have gone by since."""
        ...


@dataclass(frozen=True)
class SignerPlan:
    account_id: str
    role: str
    name: str
    id_number_masked: str
    field: str


class Documents(Protocol):
    """Renders the papers of a case; no data access, runs in threads."""

    async def notice(self, number: str, person: str, checklist: Checklist, at: datetime) -> bytes: ...

    async def commitment(
        self,
        number: str,
        checklist: Checklist,
        form: Mapping[str, Any],
        fields: Sequence[FormField],
        signers: Sequence[SignerPlan],
        at: datetime,
    ) -> Rendered: ...
