"""What happens to the catalogue."""

from __future__ import annotations

from core.outbox import Event


class ItemPublished(Event, frozen=True, tag="catalog.item_published"):
    item_code: str
    item_version: int


class ItemWithdrawn(Event, frozen=True, tag="catalog.item_withdrawn"):
    item_code: str
