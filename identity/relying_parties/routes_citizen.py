"""For the person whom an enterprise asks: who asks and why, yes or no."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import Conflict, NotFound, TooManyRequests
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import NotDeclared
from identity.relying_parties.errors import InvitationInvalid, RequestConsentChanged
from identity.relying_parties.service import Subjects
from identity.relying_parties.views import AskedView

routes = Routes("relying_parties", "/api/citizen", Audience.CITIZEN)


class OpenInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`token`: what the link carries after its `token=`."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]

    def __repr__(self) -> str:
        return "OpenInvitation(…)"


class AgreeToRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`version` of the text that was shown."""

    version: Annotated[str, msgspec.Meta(max_length=16)]


@routes.post(
    "/verification-invitations",
    body=OpenInvitation,
    returns=AskedView,
    summary="打开企业身份核验的邀请链接",
    errors=(NotDeclared, InvitationInvalid, TooManyRequests),
)
async def open_invitation(call: Call, body: OpenInvitation) -> AskedView:
    return await call.service(Subjects).open_invitation(call.actor, body.token)


@routes.get("/verification-requests", returns=list[AskedView], summary="企业请我做的身份核验")
async def list_requests(call: Call) -> list[AskedView]:
    return await call.service(Subjects).list_mine(call.actor)


@routes.get("/verification-requests/<request_id:str>", returns=AskedView, summary="一项企业身份核验", errors=(NotFound,))
async def show_request(call: Call) -> AskedView:
    return await call.service(Subjects).get(call.actor, call.path["request_id"])


@routes.post(
    "/verification-requests/<request_id:str>/consent",
    body=AgreeToRequest,
    returns=AskedView,
    summary="同意企业身份核验",
    errors=(NotFound, RequestConsentChanged, IllegalMove, Conflict),
)
async def consent_to_request(call: Call, body: AgreeToRequest) -> AskedView:
    return await call.service(Subjects).consent(call.actor, call.path["request_id"], body.version)


@routes.post(
    "/verification-requests/<request_id:str>/decline",
    returns=AskedView,
    summary="不同意企业身份核验",
    errors=(NotFound, IllegalMove, Conflict),
)
async def decline_request(call: Call) -> AskedView:
    return await call.service(Subjects).decline(call.actor, call.path["request_id"])
