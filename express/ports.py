"""What a carrier must be able to do. A carrier is one adapter file and one line in `carriers/registry.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class TrackStatus(StrEnum):
    """The common vocabulary. A carrier's code that its table does not know is UNKNOWN, never a guess."""

    PENDING = "pending"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ON_HOLD = "on_hold"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_DELAYED = "delivery_delayed"
    DELIVERED = "delivered"
    RETURN_TO_SENDER = "return_to_sender"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets the parcel and where; `phone` is a mainland mobile number. Sealed at rest."""

    name: str
    phone: str
    province: str
    city: str
    county: str
    address: str

    def __repr__(self) -> str:
        return "Recipient(…)"


@dataclass(frozen=True)
class OrderRequest:
    """`order_no` is ours and the idempotency key: the same number means the same parcel, however often it is sent."""

    order_no: str
    created_at: datetime
    recipient: Recipient
    contents: str


@dataclass(frozen=True)
class CarrierEvent:
    """`code` is the carrier's own; `place` is a city at most; `occurred_at` is the carrier's time of the event, not of the push."""

    waybill_no: str
    code: str
    status: TrackStatus
    occurred_at: datetime
    place: str = ""


@dataclass(frozen=True)
class Push:
    """A genuine push: its events, and the words with which the carrier wants to be answered."""

    events: Sequence[CarrierEvent]
    plaintext: bytes
    answer: bytes


class Carrier(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def is_postal(self) -> bool:
        """True for the postal enterprise, which alone may carry official documents."""
        ...

    async def order(self, request: OrderRequest) -> str:
        """Place the order and return its waybill number. CarrierRefused, CarrierUnclear or UpstreamUnavailable."""
        ...

    async def cancel(self, order_no: str, waybill_no: str) -> None: ...

    async def track(self, waybill_no: str) -> Sequence[CarrierEvent]: ...

    def parse_push(self, headers: Mapping[str, str], body: bytes) -> Push:
        """Prove and read a push; raises PushForged. Header names are lower case."""
        ...

    async def check(self) -> None:
        """Are the settings usable? Raises ValueError naming the setting."""
        ...

    async def close(self) -> None: ...
