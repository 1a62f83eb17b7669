"""Identification at a counter."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import InvalidInput, NotFound
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import IdNumberInvalid, NotDeclared
from identity.accounts.service import COUNTER_PERMISSION
from identity.liveness.errors import DocumentMismatch, OwnCounter
from identity.liveness.service import CounterEvidence, ProofDoubt, Verifications
from identity.liveness.views import CounterView, HolderView, ProofRevoked

routes = Routes("verifications", "/api/clerk/identity", Audience.CLERK)


class IdentifyAtCounter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account_id: Annotated[str, msgspec.Meta(max_length=48)]
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    evidence: CounterEvidence
    document_sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None


class RevokeProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account_id: Annotated[str, msgspec.Meta(max_length=48)]
    reason: ProofDoubt


@routes.get(
    "/holders/<account_id:str>",
    needs=COUNTER_PERMISSION,
    returns=HolderView,
    summary="申请人实名信息（供当面核对，查看留痕）",
    errors=(NotFound, NotDeclared, OwnCounter),
)
async def show_holder(call: Call) -> HolderView:
    return await call.service(Verifications).holder(call.actor, call.path["account_id"])


@routes.post(
    "/counter",
    body=IdentifyAtCounter,
    needs=COUNTER_PERMISSION,
    returns=CounterView,
    status=201,
    idempotent=True,
    summary="窗口核验身份",
    errors=(NotFound, NotDeclared, OwnCounter, DocumentMismatch, IdNumberInvalid, InvalidInput),
)
async def identify_at_counter(call: Call, body: IdentifyAtCounter) -> CounterView:
    return await call.service(Verifications).identify_at_counter(
        call.actor,
        account_id=body.account_id,
        application_id=body.application_id,
        document_sha256=body.document_sha256,
        evidence=body.evidence,
    )


@routes.post(
    "/proof-revocations",
    body=RevokeProof,
    needs=COUNTER_PERMISSION,
    returns=ProofRevoked,
    summary="撤销一个账号的本人核验",
    errors=(NotFound, NotDeclared, OwnCounter),
)
async def revoke_proof(call: Call, body: RevokeProof) -> ProofRevoked:
    await call.service(Verifications).revoke_proof(call.actor, account_id=body.account_id, reason=body.reason)
    return ProofRevoked(body.account_id)
