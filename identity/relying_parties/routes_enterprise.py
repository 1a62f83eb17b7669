"""The console of an enterprise: its registration and API keys, and all that its programs may do."""

from __future__ import annotations

from core.errors import NotFound
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.relying_parties import handlers
from identity.relying_parties.errors import KeyEnded, NotApproved, NotRegistered, OrganisationInvalid, OrganisationTaken, TooManyKeys
from identity.relying_parties.service import ApiKeys, NewKey, NewParty, RelyingParties
from identity.relying_parties.views import KeyView, NewKeyView, PartyView

routes = Routes("relying_parties", "/api/enterprise", Audience.ENTERPRISE)
handlers.add_to(routes, with_scopes=False)


@routes.post(
    "/relying-party",
    body=NewParty,
    returns=PartyView,
    status=201,
    idempotent=True,
    summary="登记企业，等待平台审核",
    errors=(OrganisationInvalid, OrganisationTaken, IllegalMove),
)
async def register_party(call: Call, body: NewParty) -> PartyView:
    return await call.service(RelyingParties).register(call.actor, body)


@routes.get("/relying-party", returns=PartyView, summary="本企业的登记信息", errors=(NotRegistered,))
async def show_party(call: Call) -> PartyView:
    return await call.service(RelyingParties).mine(call.actor)


@routes.post(
    "/keys",
    body=NewKey,
    returns=NewKeyView,
    status=201,
    summary="新建接口密钥（只显示一次）",
    errors=(NotRegistered, NotApproved, TooManyKeys),
)
async def create_key(call: Call, body: NewKey) -> NewKeyView:
    return await call.service(ApiKeys).create(call.actor, body)


@routes.get("/keys", returns=list[KeyView], summary="接口密钥列表", errors=(NotRegistered,))
async def list_keys(call: Call) -> list[KeyView]:
    return await call.service(ApiKeys).list_all(call.actor)


@routes.post(
    "/keys/<key_id:str>/rotate",
    returns=NewKeyView,
    status=201,
    summary="轮换接口密钥（新密钥只显示一次，旧密钥按期失效）",
    errors=(NotRegistered, NotApproved, NotFound, KeyEnded, TooManyKeys),
)
async def rotate_key(call: Call) -> NewKeyView:
    return await call.service(ApiKeys).rotate(call.actor, call.path["key_id"])


@routes.post("/keys/<key_id:str>/revoke", returns=KeyView, summary="立即停用接口密钥", errors=(NotRegistered, NotFound))
async def revoke_key(call: Call) -> KeyView:
    return await call.service(ApiKeys).revoke(call.actor, call.path["key_id"])
