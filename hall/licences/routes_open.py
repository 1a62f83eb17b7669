"""What anybody may fetch or ask: the trust list, the status lists, and whether a licence is genuine."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec

from core.cache import Cache, limit
from core.errors import TooManyRequests
from core.http.routes import Audience, Binary, Call, Routes, UploadMissing
from esign.service import Esign, Fact, PlainVerdict, Report, facts_zh, summary_zh, verdict_zh

routes = Routes("verification", "/api/open", Audience.OPEN)

CODES_PER_MINUTE = 120
FILES_PER_MINUTE = 20
FILES_AT_ONCE = 2
_PLACE_SECONDS = 180
"""Longer than any file takes; a place whose holder died is free again then."""
_PROCESS = secrets.token_hex(8)
"""The line before the verifier is a process's own: places held by a server that was killed do not count against the next one."""


class VerifyCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a licence QR: `https://<host>/v#<digits>`."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=8000)]


class Verification(msgspec.Struct, frozen=True):
    """`plain`, `summary` and `facts` are for people; `report` is for programs."""

    plain: PlainVerdict
    summary: str
    facts: tuple[Fact, ...]
    report: Report


@routes.get("/trust-list", returns=Binary, summary="信任列表（COSE 签名）")
async def trust_list(call: Call) -> Binary:
    return Binary(await call.service(Esign).trust_list(), "application/cose", "trust-list.cbor", {"Cache-Control": "public, max-age=300"})


@routes.get("/status-lists/<list_id:str>", returns=Binary, summary="证照状态列表（Token Status List）")
async def status_list(call: Call) -> Binary:
    content = await call.service(Esign).status_list(call.path["list_id"])
    return Binary(content, "application/statuslist+cwt", "status-list.cbor", {"Cache-Control": "public, max-age=60"})


@routes.get("/crls/<name:str>", returns=Binary, summary="证书吊销列表（CRL）")
async def crl(call: Call) -> Binary:
    """RFC 5280; `name` is the issuer's kid and `.crl`, as certificates name it."""
    content = await call.service(Esign).crl(call.path["name"].removesuffix(".crl"))
    return Binary(content, "application/pkix-crl", "list.crl", {"Cache-Control": "public, max-age=300"})


@routes.get("/jwks.json", returns=dict[str, Any], summary="证照验证公钥（JWKS）")
async def jwks(call: Call) -> dict[str, Any]:
    return dict(await call.service(Esign).jwks())


@asynccontextmanager
async def _file_place(cache: Cache, address: str) -> AsyncIterator[None]:
    """One of the few files that an address may have judged at the same time. Raises TooManyRequests."""
    token = secrets.token_bytes(8)
    for number in range(FILES_AT_ONCE):
        key = f"verify-file:{_PROCESS}:{address}:{number}"
        if await cache.claim(key, token, ttl=_PLACE_SECONDS):
            try:
                yield
            finally:
                await cache.release(key, token)
            return
    raise TooManyRequests(5)


async def _verify(call: Call, data: bytes | str) -> Verification:
    report = await call.service(Esign).verify_for_stranger(data)
    return Verification(verdict_zh(report), summary_zh(report), facts_zh(report), report)


@routes.post("/verify/code", body=VerifyCode, returns=Verification, summary="查验证照二维码")
async def verify_code(call: Call, body: VerifyCode) -> Verification:
    await limit(call.service(Cache), f"verify:{call.client_ip}", times=CODES_PER_MINUTE, seconds=60)  # type: ignore[type-abstract]
    return await _verify(call, body.code)


@routes.post("/verify/file", upload="file", returns=Verification, summary="查验证照文件（PDF 或二维码图片）")
async def verify_file(call: Call) -> Verification:
    cache: Cache = call.service(Cache)  # type: ignore[type-abstract]
    await limit(cache, f"verify-file:{call.client_ip}", times=FILES_PER_MINUTE, seconds=60)
    data = call.uploads("file")[0].data
    if not data:
        raise UploadMissing()
    async with _file_place(cache, call.client_ip):
        return await _verify(call, data)
