"""Parcels with a carrier in memory, and the people around one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.actor import Actor, Role
from core.clock import BEIJING, ManualClock
from core.crypto import FieldCipher
from core.models import OutboxEvent
from express.carriers import ems_mapping as mapping
from express.config import ExpressConfig
from express.errors import (
    PushForged,
)
from express.flow import HAND_OVER
from express.models import Parcel
from express.ports import CarrierEvent, OrderRequest, Push, Recipient
from express.rules import ExpressKeys
from express.service import Parcels

TO = Recipient("李娜", "19900000002", "重庆市", "重庆市", "渝中区", "示例路8号1栋1202")
CITIZEN, STRANGER = Actor(Role.CITIZEN, "acct_citizen"), Actor(Role.CITIZEN, "acct_stranger")
COURIER, RIVAL = Actor(Role.COURIER, "acct_courier"), Actor(Role.COURIER, "acct_rival")
CLERK = Actor(Role.CLERK, "acct_clerk", frozenset({HAND_OVER}), "office_a")
OTHER_CLERK = Actor(Role.CLERK, "acct_other", frozenset({HAND_OVER}), "office_b")
CONFIG = ExpressConfig()


class PaperCarrier:
    """A carrier in memory; the network side of the real one is tested against the sandbox."""

    code, is_postal = "ems", True

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.cancelled: list[str] = []
        self.events: list[CarrierEvent] = []
        self.failures: list[Exception] = []

    async def order(self, request: OrderRequest) -> str:
        waybill_no = self.orders.setdefault(request.order_no, f"12{len(self.orders):011d}")
        if self.failures:
            raise self.failures.pop(0)
        return waybill_no

    async def cancel(self, order_no: str, waybill_no: str) -> None:
        self.cancelled.append(waybill_no)

    async def track(self, waybill_no: str) -> Sequence[CarrierEvent]:
        return self.events

    def parse_push(self, headers: Mapping[str, str], body: bytes) -> Push:
        if headers.get("x-proof") != "genuine":
            raise PushForged()
        item = json.loads(body)
        return Push([mapping.event_from(item)], body, b"ok")

    async def check(self) -> None:
        return None

    async def close(self) -> None:
        return None


def parcels_of(carrier: PaperCarrier, clock: ManualClock) -> Parcels:
    cipher = FieldCipher({"k1": b"\x07" * 32}, "k1")
    return Parcels(config=CONFIG, clock=clock, cipher=cipher, keys=ExpressKeys.from_master(b"\x05" * 32), carriers={"ems": carrier})


async def opened(parcels: Parcels, licence: str = "lic_1", recipient: Recipient = TO) -> Parcel:
    return await parcels.open_parcel(case_id="case_1", licence_id=licence, citizen_id=CITIZEN.id, recipient=recipient, office_id="office_a")


async def with_courier(parcels: Parcels, licence: str = "lic_1") -> Parcel:
    parcel = await opened(parcels, licence)
    await parcels.place_order(parcel.id)
    offer = await parcels.handoff_code(CLERK, parcel.id)
    parcel = await Parcel.get(id=parcel.id)
    return await parcels.accept_handoff(COURIER, str(parcel.waybill_no), offer.payload)


def push(parcel: Parcel, code: str, at: datetime) -> bytes:
    text = at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps({"waybillNo": parcel.waybill_no, "opCode": code, "opTime": text, "opDesc": "投递员电话19900000009"}).encode()


async def tell(parcels: Parcels, parcel: Parcel, code: str, at: datetime) -> Parcel:
    await parcels.receive_push("ems", {"X-Proof": "genuine"}, push(parcel, code, at))
    return await Parcel.get(id=parcel.id)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def events(name: str) -> int:
    return await OutboxEvent.filter(name=name).count()
