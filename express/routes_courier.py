"""The courier's phone. Nothing here ever returns a pick-up code."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.http.routes import Audience, Call, Routes
from express.models import Parcel
from express.service import Parcels
from express.views import CourierParcel, HandoffKey, courier_parcel

routes = Routes("parcels", "/api/courier", Audience.COURIER)

FailureReason = Literal["nobody_home", "refused", "address_wrong", "identity_doubtful", "other"]


class Handoff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    waybill_no: Annotated[str, msgspec.Meta(min_length=8, max_length=32)]
    payload: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z", max_length=6)]


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: FailureReason


def _view(call: Call, parcel: Parcel) -> CourierParcel:
    return courier_parcel(parcel, call.service(Parcels).recipient_of(parcel), call.actor)


@routes.get("/parcels", returns=list[CourierParcel], summary="我的派送清单")
async def list_route(call: Call) -> list[CourierParcel]:
    return [_view(call, parcel) for parcel in await call.service(Parcels).list_for_courier(call.actor)]


@routes.get("/parcels/<parcel_id>", returns=CourierParcel, summary="快件详情")
async def show_route_parcel(call: Call) -> CourierParcel:
    return _view(call, await call.service(Parcels).for_courier(call.actor, call.path["parcel_id"]))


@routes.get("/handoff-keys", returns=list[HandoffKey], summary="离线核对交接码的公钥")
async def list_handoff_keys(call: Call) -> list[HandoffKey]:
    return [HandoffKey(key_id, key.hex()) for key_id, key in call.service(Parcels).handoff_public_keys().items()]


@routes.post("/handoffs", body=Handoff, returns=CourierParcel, summary="扫运单和交接码，接收快件")
async def accept_handoff(call: Call, body: Handoff) -> CourierParcel:
    return _view(call, await call.service(Parcels).accept_handoff(call.actor, body.waybill_no, body.payload))


@routes.post("/parcels/<parcel_id>/start", returns=CourierParcel, summary="开始派送")
async def start_delivery(call: Call) -> CourierParcel:
    return _view(call, await call.service(Parcels).start_delivery(call.actor, call.path["parcel_id"]))


@routes.post("/parcels/<parcel_id>/failures", body=Failure, returns=CourierParcel, summary="登记未能交付")
async def report_failure(call: Call, body: Failure) -> CourierParcel:
    return _view(call, await call.service(Parcels).report_failure(call.actor, call.path["parcel_id"], body.reason))


# Not idempotent by key: the wrapper's transaction would roll back a wrong try and so allow guessing without end.
@routes.post("/parcels/<parcel_id>/deliver", body=Delivery, returns=CourierParcel, summary="凭取件码交付")
async def deliver(call: Call, body: Delivery) -> CourierParcel:
    return _view(call, await call.service(Parcels).deliver(call.actor, call.path["parcel_id"], body.code))
