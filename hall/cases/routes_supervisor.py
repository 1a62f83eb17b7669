"""Supervision: finding and checking any audit chain."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from core import audit
from core.http.routes import Audience, Call, Routes
from hall.cases.presenting import audit_view
from hall.cases.service import Cases
from hall.cases.views import AuditView

routes = Routes("audit", "/api/supervisor", Audience.SUPERVISOR)

KINDS = {
    "case": "办件",
    "licence": "证照",
    "account": "群众账号",
    "staff": "工作人员账号",
    "courier": "快递员账号",
    "catalog": "事项目录",
    "appointments": "预约号源",
    "outbox": "后台任务",
    "relying_party": "接入企业",
}


class ChainQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name of a chain: `case:<id>`, `licence:<id>`, `account:<id>`."""

    chain: Annotated[str, msgspec.Meta(min_length=3, max_length=96)]


class ChainsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kind` is what stands before the colon of a chain's name; `q` a part of the name, of a case's number or of its title."""

    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,32}\Z")] | None = None
    q: Annotated[str, msgspec.Meta(max_length=64)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    offset: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


class ChainView(msgspec.Struct, frozen=True):
    chain: str
    title: str
    length: int
    head: str
    last_at: datetime


@routes.get("/audit", query=ChainQuery, returns=AuditView, summary="核验一条审计链")
async def check_chain(call: Call) -> AuditView:
    return audit_view(await audit.links(call.query.chain), await audit.verify(call.query.chain))


@routes.get("/chains", query=ChainsQuery, returns=list[ChainView], summary="审计链列表，最近写入的在前")
async def list_chains(call: Call) -> list[ChainView]:
    wanted, progress = call.query, call.service(Cases).progress
    text = wanted.q.strip()
    found = await audit.chains(
        kind=wanted.kind,
        text=text,
        also=await progress.chains_matching(text) if text else (),
        limit=wanted.limit,
        offset=wanted.offset,
    )
    titles = await progress.titles([one.chain for one in found])
    return [ChainView(one.chain, titles.get(one.chain) or _title(one.chain), one.length, one.head, one.last_at) for one in found]


def _title(chain: str) -> str:
    kind, _, name = chain.partition(":")
    return f"{KINDS.get(kind, kind)} {name[-6:].upper()}".strip()
