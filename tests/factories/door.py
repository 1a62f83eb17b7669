"""The whole hall behind its real door: routes, middleware, errors and pages on a port of their own, with somebody logged in for each role.

Two citizens: `张伟` has a granted case, a licence, a parcel and an appointment; `王建国` (role "citizen") has nothing to do with any of it.
The clerk, too, is of another office. So whatever tells of 张伟 in an answer to them is a leak.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from api.runtime import listen, serving
from core.actor import SYSTEM, Role
from core.clock import BEIJING, ManualClock
from core.http.client import tls
from hall.appointments.service import Appointments
from hall.cases.models import CaseMaterial
from hall.licences.models import Licence
from identity.accounts.service import Couriers, NewCourier, NewStaff, Staff
from identity.sessions.service import Sessions
from tests.factories.cases import BACK, FRONT, CaseWorld, case_world
from tests.factories.hall import OFFICE, OTHER_OFFICE

T = TypeVar("T")
ROLES = ("citizen", "courier", "clerk", "supervisor", "admin")
SECRETS = (
    "张伟", "51010419920315001X", "19900000001", "13800138000", "示例路9号2栋3单元1502", "老巷面馆", "91510100MA6A2B3C49",
    "oSandbox000000000000zhangwei",
)  # fmt: skip
"""What only 张伟 and the clerks of his office may read."""


@dataclass
class Door:
    base_url: str
    world: CaseWorld
    tokens: dict[str, str]
    accounts: dict[str, str]
    his: dict[str, str] = field(default_factory=dict)
    """Ids of what belongs to 张伟, by the name of a path parameter."""

    def headers(self, role: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[role]}"} if role else {}

    def client(self, role: str | None = None, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.base_url, headers=self.headers(role), timeout=20, trust_env=False, verify=tls(), **options)


async def _staff(world: CaseWorld, username: str, role: str, permissions: tuple[str, ...] = (), number: str | None = None) -> str:
    new = NewStaff(
        username=username,
        password="correct horse battery",
        role=role,  # type: ignore[arg-type]
        name="李丽",
        department="另一个大厅",
        office_id=OTHER_OFFICE if role == "clerk" else None,
        permissions=list(permissions),
        id_number=number,
    )
    return (await world.hall.service(Staff).create(SYSTEM, new)).profile.staff_id


async def _people(world: CaseWorld) -> dict[str, str]:
    courier = await world.hall.service(Couriers).register(SYSTEM, NewCourier(carrier="ems", employee_no="EMS0009", name="钱师傅"))
    return {
        "citizen": world.wang.id,
        "courier": courier.profile.courier_id,
        "clerk": await _staff(world, "clerk.elsewhere", "clerk", (*FRONT, *BACK), "510104199001010019"),
        "trainee": await _staff(world, "clerk.trainee", "clerk"),
        "supervisor": await _staff(world, "supervisor", "supervisor"),
        "admin": await _staff(world, "admin", "admin"),
        "owner": world.zhang.id,
    }


async def open_sessions(world: CaseWorld, accounts: dict[str, str]) -> dict[str, str]:
    kinds = {"trainee": Role.CLERK, "owner": Role.CITIZEN}
    sessions = world.hall.service(Sessions)
    return {name: await sessions.open(kinds.get(name) or Role(name), account_id) for name, account_id in accounts.items()}


async def _a_whole_matter(world: CaseWorld) -> dict[str, str]:
    """A granted case of 张伟 with its licence, its parcel on the way, and an appointment."""
    case = await world.waved_through("granted")
    await world.deliver_outbox()
    licence = await Licence.get(case_id=case.id)
    parcels = await world.parcels.of_case(case.id)
    appointments = world.hall.service(Appointments)
    day = world.clock.now().astimezone(BEIJING).date() + timedelta(days=1)
    slots = await appointments.offered(OFFICE, "identity_check", day, day + timedelta(days=2))
    held = await appointments.hold(world.zhang, slots[0].id)
    await appointments.confirm(world.zhang, held.id)
    material = await CaseMaterial.filter(case_id=case.id).first()
    return {
        "case_id": case.id,
        "licence_id": licence.id,
        "parcel_id": parcels[0].id,
        "appointment_id": held.id,
        "material_id": material.id if material else "",
        "item_code": case.item_code,
        "code": case.item_code,
        "slot_id": slots[1].id,
        "account_id": world.zhang.id,
        "list_id": f"{licence.authority_code}-1",
        "waybill_no": parcels[0].waybill_no or "",
        "chain": f"case:{case.id}",
        "page": "1.png",
    }


@asynccontextmanager
async def door(database_url: str, data_dir: Path, clock: ManualClock, *, with_matter: bool = False, **env: str) -> AsyncIterator[Door]:
    async with case_world(database_url, data_dir, clock, **env) as world:
        sock = listen("127.0.0.1", 0)
        accounts = await _people(world)
        his = await _a_whole_matter(world) if with_matter else {}
        async with serving(world.hall, sock):
            yield Door(f"http://127.0.0.1:{sock.getsockname()[1]}", world, await open_sessions(world, accounts), accounts, his)


class Elsewhere:
    """An event loop in a thread of its own, for tests that must not be asynchronous themselves."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], *, timeout: float = 90) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@contextmanager
def door_elsewhere(database_url: str, data_dir: Path, clock: ManualClock) -> Iterator[tuple[Door, Elsewhere]]:
    """`door` with 张伟's matter, served from another thread."""
    place = Elsewhere()
    opening: Any = door(database_url, data_dir, clock, with_matter=True)
    try:
        opened: Door = place.run(_enter(opening))
        try:
            yield opened, place
        finally:
            place.run(_leave(opening))
    finally:
        place.close()


# Entering and leaving in one task each: a context manager's `__aenter__` must not outlive its task's timeouts.
async def _enter(manager: Any) -> Door:
    opened: Door = await manager.__aenter__()
    return opened


async def _leave(manager: Any) -> None:
    await manager.__aexit__(None, None, None)
