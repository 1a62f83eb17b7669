"""Departments, offices and windows: imported as data, looked up by id."""

from __future__ import annotations

from collections.abc import Iterable

from core.db import transaction
from hall.catalog import item as data
from hall.catalog.checklist import Place
from hall.catalog.errors import OfficeUnknown
from hall.catalog.models import Department, Office, OfficeWindow


class PlaceBook:
    async def import_places(self, places: data.Places) -> None:
        """Create or update by id; nothing is deleted, since cases and appointments point to offices."""
        async with transaction():
            for department in places.departments:
                values = {"name": department.name, "uscc": department.uscc, "phone": department.phone}
                await Department.update_or_create(id=department.id, defaults=values)
            for office in places.offices:
                names = ("name", "tier", "district", "address", "phone", "opening_hours")
                await Office.update_or_create(id=office.id, defaults={name: getattr(office, name) for name in names})
                for window in office.windows:
                    values = {name: getattr(window, name) for name in ("number", "name", "zone", "phone")}
                    await OfficeWindow.update_or_create(id=window.id, defaults={"office_id": office.id, **values})

    async def departments(self) -> dict[str, data.Department]:
        rows = await Department.all()
        return {row.id: data.Department(id=row.id, name=row.name, uscc=row.uscc, phone=row.phone) for row in rows}

    async def window_ids(self) -> set[str]:
        return {str(found) for found in await OfficeWindow.all().values_list("id", flat=True)}

    async def offices(self) -> list[data.Office]:
        return [_office(row) for row in await Office.all().order_by("id").prefetch_related("windows")]

    async def office(self, office_id: str) -> data.Office:
        row = await Office.get_or_none(id=office_id).prefetch_related("windows")
        if row is None:
            raise OfficeUnknown()
        return _office(row)

    async def resolve(self, places: Iterable[data.PlaceRef]) -> tuple[Place, ...]:
        """Where the item is done, in the item's order; a window that was closed since is left out."""
        wanted = list(places)
        rows = await OfficeWindow.filter(id__in=[place.window_id for place in wanted]).prefetch_related("office")
        by_id = {row.id: row for row in rows}
        found = [by_id[place.window_id] for place in wanted if place.window_id in by_id]
        return tuple(_place(row) for row in found)


def _place(row: OfficeWindow) -> Place:
    office = row.office
    return Place(
        office.id, office.name, office.address, row.id, f"{row.number} {row.name}", office.opening_hours, row.phone or office.phone
    )


def _office(row: Office) -> data.Office:
    windows = sorted(row.windows, key=lambda window: window.number)
    return data.Office(
        id=row.id,
        name=row.name,
        tier=row.tier,  # type: ignore[arg-type]
        district=row.district,
        address=row.address,
        phone=row.phone,
        opening_hours=row.opening_hours,
        windows=tuple(data.Window(id=one.id, number=one.number, name=one.name, zone=one.zone, phone=one.phone) for one in windows),
    )
