"""Consent to face recognition, face checks, and the assertion that follows from either route."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import NotFound, UpstreamUnavailable
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import NotDeclared
from identity.liveness.errors import (
    FRAME_ERRORS,
    ConsentNeeded,
    ConsentTextChanged,
    CounterOnly,
    FaceLocked,
    GuardianNeeded,
    NonceWrong,
    NotAccepted,
    VerificationExpired,
    VerificationRunning,
    VisionBusy,
    VisionUnavailable,
)
from identity.liveness.service import FaceConsents, Verifications
from identity.liveness.views import AssertionView, ConsentView, VerificationView

routes = Routes("verifications", "/api/citizen", Audience.CITIZEN)


class GrantConsent(msgspec.Struct, frozen=True):
    """`version` of the text that was shown."""

    version: Annotated[str, msgspec.Meta(max_length=16)]


class StartVerification(msgspec.Struct, frozen=True):
    """`document_sha256`: the document to be signed with it, lower-case hexadecimal."""

    purpose: Annotated[str, msgspec.Meta(pattern="^[a-z_]{2,32}$")]
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    consent_version: Annotated[str, msgspec.Meta(max_length=16)]
    document_sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] | None = None


class ByApplication(msgspec.Struct, frozen=True):
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]


@routes.get("/face-consent", returns=ConsentView, summary="人脸核验告知书")
async def consent(call: Call) -> ConsentView:
    return await call.service(FaceConsents).view(call.actor)


@routes.put("/face-consent", body=GrantConsent, returns=ConsentView, summary="同意人脸核验", errors=(ConsentTextChanged,))
async def grant_consent(call: Call, body: GrantConsent) -> ConsentView:
    return await call.service(FaceConsents).grant(call.actor, body.version)


@routes.delete("/face-consent", returns=ConsentView, summary="不同意或撤回同意人脸核验")
async def decline_consent(call: Call) -> ConsentView:
    return await call.service(FaceConsents).decline(call.actor)


@routes.post(
    "/verifications",
    body=StartVerification,
    returns=VerificationView,
    status=201,
    idempotent=True,
    summary="开始人脸核验",
    errors=(NotDeclared, ConsentNeeded, ConsentTextChanged, GuardianNeeded, FaceLocked, CounterOnly, VerificationRunning),
)
async def start_verification(call: Call, body: StartVerification) -> VerificationView:
    return await call.service(Verifications).create(
        call.actor,
        purpose=body.purpose,
        application_id=body.application_id,
        document_sha256=body.document_sha256,
        consent_version=body.consent_version,
    )


@routes.get("/verifications", query=ByApplication, returns=list[VerificationView], summary="一件事项的身份核验")
async def list_verifications(call: Call) -> list[VerificationView]:
    return await call.service(Verifications).list_mine(call.actor, call.query.application_id)


@routes.get("/verifications/<verification_id:str>", returns=VerificationView, summary="身份核验的进展", errors=(NotFound,))
async def show_verification(call: Call) -> VerificationView:
    return await call.service(Verifications).get(call.actor, call.path["verification_id"])


@routes.post(
    "/verifications/<verification_id:str>/frames",
    returns=VerificationView,
    upload="frames",
    many_uploads=True,
    summary="提交拍摄的画面（表单字段 frames 可重复，另带 nonce）",
    errors=(
        *(NotFound, NonceWrong, VerificationExpired, VerificationRunning, IllegalMove, FaceLocked, CounterOnly),
        *FRAME_ERRORS.values(),
        *(VisionBusy, VisionUnavailable, UpstreamUnavailable),
    ),
)
async def submit_frames(call: Call) -> VerificationView:
    frames = [upload.data for upload in call.uploads("frames")]
    return await call.service(Verifications).submit_frames(call.actor, call.path["verification_id"], call.form("nonce"), frames)


@routes.post(
    "/verifications/<verification_id:str>/assertion", returns=AssertionView, summary="取得身份凭据", errors=(NotFound, NotAccepted)
)
async def issue_assertion(call: Call) -> AssertionView:
    return await call.service(Verifications).assertion(call.actor, call.path["verification_id"])
