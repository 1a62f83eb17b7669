"""Filling an empty hall: items, offices and slot plans; for a demo also staff, a courier and the signing keys of the test authority."""

from __future__ import annotations

import secrets
from datetime import date, time
from pathlib import Path
from typing import Any

import pyotp

from api.development.service import ACCOUNTS_FILE, DemoAccounts, DemoCourier, DemoStaff
from api.runtime import opened
from api.settings import Settings
from api.wiring import Hall, wire
from core.actor import Actor, Role
from esign.service import Esign
from hall.appointments.service import Appointments, Plan, Session
from hall.catalog.service import Catalog
from identity.accounts.errors import CourierTaken, UsernameTaken
from identity.accounts.service import Couriers, NewCourier, NewStaff, Staff

OFFICE = "office_jinchuan"
DEPARTMENT = "锦川市政务服务中心"
SEEDER = Actor(Role.ADMIN, "seed")
STAFF: tuple[dict[str, Any], ...] = (
    {
        "username": "chen.jing",
        "role": "clerk",
        "name": "陈静",
        "permissions": ["case.prereview", "case.accept", "case.decide", "parcel.hand_over", "appointment.serve", "identity.counter"],
    },
    {"username": "liu.yang", "role": "clerk", "name": "刘洋", "permissions": ["case.decide", "licence.revoke", "feedback.handle"]},
    {"username": "supervisor", "role": "supervisor", "name": "周明", "permissions": []},
    {"username": "enterprise", "role": "enterprise", "name": "何琳", "permissions": []},
    {"username": "admin", "role": "admin", "name": "管理员", "permissions": []},
)
ROUND_THE_CLOCK = Plan(
    id="plan_demo_round_the_clock",
    office_id=OFFICE,
    purpose="identity_check",
    weekdays=(1, 2, 3, 4, 5, 6, 7),
    sessions=(Session(opens=time(0, 0), closes=time(23, 59)),),
    slot_minutes=5,
    capacity=2,
    valid_from=date(2025, 1, 1),
    on_days_off=True,
)
CLERK_ID_NUMBERS = {"chen.jing": "510104199001010027", "liu.yang": "510104199001010019"}


class _NoVision:
    """Seeding looks at no face."""

    async def analyse(self, frames: Any, portrait: Any) -> Any:
        raise RuntimeError("seeding does not analyse faces")


async def seed_hall(settings: Settings, *, demo: bool) -> dict[str, Any]:
    """Import what the product ships with; idempotent. With `demo` the accounts and secrets are written to the data folder, mode 0600."""
    async with opened(wire(settings, _NoVision())) as hall:
        catalog = hall.service(Catalog)
        report = await catalog.seed()
        plans = await hall.service(Appointments).seed()
        items = await catalog.search()
        if not settings.is_production:
            for item in items.items:
                await hall.service(Esign).ensure_authority(item.code[:18], item.department)
        result: dict[str, Any] = {"items": items.total, "imported": list(report.created), "slot_plans": plans}
        if demo:
            # So that the demo can be played at any hour of any day: a desk of the round-the-clock self-service area (R03).
            result["slot_plans"] += await hall.service(Appointments).import_plans(SEEDER, [ROUND_THE_CLOCK])
            result["accounts_file"] = str(await _demo_accounts(hall))
        return result


async def _demo_accounts(hall: Hall) -> Path:
    path = hall.settings.server.data_dir / ACCOUNTS_FILE
    known = DemoAccounts.read(path) if path.exists() else DemoAccounts()
    staff, couriers = hall.service(Staff), hall.service(Couriers)
    for person in STAFF:
        if person["username"] in known.staff:
            continue
        password, totp_secret = secrets.token_urlsafe(12), pyotp.random_base32()
        new = NewStaff(
            **person,
            password=password,
            department=DEPARTMENT,
            office_id=OFFICE if person["role"] == "clerk" else None,
            id_number=CLERK_ID_NUMBERS.get(person["username"]),
        )
        try:
            await staff.create(SEEDER, new, totp_secret=totp_secret)
        except UsernameTaken:
            continue
        known.staff[person["username"]] = DemoStaff(person["name"], person["role"], password, totp_secret, DEPARTMENT)
    if not known.courier.activation_code:
        try:
            registered = await couriers.register(SEEDER, NewCourier(carrier="ems", employee_no="EMS0001", name="赵师傅"))
            known.courier = DemoCourier("赵师傅", registered.activation_code)
        except CourierTaken:
            pass
    known.write(path)
    return path
