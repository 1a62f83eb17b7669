"""Playing the stories through the commands of the services. Everybody is identified at the counter, so no face engine is needed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from api.demo.world import ITEM, handwriting, paper
from api.demo_cases.hall_of_yesterday import DemoClock
from api.demo_cases.stories import CORRECTIONS, Story
from api.development.service import DemoLogins
from api.wiring import Hall
from core.actor import Actor, Role
from core.clock import BEIJING
from core.http.client import HttpClient
from esign.envelopes.service import CONSENT_VERSION, SignatureInput
from express.service import Parcels
from hall.appointments.service import Appointments
from hall.cases.service import Cases, Delivery
from hall.catalog.service import Catalog
from identity.accounts.service import Accounts, Couriers, Staff
from identity.liveness.service import CounterEvidence, Verifications
from identity.sessions.service import Sessions
from sandbox.persons import Person, find_person

PURPOSE = "identity_check"
PATIENCE_SECONDS = 20.0


class Making:
    """One hall, its people and their cases. `clerk` works at the front desk, `decider` at the back."""

    def __init__(self, hall: Hall, clock: DemoClock, office_id: str) -> None:
        self._hall, self._clock, self._office = hall, clock, office_id
        self._cases, self._relay = hall.service(Cases), hall.relay()
        self._sandbox = HttpClient("sandbox", hall.settings.wechat.base_url)
        self._citizens: dict[str, Actor] = {}

    async def open(self, admin: Actor, *, clerk: str, decider: str, carrier: str, employee_no: str) -> None:
        """Find those who work here, by user name and number."""
        staff = {row.username: row for row in await self._hall.service(Staff).list_all(admin, role="clerk")}
        self._clerk, self._decider = (
            Actor(Role.CLERK, staff[name].staff_id, frozenset(staff[name].permissions), staff[name].office_id) for name in (clerk, decider)
        )
        couriers = await self._hall.service(Couriers).list_all(admin)
        courier = next(row for row in couriers if (row.carrier, row.employee_no) == (carrier, employee_no))
        self._courier = Actor(Role.COURIER, courier.courier_id)
        found = await self._hall.service(Catalog).search()
        self._item = next(item.code for item in found.items if item.name == ITEM)

    async def close(self) -> None:
        for citizen in self._citizens.values():
            await self._hall.service(Sessions).revoke(citizen.session_id or "")
        await self._sandbox.close()

    async def has_cases(self, people: set[str]) -> bool:
        """Whether one of them has begun anything."""
        return any([bool(await self._cases.progress.mine(await self._citizen(key))) for key in sorted(people)])

    async def tell(self, story: Story) -> str:
        """The case's id."""
        if self._clock.is_behind:
            day = self._clock.now().astimezone(BEIJING).date()
            self._clock.reach(datetime.combine(day, story.begins_at, BEIJING).astimezone(UTC))
        owner, case_id = await self._drafted(story)
        if story.reaches("signing"):
            await self._cases.signing.prepare(owner, case_id)
        if story.reaches("prereview"):
            self._passes(minutes=12)
            await self._signed(owner, case_id)
            await self._cases.signing.submit(owner, case_id)
        await self._reviewed(story, case_id)
        if story.reaches("delivering"):
            await self._sent(story, owner, case_id)
        await self._relay.drain()
        return case_id

    def _passes(self, *, minutes: int) -> None:
        if self._clock.is_behind:
            self._clock.reach(self._clock.now() + timedelta(minutes=minutes))

    async def _citizen(self, key: str) -> Actor:
        """Logged in with WeChat, name and ID number confirmed, willing to hear of progress."""
        if key not in self._citizens:
            accounts = self._hall.service(Accounts)
            login = await accounts.login_wechat(await self._hall.service(DemoLogins).code("login", key))
            actor = await self._hall.service(Sessions).resolve(login.token)
            if actor is None:
                raise LookupError(key)
            if not login.account.is_declared:
                await accounts.declare_identity(actor, _person(key).name, _person(key).id_number)
            wanted = {"person": key, "template_id": self._hall.settings.wechat.progress_template, "times": 20}
            await self._sandbox.request("POST", "/_sandbox/wechat/accept", json=wanted)
            self._citizens[key] = actor
        return self._citizens[key]

    async def _drafted(self, story: Story) -> tuple[Actor, str]:
        owner, drafts = await self._citizen(story.owner), self._cases.drafts
        person = _person(story.owner)
        case = await drafts.start(owner, self._item, story.answers)
        values = story.form(person.phone)
        if not story.reaches("signing"):
            await drafts.save_form(owner, case.id, dict(list(values.items())[:6]), None)
            return owner, case.id
        self._passes(minutes=8)
        home = Delivery(
            name=person.name, phone=person.phone, province="四川省", city="成都市", county="锦江区", address="示例路 8 号 2 栋 1 单元 301"
        )
        gaps = await drafts.save_form(owner, case.id, values, home)
        for code in sorted(name.removeprefix("materials.") for name in gaps if name.startswith("materials.")):
            await drafts.add_material(owner, case.id, code, paper(f"{story.key}{code}", "JPEG"), f"{code}.jpg", "image/jpeg")
        if story.partner:
            invited = _person(story.partner)
            code = await drafts.invite(owner, case.id, "shareholder", invited.name, invited.id_number)
            await drafts.join(await self._citizen(story.partner), code)
        return owner, case.id

    async def _signed(self, owner: Actor, case_id: str) -> None:
        """Identified at the counter, signed by hand, and the signature put into the document."""
        case = await self._cases.register.of_citizen(owner, case_id)
        visit = await self._visit(owner, case_id)
        verifications = self._hall.service(Verifications)
        identified = await verifications.identify_at_counter(
            self._clerk,
            account_id=owner.id,
            application_id=case_id,
            document_sha256=case.commitment_sha256,
            evidence=CounterEvidence("resident_id_card", ["document_genuine", "holder_matches_photo", "number_matches_account"]),
        )
        if visit is not None:
            await self._hall.service(Appointments).complete(self._clerk, visit)
        proof = await verifications.assertion(owner, identified.verification_id)
        key = next(key for key, actor in self._citizens.items() if actor == owner)
        drawn = {
            "strokes": handwriting(_person(key).name),
            "consent_version": CONSENT_VERSION,
            "dwell_seconds": 24.5,
            "is_scrolled_to_end": True,
        }
        await self._cases.signing.sign(owner, case_id, proof.assertion, msgspec.convert(drawn, SignatureInput))
        await self._until(self._is_signed, owner, case_id)

    async def _is_signed(self, owner: Actor, case_id: str) -> bool:
        return (await self._cases.register.of_citizen(owner, case_id)).is_signed

    async def _visit(self, owner: Actor, case_id: str) -> str | None:
        """A booked visit, begun; none in the last minutes of a day."""
        appointments, now = self._hall.service(Appointments), self._clock.now()
        today = now.astimezone(BEIJING).date()
        soon = now + timedelta(minutes=1)
        slots = [slot for slot in await appointments.offered(self._office, PURPOSE, today, today) if slot.left and slot.starts_at > soon]
        if not slots:
            return None
        held = await appointments.hold(owner, slots[0].id, case_id)
        code = (await appointments.confirm(owner, held.id)).code
        await appointments.check_in(self._clerk, code or "")
        return held.id

    async def _reviewed(self, story: Story, case_id: str) -> None:
        review = self._cases.review
        if not story.reaches("returned"):
            return
        self._passes(minutes=15)
        if story.ends == "returned":
            await review.send_back(self._clerk, case_id, CORRECTIONS)
            return
        await review.prereview(self._clerk, case_id)
        if story.reaches("accepted"):
            self._passes(minutes=5)
            await review.accept(self._clerk, case_id)
        if story.reaches("delivering"):
            self._passes(minutes=25)
            await review.decide(self._decider, case_id, is_granted=True, reason="材料齐全，符合备案条件。")

    async def _sent(self, story: Story, owner: Actor, case_id: str) -> None:
        """Licence made, ordered at the carrier, handed over at the desk, and now on the courier's bicycle."""
        parcels = self._hall.service(Parcels)
        await self._until(self._is_ordered, owner, case_id)
        self._passes(minutes=20)
        parcel = (await parcels.of_case(case_id))[0]
        offer = await parcels.handoff_code(self._clerk, parcel.id)
        await parcels.accept_handoff(self._courier, parcel.waybill_no or "", offer.payload)
        await self._sandbox.request("POST", f"/_sandbox/ems/{parcel.waybill_no}/pick_up", json={})
        await parcels.start_delivery(self._courier, parcel.id)

    async def _is_ordered(self, owner: Actor, case_id: str) -> bool:
        return any(row.waybill_no for row in await self._hall.service(Parcels).of_case(case_id))

    async def _until(self, holds: Any, owner: Actor, case_id: str) -> None:
        """Do what a worker does (another one may take a part of it) until it shows."""
        end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            await self._relay.drain()
            if await holds(owner, case_id):
                return
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(case_id)
            await asyncio.sleep(0.1)


def _person(key: str) -> Person:
    found = find_person(key)
    if found is None:
        raise LookupError(key)
    return found
