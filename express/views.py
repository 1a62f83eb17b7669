"""Response shapes, one per audience. A courier's never holds a pick-up code, and only the recipient's shows the address in full early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from core.actor import Actor
from express.flow import PARCEL_FLOW
from express.models import CarrierPush, CustodyEvent, Parcel
from express.ports import Recipient, TrackStatus
from express.rules import mask_name, mask_phone

STATUS_LABELS: dict[TrackStatus, str] = {
    TrackStatus.PENDING: "等待揽收",
    TrackStatus.PICKED_UP: "快递公司已收寄",
    TrackStatus.IN_TRANSIT: "运输中",
    TrackStatus.ON_HOLD: "暂时滞留",
    TrackStatus.OUT_FOR_DELIVERY: "正在派送",
    TrackStatus.READY_FOR_PICKUP: "已到代收点",
    TrackStatus.DELIVERY_FAILED: "未能送达",
    TrackStatus.DELIVERY_DELAYED: "派送延误",
    TrackStatus.DELIVERED: "快递公司报告已送达",
    TrackStatus.RETURN_TO_SENDER: "退回办事大厅",
    TrackStatus.CANCELLED: "已撤单",
    TrackStatus.UNKNOWN: "快递公司有新消息",
}


class TrackLine(msgspec.Struct, frozen=True):
    at: datetime
    status: str
    label: str
    place: str


class CitizenParcel(msgspec.Struct, frozen=True):
    id: str
    case_id: str
    carrier: str
    waybill_no: str | None
    state: str
    state_label: str
    recipient: Recipient
    is_pickup_locked: bool
    created_at: datetime
    delivered_at: datetime | None
    allowed_actions: list[str]
    tracking: list[TrackLine]


class CourierParcel(msgspec.Struct, frozen=True):
    """`address` is empty until this courier has the parcel; name and phone stay masked, the waybill carries them."""

    id: str
    waybill_no: str | None
    state: str
    state_label: str
    recipient_name: str
    recipient_phone: str
    address: str
    is_pickup_locked: bool
    allowed_actions: list[str]


class ClerkParcel(msgspec.Struct, frozen=True):
    id: str
    case_id: str
    licence_id: str
    document_class: str
    carrier: str
    waybill_no: str | None
    state: str
    state_label: str
    recipient_name: str
    recipient_phone: str
    city: str
    courier_id: str | None
    is_pickup_locked: bool
    created_at: datetime
    delivered_at: datetime | None
    allowed_actions: list[str]


class CustodyLine(msgspec.Struct, frozen=True):
    seq: int
    kind: str
    grade: str
    at: str
    actor_kind: str
    actor_id: str
    hash: str


class CustodyView(msgspec.Struct, frozen=True):
    is_intact: bool
    head: str
    broken_at: int | None
    events: list[CustodyLine]


class PickupCodeView(msgspec.Struct, frozen=True):
    code: str


class HandoffView(msgspec.Struct, frozen=True):
    """`payload` is drawn as a QR code and asked for again when `seconds_left` is over."""

    payload: str
    seconds_left: int


class HandoffKey(msgspec.Struct, frozen=True):
    key_id: str
    public_key_hex: str


def citizen_parcel(parcel: Parcel, recipient: Recipient, tracking: Sequence[CarrierPush], actor: Actor) -> CitizenParcel:
    return CitizenParcel(
        id=parcel.id,
        case_id=parcel.case_id,
        carrier=parcel.carrier,
        waybill_no=parcel.waybill_no,
        state=parcel.state,
        state_label=PARCEL_FLOW.states[parcel.state],
        recipient=recipient,
        is_pickup_locked=parcel.pickup_locked_at is not None,
        created_at=parcel.created_at,
        delivered_at=parcel.delivered_at,
        allowed_actions=PARCEL_FLOW.allowed_actions(parcel.state, actor),
        tracking=[TrackLine(row.occurred_at, row.status, STATUS_LABELS[TrackStatus(row.status)], row.place) for row in tracking],
    )


def courier_parcel(parcel: Parcel, recipient: Recipient, actor: Actor) -> CourierParcel:
    is_theirs = parcel.courier_id == actor.id
    address = f"{recipient.province}{recipient.city}{recipient.county}{recipient.address}"
    return CourierParcel(
        id=parcel.id,
        waybill_no=parcel.waybill_no,
        state=parcel.state,
        state_label=PARCEL_FLOW.states[parcel.state],
        recipient_name=mask_name(recipient.name),
        recipient_phone=mask_phone(recipient.phone),
        address=address if is_theirs else "",
        is_pickup_locked=parcel.pickup_locked_at is not None,
        allowed_actions=PARCEL_FLOW.allowed_actions(parcel.state, actor),
    )


def clerk_parcel(parcel: Parcel, recipient: Recipient, actor: Actor) -> ClerkParcel:
    return ClerkParcel(
        id=parcel.id,
        case_id=parcel.case_id,
        licence_id=parcel.licence_id,
        document_class=parcel.document_class,
        carrier=parcel.carrier,
        waybill_no=parcel.waybill_no,
        state=parcel.state,
        state_label=PARCEL_FLOW.states[parcel.state],
        recipient_name=mask_name(recipient.name),
        recipient_phone=mask_phone(recipient.phone),
        city=recipient.city,
        courier_id=parcel.courier_id,
        is_pickup_locked=parcel.pickup_locked_at is not None,
        created_at=parcel.created_at,
        delivered_at=parcel.delivered_at,
        allowed_actions=PARCEL_FLOW.allowed_actions(parcel.state, actor),
    )


def custody_line(event: CustodyEvent) -> CustodyLine:
    return CustodyLine(event.seq, event.kind, event.grade, event.at, event.actor_kind, event.actor_id, event.hash)
