"""Where carriers' pushes arrive; each proves itself in its own way."""

from __future__ import annotations

from core.http.routes import Audience, Binary, Call, Routes
from express.service import Parcels

routes = Routes("express", "/callbacks/express", Audience.CALLBACK)


@routes.post("/<carrier>", returns=Binary, summary="接收快递公司推送")
async def carrier_push(call: Call) -> Binary:
    answer = await call.service(Parcels).receive_push(call.path["carrier"], call.headers, call.body)
    return Binary(answer, "application/json")
