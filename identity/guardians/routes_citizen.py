"""A guardian's wards, and what the guardian consents to."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import NotFound, TooManyRequests
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import IdNumberInvalid, NotDeclared
from identity.guardians.errors import GuardianNotProven, GuardianshipOpen, GuardianTooYoung, OwnGuardian, WardTooOld, WardUnknown
from identity.guardians.service import Guardians, Relation
from identity.guardians.views import GuardianshipView

routes = Routes("guardians", "/api/citizen/guardianships", Audience.CITIZEN)


class DeclareWard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and number of the child, as on its document."""

    name: Annotated[str, msgspec.Meta(max_length=64)]
    id_number: Annotated[str, msgspec.Meta(max_length=32)]
    relation: Relation

    def __repr__(self) -> str:
        return "DeclareWard(…)"


class GuardianAgrees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`version` of the text that was shown."""

    version: Annotated[str, msgspec.Meta(max_length=16)]


@routes.get("", returns=list[GuardianshipView], summary="我的监护关系")
async def list_guardianships(call: Call) -> list[GuardianshipView]:
    return await call.service(Guardians).mine(call.actor)


@routes.post(
    "",
    body=DeclareWard,
    returns=GuardianshipView,
    status=201,
    idempotent=True,
    summary="登记被监护人",
    errors=(
        *(NotDeclared, IdNumberInvalid, GuardianNotProven, GuardianTooYoung, OwnGuardian, WardUnknown, WardTooOld),
        *(GuardianshipOpen, TooManyRequests),
    ),
)
async def declare_ward(call: Call, body: DeclareWard) -> GuardianshipView:
    return await call.service(Guardians).declare(call.actor, name=body.name, id_number=body.id_number, relation=body.relation)


@routes.put(
    "/<guardianship_id:str>/consent",
    body=GuardianAgrees,
    returns=GuardianshipView,
    summary="监护人同意孩子使用人脸核验",
    errors=(NotFound, IllegalMove),
)
async def consent_for_ward(call: Call, body: GuardianAgrees) -> GuardianshipView:
    return await call.service(Guardians).consent(call.actor, call.path["guardianship_id"], body.version)


@routes.delete("/<guardianship_id:str>/consent", returns=GuardianshipView, summary="监护人撤回同意", errors=(NotFound,))
async def withdraw_for_ward(call: Call) -> GuardianshipView:
    return await call.service(Guardians).withdraw(call.actor, call.path["guardianship_id"])


@routes.delete("/<guardianship_id:str>", returns=GuardianshipView, summary="解除监护关系", errors=(NotFound, IllegalMove))
async def revoke_guardianship(call: Call) -> GuardianshipView:
    return await call.service(Guardians).revoke(call.actor, call.path["guardianship_id"])
