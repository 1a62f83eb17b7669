"""The public door of `express`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from core import audit
from core.actor import SYSTEM, Actor
from core.audit.chain import GENESIS, ChainReport
from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.errors import Conflict, NotFound, UpstreamUnavailable
from core.flow import IllegalMove
from core.ids import new_id
from core.outbox import emit
from express import custody
from express.carrier_events import CarrierEvents
from express.carriers.registry import build_carriers
from express.config import ExpressConfig
from express.custody import Grade
from express.doorstep import Doorstep
from express.errors import HandoffCodeStale, HandoffCodeWrong, HandoffTaken, NoCarrier, PickupNotReady, RecipientInvalid
from express.events import ParcelOpened
from express.flow import HAS_PICKUP_CODE, PARCEL_FLOW, ParcelState
from express.models import CarrierPush, CustodyEvent, Parcel
from express.moves import move
from express.ports import Carrier, OrderRequest, Recipient
from express.rules import (
    LEG_HALL_TO_COURIER,
    STEP_SECONDS,
    DocumentClass,
    ExpressKeys,
    HandoffCode,
    check_handoff,
    choose_carrier,
    order_number,
    pickup_code,
    recipient_problems,
    sign_handoff,
    step_at,
)

__all__ = ["DocumentClass", "ExpressKeys", "HandoffOffer", "ParcelState", "Parcels", "Recipient", "build_carriers", "recipient_problems"]

CONTENTS = "证照文件"
"""What the waybill says is inside: never the kind of licence."""


class HandoffOffer(msgspec.Struct, frozen=True):
    """What the hall's screen shows: `payload` as a QR code, to be replaced after `seconds_left`."""

    payload: str
    seconds_left: int


class Parcels:
    def __init__(self, *, config: ExpressConfig, clock: Clock, cipher: Cipher, keys: ExpressKeys, carriers: Mapping[str, Carrier]) -> None:
        self._config, self._clock, self._cipher, self._keys, self._carriers = config, clock, cipher, keys, carriers
        self._events = CarrierEvents(clock, cipher)
        self._doorstep = Doorstep(clock, keys)

    # Opening and ordering

    async def open_parcel(
        self,
        *,
        case_id: str,
        licence_id: str,
        citizen_id: str,
        recipient: Recipient,
        document_class: DocumentClass = DocumentClass.LICENCE,
        office_id: str | None = None,
        actor: Actor = SYSTEM,
    ) -> Parcel:
        """The one parcel of a licence; asking again returns the same. RecipientInvalid, NoCarrier. A worker then places the order."""
        known = await Parcel.get_or_none(licence_id=licence_id)
        if known is not None:
            return known
        if problems := recipient_problems(recipient):
            raise RecipientInvalid(fields=problems)
        postal = {code: carrier.is_postal for code, carrier in self._carriers.items()}
        carrier = choose_carrier(document_class, postal, self._config.other_carriers_for)
        if carrier is None:
            raise NoCarrier()
        parcel_id, now = new_id("parcel"), self._clock.now()
        try:
            async with transaction():
                await Parcel.create(
                    id=parcel_id,
                    case_id=case_id,
                    licence_id=licence_id,
                    citizen_id=citizen_id,
                    office_id=office_id,
                    document_class=document_class.value,
                    carrier=carrier,
                    order_no=order_number(parcel_id),
                    state=PARCEL_FLOW.initial,
                    recipient=self._cipher.seal(msgspec.json.encode(recipient), context=f"express_parcel:{parcel_id}"),
                    pickup_salt=secrets.token_hex(16),
                    custody_head=GENESIS,
                    created_at=now,
                )
                head = await custody.append(parcel_id, "open", Grade.INTERNAL, at=now, actor=actor, data={"licence_id": licence_id})
                facts = {"parcel_id": parcel_id, "carrier": carrier, "custody_head": head}
                await audit.record(f"case:{case_id}", "parcel.open", at=now, actor=actor, data=facts)
                await emit(ParcelOpened(parcel_id=parcel_id, case_id=case_id), at=now)
        except IntegrityError:
            return await Parcel.get(licence_id=licence_id)
        return await Parcel.get(id=parcel_id)

    async def place_order(self, parcel_id: str) -> None:
        """For the worker: order at the carrier, then record. Safe to repeat: our order number makes the carrier answer with one waybill."""
        parcel = await self._parcel(id=parcel_id)
        if parcel.state != ParcelState.READY:
            return
        request = OrderRequest(parcel.order_no, parcel.created_at, self.recipient_of(parcel), CONTENTS)
        carrier = self._carriers[parcel.carrier]
        waybill_no = await carrier.order(request)
        try:
            await self.record_order(parcel_id, waybill_no)
        except (IllegalMove, Conflict):
            if (await self._parcel(id=parcel_id)).state != ParcelState.CANCELLED:
                raise
            await carrier.cancel(parcel.order_no, waybill_no)

    async def record_order(self, parcel_id: str, waybill_no: str) -> None:
        """The carrier has accepted. Repeating it changes nothing."""
        async with transaction():
            parcel = await self._parcel(id=parcel_id)
            if parcel.waybill_no == waybill_no:
                return
            parcel = await move(
                parcel,
                "record_order",
                SYSTEM,
                Grade.CARRIER,
                at=self._clock.now(),
                data={"waybill_no": waybill_no},
                changes={"waybill_no": waybill_no},
            )
            await self._events.adopt(parcel)

    async def cancel(self, clerk: Actor, parcel_id: str) -> Parcel:
        """Before the carrier was asked; afterwards the parcel has to be returned."""
        async with transaction():
            parcel = await self.for_clerk(clerk, parcel_id)
            return await move(parcel, "cancel", clerk, Grade.INTERNAL, at=self._clock.now())

    # From the hall to the courier

    async def handoff_code(self, clerk: Actor, parcel_id: str) -> HandoffOffer:
        """The code of this half minute. The first call says that the parcel lies ready at the desk."""
        now = self._clock.now()
        async with transaction():
            parcel = await self.for_clerk(clerk, parcel_id)
            if parcel.state != ParcelState.WAITING_HANDOFF:
                await move(parcel, "offer_handoff", clerk, Grade.INTERNAL, at=now)
        step = step_at(now.timestamp())
        left = (step + 1) * STEP_SECONDS - int(now.timestamp())
        return HandoffOffer(sign_handoff(self._keys, LEG_HALL_TO_COURIER, parcel_id, step), left)

    async def accept_handoff(self, courier: Actor, waybill_no: str, payload: str) -> Parcel:
        """The courier scanned waybill and screen. NotFound, HandoffCodeWrong, HandoffCodeStale, HandoffTaken (another was first)."""
        now = self._clock.now()
        parcel = await self._parcel(waybill_no=waybill_no)
        if parcel.courier_id is not None:
            if parcel.courier_id == courier.id:
                return parcel
            raise HandoffTaken()
        code = check_handoff(
            payload,
            self._keys.public_keys(),
            leg=LEG_HALL_TO_COURIER,
            parcel_id=parcel.id,
            now_step=step_at(now.timestamp()),
            last_step=parcel.handoff_step_last,
        )
        if not isinstance(code, HandoffCode):
            raise HandoffCodeStale() if code in ("stale", "used") else HandoffCodeWrong(fields={"payload": HandoffCodeWrong.message})
        async with transaction():
            PARCEL_FLOW.move(parcel.state, "accept_handoff", courier)
            changed = await Parcel.filter(
                id=parcel.id, state=parcel.state, version=parcel.version, courier_id=None, handoff_step_last__lt=code.step
            ).update(courier_id=courier.id, handoff_step_last=code.step)
            if not changed:
                raise HandoffTaken()
            data = {"step": code.step, "key_id": code.key_id}
            return await move(parcel, "accept_handoff", courier, Grade.SIGNED, at=now, data=data)

    # From the courier to the citizen

    async def start_delivery(self, courier: Actor, parcel_id: str) -> Parcel:
        async with transaction():
            parcel = await self.for_courier(courier, parcel_id)
            return await move(parcel, "start_delivery", courier, Grade.INTERNAL, at=self._clock.now())

    async def report_failure(self, courier: Actor, parcel_id: str, reason: str) -> Parcel:
        """`reason` is a code of the list in `routes_courier`."""
        async with transaction():
            parcel = await self.for_courier(courier, parcel_id)
            return await move(parcel, "report_failure", courier, Grade.INTERNAL, at=self._clock.now(), data={"reason": reason})

    async def deliver(self, courier: Actor, parcel_id: str, code: str) -> Parcel:
        """See `Doorstep.deliver`."""
        return await self._doorstep.deliver(await self.for_courier(courier, parcel_id), courier, code)

    async def pickup_code_for(self, citizen: Actor, parcel_id: str) -> str:
        """Six digits, for the recipient's eyes only. PickupNotReady before a courier has the parcel and after the end."""
        parcel = await self.for_citizen(citizen, parcel_id)
        if parcel.state not in HAS_PICKUP_CODE:
            raise PickupNotReady()
        return pickup_code(self._keys.pickup, parcel.id, parcel.pickup_salt)

    async def renew_pickup_code(self, citizen: Actor, parcel_id: str) -> str:
        """A new code; the old one is dead at once. Wrong tries and a lock stay."""
        await self._doorstep.renew(await self.for_citizen(citizen, parcel_id), citizen)
        return await self.pickup_code_for(citizen, parcel_id)

    async def unlock_pickup(self, clerk: Actor, parcel_id: str) -> None:
        """After a clerk has spoken to the recipient: a new code with new tries."""
        await self._doorstep.unlock(await self.for_clerk(clerk, parcel_id), clerk)

    async def confirm_receipt(self, citizen: Actor, parcel_id: str) -> Parcel:
        """The recipient says that a parcel which only the carrier called delivered has really come."""
        now = self._clock.now()
        async with transaction():
            parcel = await self.for_citizen(citizen, parcel_id)
            return await move(parcel, "confirm_receipt", citizen, Grade.RECIPIENT, at=now, changes={"delivered_at": now})

    async def record_loss(self, clerk: Actor, parcel_id: str) -> Parcel:
        """Lost: whoever holds the licence revokes and reissues it, once (event ParcelLost)."""
        async with transaction():
            parcel = await self.for_clerk(clerk, parcel_id)
            return await move(parcel, "record_loss", clerk, Grade.INTERNAL, at=self._clock.now())

    # The carrier's word

    async def receive_push(self, carrier_code: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Keep a carrier's push and return what it wants to hear. NotFound, PushForged (nothing is kept); a replay is answered the same."""
        carrier = self._carriers.get(carrier_code)
        if carrier is None:
            raise NotFound()
        push = carrier.parse_push({name.lower(): value for name, value in headers.items()}, body)
        for event in push.events:
            await self._events.record(carrier_code, event, push.plaintext)
        return push.answer

    async def refresh_tracking(self, parcel_id: str) -> int:
        """For the worker: ask the carrier, in case pushes were lost; returns how many events were new."""
        parcel = await self._parcel(id=parcel_id)
        if parcel.waybill_no is None:
            return 0
        found = await self._carriers[parcel.carrier].track(parcel.waybill_no)
        return sum([await self._events.record(parcel.carrier, event) for event in found if event.waybill_no == parcel.waybill_no])

    async def refresh_under_way(self) -> int:
        """Ask the carrier about every parcel it has, a job that makes up for lost pushes; returns how many events were new."""
        under_way = Parcel.exclude(waybill_no=None).exclude(state__in=list(PARCEL_FLOW.final)).order_by("created_at").limit(200)
        found = 0
        for parcel_id in await under_way.values_list("id", flat=True):
            with suppress(UpstreamUnavailable):
                found += await self.refresh_tracking(str(parcel_id))
        return found

    # Looking

    async def tracking(self, parcel: Parcel) -> Sequence[CarrierPush]:
        return await CarrierPush.filter(parcel_id=parcel.id).order_by("occurred_at", "id")

    async def custody(self, parcel: Parcel) -> Sequence[CustodyEvent]:
        return await custody.links(parcel.id)

    async def verify_custody(self, parcel_id: str) -> ChainReport:
        """Does every link of the chain still follow from the one before?"""
        return await custody.verify(parcel_id)

    def recipient_of(self, parcel: Parcel) -> Recipient:
        return msgspec.json.decode(self._cipher.open(bytes(parcel.recipient), context=f"express_parcel:{parcel.id}"), type=Recipient)

    def handoff_public_keys(self) -> Mapping[str, bytes]:
        return self._keys.public_keys()

    async def of_case(self, case_id: str) -> Sequence[Parcel]:
        return await Parcel.filter(case_id=case_id).order_by("created_at")

    async def list_for_citizen(self, citizen: Actor) -> Sequence[Parcel]:
        return await Parcel.filter(citizen_id=citizen.id).order_by("-created_at").limit(100)

    async def list_for_courier(self, courier: Actor) -> Sequence[Parcel]:
        return await Parcel.filter(courier_id=courier.id).order_by("-created_at").limit(200)

    async def list_for_clerk(self, clerk: Actor, state: str | None = None) -> Sequence[Parcel]:
        return await Parcel.filter(**_office(clerk), **({"state": state} if state else {})).order_by("-created_at").limit(200)

    async def for_citizen(self, citizen: Actor, parcel_id: str) -> Parcel:
        return await self._parcel(id=parcel_id, citizen_id=citizen.id)

    async def for_courier(self, courier: Actor, parcel_id: str) -> Parcel:
        return await self._parcel(id=parcel_id, courier_id=courier.id)

    async def for_clerk(self, clerk: Actor, parcel_id: str) -> Parcel:
        return await self._parcel(id=parcel_id, **_office(clerk))

    async def _parcel(self, **wanted: Any) -> Parcel:
        parcel = await Parcel.get_or_none(**wanted)
        if parcel is None:
            raise NotFound()
        return parcel


def _office(clerk: Actor) -> dict[str, str]:
    """A clerk of an office sees that office's parcels; one without an office (headquarters) sees all."""
    return {"office_id": clerk.office_id} if clerk.office_id else {}
