"""The catalogue's door: importing items as data, finding them, guides, and a person's own checklist."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from tortoise.expressions import Q

from core import audit
from core.actor import SYSTEM, Actor
from core.clock import BEIJING, Clock
from core.db import IntegrityError, transaction
from core.errors import InvalidInput
from core.ids import new_id
from core.outbox import emit
from hall.catalog.calendars import WorkingDays
from hall.catalog.checklist import Checklist, Place, RequiredMaterial
from hall.catalog.errors import ItemNotListed, ItemRejected, OfficeUnknown, VersionFixed
from hall.catalog.events import ItemPublished, ItemWithdrawn
from hall.catalog.forms import is_id_number, is_uscc, shown_fields, shown_values, validate_form
from hall.catalog.item import FormField, Item, Material, Office
from hall.catalog.lint import Finding, lint
from hall.catalog.models import ServiceItem
from hall.catalog.packaged import cancelled_proofs, packaged_items, packaged_places
from hall.catalog.places import PlaceBook
from hall.catalog.rules import answer_problems, carried_over, fee_text, legal_basis, limits, next_question, personal_checklist, read_answers
from hall.catalog.views import FindingView, Guide, ImportReport, ItemPage, ItemSummary, ItemVersion, ListedItem, NextQuestion, Scenario
from hall.catalog.workdays import Calendar, ClockPaused, Deadline, Pause, YearTable

__all__ = [
    "Calendar",
    "Catalog",
    "Checklist",
    "ClockPaused",
    "Deadline",
    "Finding",
    "FormField",
    "Item",
    "ItemNotListed",
    "Material",
    "Office",
    "OfficeUnknown",
    "Pause",
    "Place",
    "RequiredMaterial",
    "WorkingDays",
    "YearTable",
    "carried_over",
    "is_id_number",
    "is_uscc",
    "shown_fields",
    "shown_values",
    "validate_form",
]

AUDIT_CHAIN = "catalog"
PAGE = 50
INVENTORY = 5000
_TERMS = 5


class Catalog:
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self.places = PlaceBook()

    async def seed(self) -> ImportReport:
        """Import what ships with the package; doing it again changes nothing."""
        await self.places.import_places(packaged_places())
        return await self.import_items(packaged_items())

    async def import_items(self, items: Iterable[Item], *, actor: Actor = SYSTEM) -> ImportReport:
        """Store new versions, all or none; a published one replaces its predecessor.

        Raises ItemRejected when a published item does not pass `lint`, VersionFixed when a stored version would change.
        """
        listed = list(items)
        for item in listed:
            findings = await self.lint(item) if item.status == "published" else []
            if findings or item.effective_on > self._clock.now().astimezone(BEIJING).date():
                raise ItemRejected(fields={one.element: one.message for one in findings} or {"effective_on": "还没有到生效日期"})
        created: list[str] = []
        async with transaction():
            for item in listed:
                if await self._store(item, actor):
                    created.append(item.code)
        return ImportReport(tuple(created), tuple(item.code for item in listed if item.code not in created))

    async def _store(self, item: Item, actor: Actor) -> bool:
        document = msgspec.json.encode(item, order="deterministic")
        digest = hashlib.sha256(document).hexdigest()
        newest = await ServiceItem.filter(code=item.code).order_by("-version").first()
        if newest is not None and newest.version >= item.version:
            same = await ServiceItem.filter(code=item.code, version=item.version, digest=digest).exists()
            if not same:
                raise VersionFixed()
            return False
        now = self._clock.now()
        try:
            async with transaction():
                await ServiceItem.create(
                    id=new_id("item"),
                    code=item.code,
                    basic_code=item.basic_code,
                    version=item.version,
                    status=item.status,
                    name=item.name,
                    department_id=item.department_id,
                    audiences=",".join(item.audiences),
                    is_frequent=item.is_frequent,
                    search_text=" ".join((item.name, item.short_name, item.department, *item.keywords, *item.life_topics)).lower(),
                    digest=digest,
                    document=document.decode(),
                    imported_at=now,
                )
        except IntegrityError:
            # Another process imported it at the same moment.
            if not await ServiceItem.filter(code=item.code, version=item.version, digest=digest).exists():
                raise VersionFixed() from None
            return False
        await audit.record(
            AUDIT_CHAIN, "item.imported", at=now, actor=actor, data={"code": item.code, "version": item.version, "sha256": digest}
        )
        if item.status == "published":
            await ServiceItem.filter(code=item.code, version__lt=item.version, status="published").update(status="superseded")
            await emit(ItemPublished(item_code=item.code, item_version=item.version), at=now)
        return True

    async def withdraw(self, actor: Actor, code: str) -> None:
        """Take an item off the list (R17). ItemNotListed when it is not on it."""
        now = self._clock.now()
        async with transaction():
            if not await ServiceItem.filter(code=code, status="published").update(status="withdrawn", withdrawn_at=now):
                raise ItemNotListed()
            await audit.record(AUDIT_CHAIN, "item.withdrawn", at=now, actor=actor, data={"code": code})
            await emit(ItemWithdrawn(item_code=code), at=now)

    async def inventory(self) -> list[ListedItem]:
        """Every item in its newest version, also drafts and withdrawn ones, with what must be mended (R13, R14, R19, R21)."""
        newest: dict[str, ServiceItem] = {}
        for row in await ServiceItem.all().order_by("code", "-version").limit(INVENTORY):
            newest.setdefault(row.code, row)
        found = []
        for row in sorted(newest.values(), key=lambda row: (row.name, row.code)):
            item = msgspec.json.decode(row.document, type=Item)
            found.append(
                ListedItem(
                    code=row.code,
                    name=row.name,
                    version=row.version,
                    status=row.status,
                    item_type=item.item_type,
                    promised_days=item.promised_days,
                    materials=len(item.materials),
                    findings=[FindingView(one.element, one.message) for one in await self.lint(item)],
                    imported_at=row.imported_at,
                    withdrawn_at=row.withdrawn_at,
                )
            )
        return found

    async def lint(self, item: Item) -> list[Finding]:
        """What must be mended before `item` may be published (R13, R14, R19, R21)."""
        return lint(
            item,
            departments=await self.places.departments(),
            window_ids=await self.places.window_ids(),
            cancelled=cancelled_proofs(),
        )

    async def get(self, code: str, version: int | None = None) -> Item:
        """The listed item, or one exact stored version (a case keeps the one it began with). ItemNotListed otherwise."""
        query = ServiceItem.filter(code=code)
        row = await (query.filter(status="published") if version is None else query.filter(version=version).exclude(status="draft")).first()
        if row is None:
            raise ItemNotListed()
        return msgspec.json.decode(row.document, type=Item)

    async def search(
        self, text: str = "", *, audience: str | None = None, is_frequent: bool | None = None, limit: int = PAGE, offset: int = 0
    ) -> ItemPage:
        """Listed items in which every word of `text` occurs (name, short name, keywords, topics, department); frequent ones first."""
        wanted = Q(status="published")
        for term in text.lower().split()[:_TERMS]:
            wanted &= Q(search_text__contains=term)
        if audience is not None:
            wanted &= Q(audiences__contains=audience)
        if is_frequent is not None:
            wanted &= Q(is_frequent=is_frequent)
        rows = await ServiceItem.filter(wanted).order_by("-is_frequent", "name", "code").offset(offset).limit(min(limit, PAGE))
        items = [msgspec.json.decode(row.document, type=Item) for row in rows]
        return ItemPage(await ServiceItem.filter(wanted).count(), [_summary(item) for item in items])

    async def guide(self, code: str) -> Guide:
        item = await self.get(code)
        departments = await self.places.departments()
        phone = departments[item.department_id].phone if item.department_id in departments else item.supervision_phone
        places = await self.places.resolve(item.places)
        return Guide(item, limits(item), fee_text(item), tuple(legal_basis(item)), phone, places)

    async def scenario(self, code: str) -> Scenario:
        item = await self.get(code)
        return Scenario(item.code, item.version, item.name, item.scenario)

    async def next_question(self, code: str, answers: Mapping[str, Any]) -> NextQuestion:
        """What to ask next (conditions are evaluated here). ItemNotListed; InvalidInput with `answers.<question>` for a wrong answer."""
        item = await self.get(code)
        known = {question.name for question in item.scenario}
        given = {name: value for name, value in answers.items() if name not in known} | read_answers(item, answers)
        problems = validate_form(item.scenario, given, partial=True)
        if problems:
            raise InvalidInput("这个回答不对，请再看一下。", fields={f"answers.{name}": sentence for name, sentence in problems.items()})
        return NextQuestion(*next_question(item, answers))

    async def answer_scenario(self, code: str, answers: Mapping[str, Any], held: Collection[str] = ()) -> Checklist:
        """The complete personal checklist (R24). `held` has the classes of licences that the hall already has of this person.

        Raises ItemNotListed; InvalidInput with `answers.<question>` for each answer that is missing or wrong.
        """
        item = await self.get(code)
        problems = answer_problems(item, answers)
        if problems:
            raise InvalidInput("有几个问题还没有答好。", fields={f"answers.{name}": sentence for name, sentence in problems.items()})
        return personal_checklist(item, answers, places=await self.places.resolve(item.places), held=held)

    async def versions(self, code: str) -> list[ItemVersion]:
        """The public history of an item, newest first (R17, R22). ItemNotListed when nothing of it was ever published."""
        rows = await ServiceItem.filter(code=code).exclude(status="draft").order_by("-version")
        if not rows:
            raise ItemNotListed()
        return [_version(row, msgspec.json.decode(row.document, type=Item)) for row in rows]

    async def offices(self) -> Sequence[Office]:
        return await self.places.offices()

    async def office(self, office_id: str) -> Office:
        """Raises OfficeUnknown."""
        return await self.places.office(office_id)


def _summary(item: Item) -> ItemSummary:
    return ItemSummary(
        item.code,
        item.version,
        item.name,
        item.short_name,
        item.item_type,
        item.handling,
        item.department,
        item.audiences,
        limits(item).promised_text,
        item.max_trips,
        item.is_frequent,
    )


def _version(row: ServiceItem, item: Item) -> ItemVersion:
    return ItemVersion(
        row.version, row.status, row.imported_at, row.withdrawn_at, len(item.materials), item.statutory_days, item.promised_days
    )
