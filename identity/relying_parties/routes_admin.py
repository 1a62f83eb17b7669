"""Relying parties as an admin decides about them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.errors import Conflict, NotFound
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.relying_parties.service import RelyingParties
from identity.relying_parties.views import PartyView

routes = Routes("relying_parties", "/api/admin", Audience.ADMIN)
Quota = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_MOVES = (NotFound, IllegalMove, Conflict)


class PartyQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: Literal["applied", "approved", "rejected", "suspended"] | None = None


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`monthly_quota`: verifications a month; None for what was set before, or the default."""

    monthly_quota: Quota | None = None


class RefusalReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` is shown to the enterprise."""

    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]


class NewQuota(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    monthly_quota: Quota


@routes.get("/relying-parties", query=PartyQuery, returns=list[PartyView], summary="接入企业名单")
async def list_parties(call: Call) -> list[PartyView]:
    return await call.service(RelyingParties).list_all(call.actor, call.query.state)


@routes.post("/relying-parties/<party_id:str>/approve", body=Approval, returns=PartyView, summary="通过企业接入申请", errors=_MOVES)
async def approve_party(call: Call, body: Approval) -> PartyView:
    return await call.service(RelyingParties).decide(call.actor, call.path["party_id"], "approve", monthly_quota=body.monthly_quota)


@routes.post("/relying-parties/<party_id:str>/reject", body=RefusalReason, returns=PartyView, summary="不通过企业接入申请", errors=_MOVES)
async def reject_party(call: Call, body: RefusalReason) -> PartyView:
    return await call.service(RelyingParties).decide(call.actor, call.path["party_id"], "reject", reason=body.reason)


@routes.post("/relying-parties/<party_id:str>/suspend", body=RefusalReason, returns=PartyView, summary="暂停企业接入", errors=_MOVES)
async def suspend_party(call: Call, body: RefusalReason) -> PartyView:
    return await call.service(RelyingParties).decide(call.actor, call.path["party_id"], "suspend", reason=body.reason)


@routes.post("/relying-parties/<party_id:str>/resume", returns=PartyView, summary="恢复企业接入", errors=_MOVES)
async def resume_party(call: Call) -> PartyView:
    return await call.service(RelyingParties).decide(call.actor, call.path["party_id"], "resume")


@routes.put("/relying-parties/<party_id:str>/quota", body=NewQuota, returns=PartyView, summary="设定企业每月核验额度", errors=(NotFound,))
async def set_quota(call: Call, body: NewQuota) -> PartyView:
    return await call.service(RelyingParties).set_quota(call.actor, call.path["party_id"], body.monthly_quota)
