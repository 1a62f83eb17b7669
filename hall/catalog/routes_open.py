"""The catalogue for everybody, without a login."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import InvalidInput
from core.http.routes import Audience, Call, Routes
from hall.catalog import item as data
from hall.catalog.checklist import Checklist
from hall.catalog.errors import ItemNotListed
from hall.catalog.service import Catalog
from hall.catalog.views import Guide, ItemPage, ItemVersion, NextQuestion, Offices, Scenario

routes = Routes("catalog", "/api/open/catalog", Audience.OPEN)

Answer = str | int | float | bool | None


class ItemQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`q` holds words separated by spaces, all of which must occur."""

    q: Annotated[str, msgspec.Meta(max_length=50)] = ""
    audience: data.Audience | None = None
    is_frequent: bool | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    offset: Annotated[int, msgspec.Meta(ge=0, le=100000)] = 0


class ScenarioAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Question name to answer."""

    answers: dict[Annotated[str, msgspec.Meta(max_length=64)], Answer]


@routes.get("/items", query=ItemQuery, returns=ItemPage, summary="查找事项")
async def search_items(call: Call) -> ItemPage:
    wanted: ItemQuery = call.query
    return await call.service(Catalog).search(
        wanted.q, audience=wanted.audience, is_frequent=wanted.is_frequent, limit=wanted.limit, offset=wanted.offset
    )


@routes.get("/items/<code>", returns=Guide, errors=(ItemNotListed,), summary="办事指南")
async def item_guide(call: Call) -> Guide:
    return await call.service(Catalog).guide(call.path["code"])


@routes.get("/items/<code>/versions", returns=list[ItemVersion], errors=(ItemNotListed,), summary="事项的历史版本")
async def item_versions(call: Call) -> list[ItemVersion]:
    return await call.service(Catalog).versions(call.path["code"])


@routes.get("/items/<code>/scenario", returns=Scenario, errors=(ItemNotListed,), summary="情景问题")
async def item_scenario(call: Call) -> Scenario:
    return await call.service(Catalog).scenario(call.path["code"])


@routes.post(
    "/items/<code>/scenario",
    body=ScenarioAnswers,
    returns=Checklist,
    errors=(ItemNotListed, InvalidInput),
    summary="按回答得到一次性告知清单",
)
async def answer_scenario(call: Call, body: ScenarioAnswers) -> Checklist:
    return await call.service(Catalog).answer_scenario(call.path["code"], body.answers)


@routes.post(
    "/items/<code>/scenario/next",
    body=ScenarioAnswers,
    returns=NextQuestion,
    errors=(ItemNotListed, InvalidInput),
    summary="按已有的回答，下一个要问的情景问题",
)
async def next_question(call: Call, body: ScenarioAnswers) -> NextQuestion:
    return await call.service(Catalog).next_question(call.path["code"], body.answers)


@routes.get("/offices", returns=Offices, summary="办事大厅和窗口")
async def list_offices(call: Call) -> Offices:
    return Offices(list(await call.service(Catalog).offices()))
