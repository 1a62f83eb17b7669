"""The development timestamp authority (RFC 3161 over HTTP). In production a qualified authority takes its place, by URL."""

from __future__ import annotations

from core.http.routes import Audience, Binary, Call, Routes
from esign.service import Esign

routes = Routes("timestamps", "/tsa", Audience.OPEN)


@routes.post("", returns=Binary, summary="开发用时间戳服务（RFC 3161）")
async def timestamp(call: Call) -> Binary:
    return Binary(await call.service(Esign).timestamp(call.body), "application/timestamp-reply")
