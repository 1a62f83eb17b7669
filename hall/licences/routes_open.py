"""What anybody may fetch or ask: the trust list, the status lists, and whether a licence is genuine."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.cache import Cache, limit
from core.http.routes import Audience, Binary, Call, Routes, UploadMissing
from esign.service import Esign, Report, summary_zh

routes = Routes("verification", "/api/open", Audience.OPEN)


class VerifyCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a licence QR: `https://<host>/v#<digits>`."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=8000)]


class Verification(msgspec.Struct, frozen=True):
    summary: str
    report: Report


@routes.get("/trust-list", returns=Binary, summary="信任列表（COSE 签名）")
async def trust_list(call: Call) -> Binary:
    return Binary(await call.service(Esign).trust_list(), "application/cose", "trust-list.cbor", {"Cache-Control": "public, max-age=300"})


@routes.get("/status-lists/<list_id:str>", returns=Binary, summary="证照状态列表（Token Status List）")
async def status_list(call: Call) -> Binary:
    content = await call.service(Esign).status_list(call.path["list_id"])
    return Binary(content, "application/statuslist+cwt", "status-list.cbor", {"Cache-Control": "public, max-age=60"})


@routes.get("/jwks.json", returns=dict[str, Any], summary="证照验证公钥（JWKS）")
async def jwks(call: Call) -> dict[str, Any]:
    return dict(await call.service(Esign).jwks())


async def _verify(call: Call, data: bytes | str) -> Verification:
    await limit(call.service(Cache), f"verify:{call.client_ip}", times=120, seconds=60)  # type: ignore[type-abstract]
    report = await call.service(Esign).verify_for_stranger(data)
    return Verification(summary_zh(report), report)


@routes.post("/verify/code", body=VerifyCode, returns=Verification, summary="查验证照二维码")
async def verify_code(call: Call, body: VerifyCode) -> Verification:
    return await _verify(call, body.code)


@routes.post("/verify/file", upload="file", returns=Verification, summary="查验证照文件（PDF 或二维码图片）")
async def verify_file(call: Call) -> Verification:
    data = call.uploads("file")[0].data
    if not data:
        raise UploadMissing()
    return await _verify(call, data)
