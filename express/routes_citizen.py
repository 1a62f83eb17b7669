from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from express.models import Parcel
from express.service import Parcels
from express.views import CitizenParcel, PickupCodeView, citizen_parcel

routes = Routes("parcels", "/api/citizen/parcels", Audience.CITIZEN)


async def _view(call: Call, parcel: Parcel) -> CitizenParcel:
    parcels = call.service(Parcels)
    return citizen_parcel(parcel, parcels.recipient_of(parcel), await parcels.tracking(parcel), call.actor)


@routes.get("", returns=list[CitizenParcel], summary="我的快件")
async def list_my_parcels(call: Call) -> list[CitizenParcel]:
    return [await _view(call, parcel) for parcel in await call.service(Parcels).list_for_citizen(call.actor)]


@routes.get("/<parcel_id>", returns=CitizenParcel, summary="快件详情和物流")
async def show_my_parcel(call: Call) -> CitizenParcel:
    return await _view(call, await call.service(Parcels).for_citizen(call.actor, call.path["parcel_id"]))


@routes.get("/<parcel_id>/pickup-code", returns=PickupCodeView, summary="查看取件码")
async def show_pickup_code(call: Call) -> PickupCodeView:
    return PickupCodeView(await call.service(Parcels).pickup_code_for(call.actor, call.path["parcel_id"]))


@routes.post("/<parcel_id>/pickup-code/renew", returns=PickupCodeView, summary="换一个取件码，旧的立即失效")
async def renew_pickup_code(call: Call) -> PickupCodeView:
    return PickupCodeView(await call.service(Parcels).renew_pickup_code(call.actor, call.path["parcel_id"]))


@routes.post("/<parcel_id>/confirm-receipt", returns=CitizenParcel, summary="确认已收到")
async def confirm_receipt(call: Call) -> CitizenParcel:
    return await _view(call, await call.service(Parcels).confirm_receipt(call.actor, call.path["parcel_id"]))
