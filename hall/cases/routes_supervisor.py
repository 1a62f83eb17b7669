"""Supervision: checking any audit chain."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core import audit
from core.http.routes import Audience, Call, Routes
from hall.cases.views import AuditView, audit_view

routes = Routes("audit", "/api/supervisor", Audience.SUPERVISOR)


class ChainQuery(msgspec.Struct, frozen=True):
    """Name of a chain: `case:<id>`, `licence:<id>`, `account:<id>`."""

    chain: Annotated[str, msgspec.Meta(min_length=3, max_length=96)]


@routes.get("/audit", query=ChainQuery, returns=AuditView, summary="核验一条审计链")
async def check_chain(call: Call) -> AuditView:
    return audit_view(await audit.links(call.query.chain), await audit.verify(call.query.chain))
