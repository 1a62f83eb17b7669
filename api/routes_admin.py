"""Operations: what could not be delivered, and sending it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from core import audit, outbox
from core.clock import Clock
from core.db import transaction
from core.errors import Conflict, NotFound
from core.http.routes import Audience, Call, Routes

routes = Routes("outbox", "/api/admin/outbox", Audience.ADMIN)


class ParkedQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    offset: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


class ParkedView(msgspec.Struct, frozen=True):
    """`error` is an error code or the kind of failure, never a text."""

    id: str
    event: str
    handler: str
    attempts: int
    error: str
    parked_at: datetime


@routes.get("", query=ParkedQuery, returns=list[ParkedView], summary="没有送达、已停下的后台任务")
async def list_parked(call: Call) -> list[ParkedView]:
    rows = await outbox.parked(call.query.limit, call.query.offset)
    return [ParkedView(row.id, row.event, row.handler, row.attempts, row.error, row.parked_at) for row in rows]


@routes.post("/<delivery_id:str>/resend", summary="重新发送一个停下的后台任务", errors=(NotFound, Conflict))
async def resend(call: Call) -> None:
    now = call.service(Clock).now()  # type: ignore[type-abstract]
    async with transaction():
        await outbox.resend(call.path["delivery_id"], at=now)
        await audit.record("outbox", "outbox.resent", at=now, actor=call.actor, data={"delivery": call.path["delivery_id"]})
