"""What the catalogue answers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hall.catalog.checklist import Limits, Place
from hall.catalog.item import FormField, Item, Office


class ItemSummary(msgspec.Struct, frozen=True):
    code: str
    version: int
    name: str
    short_name: str
    item_type: str
    handling: str
    department: str
    audiences: tuple[str, ...]
    promised_text: str
    max_trips: int
    is_frequent: bool


class ItemPage(msgspec.Struct, frozen=True):
    """`total` counts all that match, `items` holds one page."""

    total: int
    items: list[ItemSummary]


class ItemVersion(msgspec.Struct, frozen=True):
    """One version in the public history (R17), with the numbers that show whether it got lighter (R22)."""

    version: int
    status: str
    imported_at: datetime
    withdrawn_at: datetime | None
    materials: int
    statutory_days: int
    promised_days: int


class Guide(msgspec.Struct, frozen=True):
    """办事指南: the whole item, and what is computed or looked up for it."""

    item: Item
    limits: Limits
    fee_text: str
    legal_basis: tuple[str, ...]
    department_phone: str
    places: tuple[Place, ...]


class Scenario(msgspec.Struct, frozen=True):
    item_code: str
    item_version: int
    item_name: str
    questions: tuple[FormField, ...]


class NextQuestion(msgspec.Struct, frozen=True):
    """The question to ask now and its place among `total`; null when all are answered. `total` may change with the answers."""

    question: FormField | None
    number: int
    total: int


class Offices(msgspec.Struct, frozen=True):
    offices: list[Office]


class FindingView(msgspec.Struct, frozen=True):
    """`code` is the element of the item, `text` what to mend."""

    code: str
    text: str


class ListedItem(msgspec.Struct, frozen=True, kw_only=True):
    """The newest version of an item, as an admin keeps it. `status`: draft, published, withdrawn."""

    code: str
    name: str
    version: int
    status: str
    item_type: str
    promised_days: int
    materials: int
    findings: list[FindingView]
    imported_at: datetime
    withdrawn_at: datetime | None


class ImportReport(msgspec.Struct, frozen=True):
    """Item codes by what happened to them."""

    created: tuple[str, ...]
    unchanged: tuple[str, ...]
