"""Guardianships before a clerk."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import InvalidInput, NotFound
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.accounts.service import COUNTER_PERMISSION
from identity.guardians.errors import GuardianNotProven, OwnWard, WardTooOld
from identity.guardians.service import Evidence, Guardians, Refusal
from identity.guardians.views import Proven, ToProve

routes = Routes("guardians", "/api/clerk/identity/guardianships", Audience.CLERK)


class ProveGuardianship(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guardianship_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    evidence: Evidence


class RefuseGuardianship(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guardianship_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    reason: Refusal


@routes.get("", needs=COUNTER_PERMISSION, returns=list[ToProve], summary="等待核实的监护关系（查看留痕）")
async def guardianships_to_prove(call: Call) -> list[ToProve]:
    return await call.service(Guardians).to_prove(call.actor)


@routes.post(
    "/proofs",
    body=ProveGuardianship,
    needs=COUNTER_PERMISSION,
    returns=Proven,
    idempotent=True,
    summary="核实监护关系",
    errors=(NotFound, OwnWard, InvalidInput, WardTooOld, GuardianNotProven, IllegalMove),
)
async def prove_guardianship(call: Call, body: ProveGuardianship) -> Proven:
    return await call.service(Guardians).prove(call.actor, body.guardianship_id, body.evidence)


@routes.post(
    "/refusals",
    body=RefuseGuardianship,
    needs=COUNTER_PERMISSION,
    returns=Proven,
    idempotent=True,
    summary="没有核实成的监护关系（写明原因）",
    errors=(NotFound, OwnWard, IllegalMove),
)
async def refuse_guardianship(call: Call, body: RefuseGuardianship) -> Proven:
    return await call.service(Guardians).refuse(call.actor, body.guardianship_id, body.reason)
