"""Keeping the list of items: what is on it, what is wrong with it, taking one off."""

from __future__ import annotations

from core.http.routes import Audience, Call, Routes
from hall.catalog.errors import ItemNotListed
from hall.catalog.service import Catalog
from hall.catalog.views import ListedItem

routes = Routes("catalog", "/api/admin/catalog", Audience.ADMIN)


@routes.get("/items", returns=list[ListedItem], summary="全部事项及检查结果")
async def list_items(call: Call) -> list[ListedItem]:
    return await call.service(Catalog).inventory()


@routes.post("/items/<code>/withdraw", errors=(ItemNotListed,), summary="从清单上撤下一个事项")
async def withdraw_item(call: Call) -> None:
    await call.service(Catalog).withdraw(call.actor, call.path["code"])
