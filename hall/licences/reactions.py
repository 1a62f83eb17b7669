"""What the licence store does when something happens elsewhere."""

from __future__ import annotations

from core.outbox import Reaction
from hall.cases.events import CaseGranted
from hall.licences.events import LicenceDrafted
from hall.licences.service import Licences


def reactions(licences: Licences) -> list[Reaction]:
    async def draft(event: CaseGranted, key: str) -> None:
        await licences.draft(event.case_id)

    async def produce(event: LicenceDrafted, key: str) -> None:
        await licences.produce(event.licence_id)

    return [Reaction(CaseGranted, "licences.draft", draft), Reaction(LicenceDrafted, "licences.produce", produce)]
