"""Filling an empty hall: items, offices and slot plans; for a demo also staff, a courier, test keys and cases."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyotp

from api.demo_cases.hall_of_yesterday import DemoClock, hall_of_yesterday
from api.demo_cases.making import Making
from api.demo_cases.stories import STORIES
from api.development.errors import NoSandbox
from api.development.service import ACCOUNTS_FILE, DemoAccounts, DemoCourier, DemoStaff
from api.runtime import AlreadyServed, opened, sole_server, wants_own_sandbox
from api.settings import Settings
from api.wiring import Hall, wire
from core.actor import Actor, Role
from core.clock import BEIJING
from core.errors import UpstreamUnavailable
from esign.service import Esign
from hall.appointments.service import Appointments, Plan, Session
from hall.catalog.service import Catalog, WorkingDays
from identity.accounts.errors import CourierTaken, UsernameTaken
from identity.accounts.service import Couriers, NewCourier, NewStaff, Staff

OFFICE = "office_jinchuan"
DEPARTMENT = "锦川市政务服务中心"
COURIER_NO = "EMS0001"
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


class NoVision:
    """For work that looks at no face: seeding, and what measures other things."""

    async def ensure_live_place(self) -> None:
        raise RuntimeError("no face is looked at here")

    def capture(self, portrait: Any, *, is_live: bool = False) -> Any:
        raise RuntimeError("no face is looked at here")


async def seed_hall(settings: Settings, *, demo: bool, with_cases: bool = False) -> dict[str, Any]:
    """Import what the product ships with; idempotent. With `demo` the accounts and secrets are written to the data folder, mode 0600.

    `with_cases` (with `demo` only) also gives the demo people something to do. In an empty hall that was on the last working day, so
    that deadlines and reports look like a hall at work; `cases` in the answer counts the new ones, `no_cases` says why there are none.
    """
    clock = DemoClock()
    async with opened(wire(settings, NoVision(), clock=clock)) as hall:
        catalog = hall.service(Catalog)
        if demo and with_cases and wants_own_sandbox(settings) and not (await catalog.search()).total:
            clock.begin(_last_working_morning(hall.service(WorkingDays)))
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
    if demo and with_cases:
        try:
            with sole_server(settings):
                result["cases"] = await _demo_cases(settings, clock)
        except (AlreadyServed, NoSandbox, UpstreamUnavailable) as error:
            result |= {"cases": 0, "no_cases": type(error).__name__}
    return result


def _last_working_morning(days: WorkingDays) -> datetime:
    """At half past eight; after a long holiday yesterday, for what is begun should not be stale."""
    today = datetime.now(BEIJING).date()
    recent = [today - timedelta(days=back) for back in (1, 2, 3)]
    day = next((day for day in recent if days.is_working_day(day)), recent[0])
    return datetime.combine(day, time(8, 30), BEIJING).astimezone(UTC)


async def _demo_cases(settings: Settings, clock: DemoClock) -> int:
    """Tell the stories that were not told yet; one that was cut off is told from its beginning. Nothing in a hall where the demo people
    have cases of their own already."""
    path = settings.server.data_dir / ACCOUNTS_FILE
    known = DemoAccounts.read(path)
    waiting = [story for story in STORIES if not known.cases.get(story.key)]
    if not waiting:
        return 0
    async with hall_of_yesterday(settings, NoVision(), clock) as hall:
        making = Making(hall, clock, OFFICE)
        try:
            if not known.cases and await making.has_cases({story.owner for story in STORIES}):
                return 0
            await making.open(SEEDER, clerk="chen.jing", decider="liu.yang", carrier="ems", employee_no=COURIER_NO)
            known.cases = {story.key: "" for story in STORIES} | known.cases
            known.write(path)
            for story in waiting:
                known.cases[story.key] = await making.tell(story)
                known.write(path)
        finally:
            await making.close()
    return len(waiting)


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
            registered = await couriers.register(SEEDER, NewCourier(carrier="ems", employee_no=COURIER_NO, name="赵师傅"))
            known.courier = DemoCourier("赵师傅", registered.activation_code)
        except CourierTaken:
            pass
    known.write(path)
    return path
