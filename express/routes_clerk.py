"""The hand-out desk."""

from __future__ import annotations

import msgspec

from core.http.routes import Audience, Call, Routes
from express.flow import HAND_OVER
from express.models import Parcel
from express.service import Parcels, ParcelState
from express.views import ClerkParcel, CustodyView, HandoffView, clerk_parcel, custody_line

routes = Routes("parcels", "/api/clerk/parcels", Audience.CLERK)


class ParcelFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: ParcelState | None = None


def _view(call: Call, parcel: Parcel) -> ClerkParcel:
    return clerk_parcel(parcel, call.service(Parcels).recipient_of(parcel), call.actor)


@routes.get("", query=ParcelFilter, returns=list[ClerkParcel], needs=HAND_OVER, summary="本大厅的快件")
async def list_desk_parcels(call: Call) -> list[ClerkParcel]:
    wanted: ParcelFilter = call.query
    return [_view(call, parcel) for parcel in await call.service(Parcels).list_for_clerk(call.actor, wanted.state)]


@routes.get("/<parcel_id>", returns=ClerkParcel, needs=HAND_OVER, summary="快件详情")
async def show_desk_parcel(call: Call) -> ClerkParcel:
    return _view(call, await call.service(Parcels).for_clerk(call.actor, call.path["parcel_id"]))


@routes.post("/<parcel_id>/handoff-code", returns=HandoffView, needs=HAND_OVER, summary="出示交接码（每30秒更换）")
async def offer_handoff(call: Call) -> HandoffView:
    offer = await call.service(Parcels).handoff_code(call.actor, call.path["parcel_id"])
    return HandoffView(offer.payload, offer.seconds_left)


@routes.post("/<parcel_id>/cancel", returns=ClerkParcel, needs=HAND_OVER, summary="取消寄送")
async def cancel_parcel(call: Call) -> ClerkParcel:
    return _view(call, await call.service(Parcels).cancel(call.actor, call.path["parcel_id"]))


@routes.post("/<parcel_id>/unlock-pickup", returns=ClerkParcel, needs=HAND_OVER, summary="核实收件人后解锁取件码")
async def unlock_pickup(call: Call) -> ClerkParcel:
    parcels, parcel_id = call.service(Parcels), call.path["parcel_id"]
    await parcels.unlock_pickup(call.actor, parcel_id)
    return _view(call, await parcels.for_clerk(call.actor, parcel_id))


@routes.post("/<parcel_id>/loss", returns=ClerkParcel, needs=HAND_OVER, summary="登记快件丢失")
async def record_loss(call: Call) -> ClerkParcel:
    return _view(call, await call.service(Parcels).record_loss(call.actor, call.path["parcel_id"]))


@routes.get("/<parcel_id>/custody", returns=CustodyView, needs=HAND_OVER, summary="交接链及其核验")
async def show_custody(call: Call) -> CustodyView:
    parcels = call.service(Parcels)
    parcel = await parcels.for_clerk(call.actor, call.path["parcel_id"])
    report = await parcels.verify_custody(parcel.id)
    events = [custody_line(event) for event in await parcels.custody(parcel)]
    return CustodyView(report.is_intact, report.head, report.broken_at, events)
