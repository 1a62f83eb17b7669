"""Consent to face recognition, face checks, and the assertion that follows from either route."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import NotFound, TooManyRequests, UpstreamUnavailable
from core.flow import GuardRefused, IllegalMove
from core.http.routes import Audience, Call, Routes
from core.http.streams import Line
from identity.accounts.errors import NotDeclared
from identity.liveness.errors import (
    CLIP_ERRORS,
    ClipNotAsked,
    ClipTooLate,
    ConsentNeeded,
    ConsentTextChanged,
    ConsentWithdrawn,
    CounterOnly,
    DeviceChanged,
    FaceLocked,
    GuardianNeeded,
    NonceWrong,
    NotAccepted,
    PortraitUnusable,
    VerificationExpired,
    VerificationRunning,
    VisionBusy,
    VisionUnavailable,
)
from identity.liveness.providers.errors import ProviderMissing, ProviderNeedsWechat, ProviderNotBegun, ProviderUnavailable
from identity.liveness.service import FaceConsents, ProviderChecks, Verifications
from identity.liveness.views import (
    AssertionView,
    ClipChallengeView,
    ConsentRecord,
    ConsentView,
    FaceDataErased,
    ProviderNoticeView,
    ProviderOutcomeView,
    ProviderSessionView,
    VerificationView,
)

routes = Routes("verifications", "/api/citizen", Audience.CITIZEN)


class GrantConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`version` of the text that was shown."""

    version: Annotated[str, msgspec.Meta(max_length=16)]


class StartVerification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`document_sha256`: the document to be signed with it, lower-case hexadecimal."""

    purpose: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{2,32}\Z")]
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    consent_version: Annotated[str, msgspec.Meta(max_length=16)]
    document_sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None


class StreamHello(msgspec.Struct, frozen=True):
    """First message of a capture. `mirrored`: the phone sends what a mirror shows, as most front cameras do."""

    verification_id: Annotated[str, msgspec.Meta(max_length=48)]
    nonce: Annotated[str, msgspec.Meta(max_length=64)]
    mirrored: bool = False


class ByApplication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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


@routes.get("/audit-image-consent", returns=ConsentView, summary="保留一张核验照片的单独同意书")
async def audit_image_consent(call: Call) -> ConsentView:
    return await call.service(FaceConsents).view(call.actor, "audit_image")


@routes.put("/audit-image-consent", body=GrantConsent, returns=ConsentView, summary="同意保留一张核验照片", errors=(ConsentTextChanged,))
async def grant_audit_image_consent(call: Call, body: GrantConsent) -> ConsentView:
    return await call.service(FaceConsents).grant(call.actor, body.version, "audit_image")


@routes.delete("/audit-image-consent", returns=ConsentView, summary="不同意或撤回同意保留核验照片")
async def decline_audit_image_consent(call: Call) -> ConsentView:
    return await call.service(FaceConsents).decline(call.actor, "audit_image")


@routes.get("/consents", returns=list[ConsentRecord], summary="我给过和撤回过的同意")
async def list_consents(call: Call) -> list[ConsentRecord]:
    return await call.service(FaceConsents).history(call.actor)


@routes.delete("/face-data", returns=FaceDataErased, summary="删除人脸信息并撤回全部同意")
async def erase_face_data(call: Call) -> FaceDataErased:
    return await call.service(FaceConsents).erase(call.actor)


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


_CAPTURE_ERRORS = (
    *(NotFound, NonceWrong, VerificationExpired, VerificationRunning, IllegalMove, FaceLocked, CounterOnly, DeviceChanged),
    *(VisionBusy, VisionUnavailable, UpstreamUnavailable, PortraitUnusable, ConsentWithdrawn),
)


@routes.stream("/verification-stream", hello=StreamHello, summary="边拍边核验", errors=_CAPTURE_ERRORS)
async def stream_capture(line: Line, hello: StreamHello) -> None:
    verdict = await line.service(Verifications).stream(
        line.actor, hello.verification_id, nonce=hello.nonce, mirrored=hello.mirrored, receive=line.receive, send=line.send
    )
    await line.send({"type": "verdict", "verification": verdict})


@routes.post(
    "/verifications/<verification_id:str>/clip-challenge",
    returns=ClipChallengeView,
    summary="取得录像提示（手机不能边拍边传时）",
    errors=(NotFound, VerificationExpired, VerificationRunning, IllegalMove),
)
async def ask_clip(call: Call) -> ClipChallengeView:
    return await call.service(Verifications).clip_challenge(call.actor, call.path["verification_id"])


@routes.post(
    "/verifications/<verification_id:str>/clip",
    returns=VerificationView,
    upload="clip",
    summary="提交录像（表单字段 clip，另带 nonce；前置镜头的镜像画面带 mirrored=1）",
    errors=(*_CAPTURE_ERRORS, ClipNotAsked, ClipTooLate, *CLIP_ERRORS.values()),
)
async def submit_clip(call: Call) -> VerificationView:
    return await call.service(Verifications).submit_clip(
        call.actor,
        call.path["verification_id"],
        nonce=call.form("nonce"),
        data=call.uploads("clip")[0].data,
        mirrored=call.form("mirrored") == "1",
    )


@routes.post(
    "/verifications/<verification_id:str>/assertion", returns=AssertionView, summary="取得身份凭据", errors=(NotFound, NotAccepted)
)
async def issue_assertion(call: Call) -> AssertionView:
    return await call.service(Verifications).assertion(call.actor, call.path["verification_id"])


class AgreeToProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`notice_version` of the text that was shown and agreed to."""

    notice_version: Annotated[str, msgspec.Meta(max_length=16)]


@routes.get("/face-provider", returns=ProviderNoticeView, summary="外部人脸核身的告知书", errors=(ProviderMissing,))
async def show_provider(call: Call) -> ProviderNoticeView:
    return call.service(ProviderChecks).notice()


@routes.post(
    "/verifications/<verification_id:str>/provider",
    body=AgreeToProvider,
    returns=ProviderSessionView,
    summary="开始外部人脸核身（再次请求得到同一次会话）",
    errors=(
        *(NotFound, VerificationExpired, VerificationRunning, IllegalMove, GuardRefused, FaceLocked, CounterOnly, DeviceChanged),
        *(ProviderMissing, ConsentTextChanged, ProviderNeedsWechat, ProviderUnavailable, UpstreamUnavailable, TooManyRequests),
    ),
)
async def begin_provider_check(call: Call, body: AgreeToProvider) -> ProviderSessionView:
    return await call.service(ProviderChecks).begin(call.actor, call.path["verification_id"], notice_version=body.notice_version)


@routes.post(
    "/verifications/<verification_id:str>/provider/result",
    returns=ProviderOutcomeView,
    summary="查询外部人脸核身的结果",
    errors=(
        *(NotFound, VerificationExpired, VerificationRunning, IllegalMove, GuardRefused, FaceLocked, CounterOnly, DeviceChanged),
        *(ProviderMissing, ProviderNotBegun, ProviderUnavailable, UpstreamUnavailable),
    ),
)
async def conclude_provider_check(call: Call) -> ProviderOutcomeView:
    return await call.service(ProviderChecks).conclude(call.actor, call.path["verification_id"])
