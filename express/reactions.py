from __future__ import annotations

from core.outbox import Reaction
from express.events import ParcelOpened
from express.service import Parcels


def reactions(parcels: Parcels) -> list[Reaction]:
    async def place_order(event: ParcelOpened, key: str) -> None:
        await parcels.place_order(event.parcel_id)

    return [Reaction(ParcelOpened, "express.place_order", place_order)]
