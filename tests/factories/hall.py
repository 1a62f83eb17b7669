"""The rooms of the hall around one clock, with the cases played by a small table of who owns what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from core.actor import Actor, Role
from core.clock import ManualClock
from core.crypto import FieldCipher
from hall.appointments.flow import SERVE
from hall.appointments.service import Appointments, VisitedCase
from hall.catalog.service import Catalog, WorkingDays
from hall.feedback.config import FeedbackConfig
from hall.feedback.flow import HANDLE
from hall.feedback.ports import RatedCase
from hall.feedback.service import Feedback, Rectification
from tests.factories.catalog import CATERING_CODE

OFFICE = "office_jinchuan"
OTHER_OFFICE = "office_qinghe"


def citizen(name: str = "account_a") -> Actor:
    return Actor(Role.CITIZEN, name)


def clerk(name: str = "staff_a", office_id: str | None = OFFICE) -> Actor:
    return Actor(Role.CLERK, name, frozenset({SERVE, HANDLE}), office_id)


@dataclass
class CaseTable:
    """`owners` maps a case to its owner; a case in `finished` may be rated, any other may be booked for."""

    owners: dict[str, str] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    papers: dict[str, str] = field(default_factory=dict)

    async def may_book(self, actor: Actor, case_id: str, purpose: str) -> bool:
        return self.owners.get(case_id) == actor.id and case_id not in self.finished

    async def visited(self, case_ids: Collection[str]) -> dict[str, VisitedCase]:
        return {case_id: VisitedCase(f"title of {case_id}", self.papers.get(case_id)) for case_id in case_ids if case_id in self.owners}

    async def rated_case(self, actor: Actor, case_id: str) -> RatedCase | None:
        if self.owners.get(case_id) != actor.id:
            return None
        return RatedCase(case_id, CATERING_CODE, OFFICE, case_id in self.finished)


class HallWorld:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.cipher = FieldCipher({"k1": bytes(range(32))}, "k1")
        self.cases = CaseTable()
        self.days = WorkingDays(clock=clock)
        self.catalog = Catalog(clock=clock)
        self.appointments = Appointments(clock=clock, catalog=self.catalog, days=self.days, cases=self.cases)
        self.feedback = Feedback(clock=clock, cipher=self.cipher, days=self.days, cases=self.cases, config=FeedbackConfig())
        self.rectification = Rectification(clock=clock, cipher=self.cipher)


async def seeded_hall(clock: ManualClock) -> HallWorld:
    """The hall with its packaged items, offices and slot plans, on the connected database."""
    world = HallWorld(clock)
    await world.catalog.seed()
    await world.appointments.seed()
    return world
