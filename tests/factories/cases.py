"""The whole hall as it is wired in production, around one clock: WeChat, EMS and the portrait authority are the stand-ins over HTTP, the
timestamps come from our own authority over HTTP, and only the face engine is played.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from tortoise import Tortoise
from tortoise.connection import get_connection

from api import routes_open
from api.runtime import opened, with_sandbox
from api.settings import Settings, load_settings
from api.wiring import Hall, wire
from core.actor import Actor, Role
from core.clock import ManualClock
from core.models import AuditEntry, OutboxDelivery, OutboxEvent
from core.outbox import Relay
from esign.documents.appearance import StrokePoint
from esign.envelopes.service import CONSENT_VERSION, SignatureInput
from esign.service import Esign
from express.service import Parcels
from hall.appointments.service import Appointments
from hall.cases.models import Case
from hall.cases.service import Cases, Delivery
from hall.catalog.service import Catalog
from hall.licences.service import Licences
from identity.accounts.service import Accounts
from identity.liveness.consent import VERSION
from identity.liveness.service import FaceConsents, Verifications
from identity.sessions.service import Sessions
from sandbox.app import RunningSandbox, start
from sandbox.config import SandboxConfig
from sandbox.persons import find_person
from sandbox.state import State, VirtualClock
from tests.factories.before_camera import filmed
from tests.factories.catalog import CATERING_CODE, catering_answers, catering_form
from tests.factories.hall import OFFICE, OTHER_OFFICE
from tests.factories.identity import FakeVision
from tests.factories.sandbox import login_code
from tests.factories.served import served

DELIVERY = Delivery(name="张伟", phone="19900000001", province="四川省", city="成都市", county="锦江区", address="示例路9号2栋3单元1502")
FRONT = ("case.prereview", "case.accept", "parcel.hand_over", "appointment.serve", "identity.counter")
BACK = ("case.decide", "licence.revoke", "feedback.handle")
STROKES = tuple(
    tuple(StrokePoint(20.0 * stroke + 3 * step, 10.0 + (step * 7 + stroke * 5) % 40, 16.0 * step, 0.5) for step in range(12))
    for stroke in range(4)
)


class _SameTime(VirtualClock):
    """The stand-ins live in the time of the test."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> Any:
        return self._clock.now()


def photo(colour: tuple[int, int, int] = (200, 180, 160), *, kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small real picture; another colour is another file."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def hand(*, dwell_seconds: float = 12.0, is_scrolled_to_end: bool = True, consent_version: str = CONSENT_VERSION) -> SignatureInput:
    return SignatureInput(
        strokes=STROKES, consent_version=consent_version, dwell_seconds=dwell_seconds, is_scrolled_to_end=is_scrolled_to_end
    )


def clerk(name: str, permissions: Sequence[str] = (), office_id: str = OFFICE) -> Actor:
    return Actor(Role.CLERK, name, frozenset(permissions), office_id)


@dataclass
class CaseWorld:
    """`zhang` owns cases, `li` is the shareholder, `wang` has nothing to do with them."""

    hall: Hall
    clock: ManualClock
    sandbox: RunningSandbox
    vision: FakeVision
    zhang: Actor = field(default_factory=lambda: Actor(Role.CITIZEN))
    li: Actor = field(default_factory=lambda: Actor(Role.CITIZEN))
    wang: Actor = field(default_factory=lambda: Actor(Role.CITIZEN))
    front: Actor = field(default_factory=lambda: clerk("staff_front", FRONT))
    back: Actor = field(default_factory=lambda: clerk("staff_back", (*FRONT, *BACK)))
    elsewhere: Actor = field(default_factory=lambda: clerk("staff_elsewhere", (*FRONT, *BACK), OTHER_OFFICE))
    trainee: Actor = field(default_factory=lambda: clerk("staff_trainee"))

    @property
    def cases(self) -> Cases:
        return self.hall.service(Cases)

    @property
    def licences(self) -> Licences:
        return self.hall.service(Licences)

    @property
    def parcels(self) -> Parcels:
        return self.hall.service(Parcels)

    @property
    def relay(self) -> Relay:
        return self.hall.relay()

    async def login(self, person: str, *, declare: bool = True) -> Actor:
        """WeChat login with a code of the stand-in, then name and ID number confirmed by the portrait authority."""
        accounts = self.hall.service(Accounts)
        token = (await accounts.login_wechat(await login_code(self.sandbox, person))).token
        actor = await self.hall.service(Sessions).resolve(token)
        known = find_person(person)
        assert actor is not None and known is not None
        if declare:
            await accounts.declare_identity(actor, known.name, known.id_number)
        return actor

    async def started(self, **answers: Any) -> Case:
        return await self.cases.drafts.start(self.zhang, CATERING_CODE, catering_answers(**answers))

    async def upload(self, case: Case, code: str, data: bytes | None = None, *, actor: Actor | None = None) -> Any:
        content = data if data is not None else photo((len(code), sum(code.encode()) % 256, 90))
        return await self.cases.drafts.add_material(actor or self.zhang, case.id, code, content, f"{code}-张伟家的店.jpg", "image/jpeg")

    async def filled(self, case: Case | None = None) -> Case:
        """Form, delivery address and every required file."""
        case = case or await self.started()
        gaps = await self.cases.drafts.save_form(self.zhang, case.id, catering_form(), DELIVERY)
        for gap in gaps:
            if gap.startswith("materials."):
                await self.upload(case, gap.removeprefix("materials."))
        return await Case.get(id=case.id)

    async def invited(self, case: Case, person: str = "li_na") -> str:
        known = find_person(person)
        assert known is not None
        return await self.cases.drafts.invite(self.zhang, case.id, "shareholder", known.name, known.id_number)

    async def joined(self) -> Case:
        case = await self.filled()
        await self.cases.drafts.join(self.li, await self.invited(case))
        return await Case.get(id=case.id)

    async def prepared(self) -> Case:
        return await self.cases.signing.prepare(self.zhang, (await self.joined()).id)

    async def assertion(self, actor: Actor, case: Case, *, document_sha256: str | None = None) -> str:
        """A passed face check for exactly this document."""
        await self.hall.service(FaceConsents).grant(actor, VERSION)
        verifications = self.hall.service(Verifications)
        view = await verifications.create(
            actor,
            purpose="sign",
            application_id=case.id,
            document_sha256=document_sha256 or case.commitment_sha256,
            consent_version=VERSION,
        )
        await filmed(verifications, self.clock, actor, view)
        return (await verifications.assertion(actor, view.id)).assertion

    async def sign(self, actor: Actor, case: Case, **how: Any) -> None:
        await self.cases.signing.sign(actor, case.id, await self.assertion(actor, case), hand(**how))

    async def deliver_outbox(self, *, seconds: float = 1.0, rounds: int = 3) -> None:
        """What the worker does, with the waits after a failure played by the clock."""
        relay = self.relay
        for _ in range(rounds):
            await relay.drain()
            if not await get_connection("default").execute_query_dict(
                "SELECT id FROM core_outbox_delivery WHERE state <> 'done' AND state <> 'parked' LIMIT 1"
            ):
                return
            self.clock.advance(seconds=seconds)

    async def repeat_every_reaction(self) -> int:
        """As after a crash between the work and the note that it is done: every delivery is carried out once more."""
        handlers = {reaction.name: reaction for reaction in self.hall.reactions}
        rows = await OutboxDelivery.all().order_by("id")
        for row in rows:
            reaction, event = handlers[row.handler], await OutboxEvent.get(id=row.event_id)
            await reaction.handler(msgspec.json.decode(event.payload, type=reaction.event), f"{event.id}:{row.handler}")
        return len(rows)

    async def signed(self) -> Case:
        case = await self.prepared()
        await self.sign(self.zhang, case)
        await self.sign(self.li, case)
        await self.deliver_outbox()
        return await Case.get(id=case.id)

    async def submitted(self) -> Case:
        return await self.cases.signing.submit(self.zhang, (await self.signed()).id)

    async def waved_through(self, state: str = "signing") -> Case:
        """A complete case put into `state` without its signatures, for tests of what comes later."""
        case = await self.joined()
        await Case.filter(id=case.id).update(state="signing", is_signed=True)
        if state != "signing":
            await self.cases.signing.submit(self.zhang, case.id)
        if state in {"prereviewed", "accepted", "granted"}:
            await self.cases.review.prereview(self.front, case.id)
        if state in {"accepted", "granted"}:
            await self.cases.review.accept(self.front, case.id)
        if state == "granted":
            await self.cases.review.decide(self.back, case.id, is_granted=True, reason="符合备案条件")
        return await Case.get(id=case.id)


async def footprint(hall: Hall) -> dict[str, int]:
    """How many rows each table has, and how many files are kept: what a refused input may not change, but that it is noted as refused."""
    models = [model for app in (Tortoise.apps or {}).values() for model in app.values()]
    found = {model._meta.db_table: await model.all().count() for model in models}
    found[AuditEntry._meta.db_table] -= await AuditEntry.filter(action="access.attempt_refused").count()
    return {**found, "files": len(await hall.store.keys("objects"))}


def hall_settings(data_dir: Path, database_url: str, **env: str) -> Settings:
    return load_settings({"ZT_DATA_DIR": str(data_dir), "ZT_DATABASE_URL": database_url, "ZT_PUBLIC_URL": "https://hall.example", **env})


@asynccontextmanager
async def running_stand_ins(clock: ManualClock | None, **settings: Any) -> AsyncIterator[RunningSandbox]:
    state = State() if clock is None else State(clock=_SameTime(clock))
    sandbox = await start(SandboxConfig(**settings), state=state)
    try:
        yield sandbox
    finally:
        await sandbox.stop()


async def furnish(hall: Hall) -> None:
    """Items, slots and the keys of the authority that issues the catering filing."""
    await hall.service(Catalog).seed()
    await hall.service(Appointments).seed()
    item = await hall.service(Catalog).get(CATERING_CODE)
    await hall.service(Esign).ensure_authority(item.code[:18], item.department)


@asynccontextmanager
async def case_world(
    database_url: str, data_dir: Path, clock: ManualClock, *, callback_url: str = "", **env: str
) -> AsyncIterator[CaseWorld]:
    """On a migrated database; files and keys in `data_dir`. `callback_url`: where EMS pushes to; there are our timestamps then, too."""
    services: dict[type, Any] = {}
    vision = FakeVision()
    async with running_stand_ins(clock, callback_url=callback_url) as sandbox, served([routes_open.routes], services) as tsa:
        settings = hall_settings(data_dir, database_url, ZT_ESIGN_TSA_URL=f"{callback_url or tsa}/tsa", **env)
        async with opened(wire(with_sandbox(settings, sandbox.base_url), vision, clock=clock)) as hall:
            services[Esign] = hall.service(Esign)
            await furnish(hall)
            world = CaseWorld(hall, clock, sandbox, vision)
            world.zhang, world.li = await world.login("zhang_wei"), await world.login("li_na")
            world.wang = await world.login("wang_jianguo")
            yield world
