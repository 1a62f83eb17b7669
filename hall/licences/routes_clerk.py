"""The register of an office: looking up, suspending, restoring, revoking."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.http.routes import Audience, Binary, Call, Routes
from hall.licences.flow import REVOKE
from hall.licences.service import Licences
from hall.licences.views import LicenceView, licence_view

routes = Routes("licences", "/api/clerk", Audience.CLERK)


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    offset: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


class ChangeStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    action: Literal["suspend", "restore", "revoke"]
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=500)]


@routes.get("/licences", query=Page, returns=list[LicenceView], summary="本机关签发的证照")
async def list_licences(call: Call) -> list[LicenceView]:
    licences = call.service(Licences)
    found = await licences.register(call.actor, call.query.limit, call.query.offset)
    return [licence_view(licence, licences.allowed(licence, call.actor)) for licence in found]


@routes.get("/licences/<licence_id:str>/licence.pdf", returns=Binary, summary="查看证照（留痕）")
async def download_licence(call: Call) -> Binary:
    return Binary(await call.service(Licences).pdf_for_clerk(call.actor, call.path["licence_id"]), "application/pdf", "licence.pdf")


@routes.post(
    "/licences/<licence_id:str>/status",
    body=ChangeStatus,
    returns=LicenceView,
    needs=REVOKE,
    idempotent=True,
    summary="暂停、恢复或撤销证照",
)
async def change_status(call: Call, body: ChangeStatus) -> LicenceView:
    licences = call.service(Licences)
    licence = await licences.change_status(call.actor, call.path["licence_id"], body.action, body.reason)
    return licence_view(licence, licences.allowed(licence, call.actor))
