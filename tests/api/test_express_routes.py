"""R60 over HTTP: our routes, the real EMS adapter and the stand-in EMS that pushes to us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from core.actor import Actor, Role
from core.clock import SystemClock
from core.crypto import FieldCipher
from core.db import Database
from core.http.client import HttpClient
from express import routes_citizen, routes_clerk, routes_courier, routes_open
from express.carriers.ems import Ems
from express.config import ExpressConfig
from express.flow import HAND_OVER
from express.models import CarrierPush, Parcel
from express.ports import Recipient
from express.rules import ExpressKeys
from express.service import Parcels
from sandbox.app import RunningSandbox
from tests.factories.sandbox import lever, running_sandbox
from tests.factories.served import served

ACTORS = {
    "citizen": Actor(Role.CITIZEN, "acct_citizen"),
    "stranger": Actor(Role.CITIZEN, "acct_stranger"),
    "courier": Actor(Role.COURIER, "acct_courier"),
    "clerk": Actor(Role.CLERK, "acct_clerk", frozenset({HAND_OVER})),
    "trainee": Actor(Role.CLERK, "acct_trainee"),
}
ROUTES = [routes_citizen.routes, routes_courier.routes, routes_clerk.routes, routes_open.routes]
TO = Recipient("李娜", "19900000002", "重庆市", "重庆市", "渝中区", "示例路8号1栋1202")


@dataclass
class World:
    parcels: Parcels
    sandbox: RunningSandbox
    web: httpx.AsyncClient

    async def call(self, who: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.web.request(method, path, json=body, headers={"x-test-actor": who})
        assert answer.status_code == status, answer.text
        return answer.json()["error"]["code"] if status >= 400 else answer.json()["data"]

    async def parcel(self) -> Parcel:
        opened = await self.parcels.open_parcel(case_id="case_1", licence_id="lic_1", citizen_id="acct_citizen", recipient=TO)
        await self.parcels.place_order(opened.id)
        return await Parcel.get(id=opened.id)


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    services: dict[type, Any] = {}
    async with served(ROUTES, services, ACTORS) as address, running_sandbox(callback_url=address) as sandbox:
        http, clock = HttpClient("ems", sandbox.base_url), SystemClock()
        config, cipher = ExpressConfig(), FieldCipher({"k1": b"\x07" * 32}, "k1")
        keys = ExpressKeys.from_master(b"\x05" * 32)
        parcels = Parcels(config=config, clock=clock, cipher=cipher, keys=keys, carriers={"ems": Ems(config, http, clock)})
        services[Parcels] = parcels
        async with httpx.AsyncClient(base_url=address) as web:
            yield World(parcels, sandbox, web)
        await http.close()


async def handed_over(world: World) -> Parcel:
    parcel = await world.parcel()
    offer = await world.call("clerk", "POST", f"/api/clerk/parcels/{parcel.id}/handoff-code")
    scan = {"waybill_no": parcel.waybill_no, "payload": offer["payload"]}
    await world.call("courier", "POST", "/api/courier/handoffs", scan)
    return parcel


async def test_the_whole_way(world: World) -> None:
    parcel = await handed_over(world)
    started = await world.call("courier", "POST", f"/api/courier/parcels/{parcel.id}/start")
    assert started["address"] == "重庆市重庆市渝中区示例路8号1栋1202"
    code = (await world.call("citizen", "GET", f"/api/citizen/parcels/{parcel.id}/pickup-code"))["code"]
    assert code not in str(await world.call("courier", "GET", "/api/courier/parcels"))
    door = f"/api/courier/parcels/{parcel.id}/deliver"
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert await world.call("courier", "POST", door, {"code": wrong}, 422) == "express.pickup_code_wrong"
    assert (await world.call("courier", "POST", door, {"code": code}))["state"] == "delivered"
    await lever(world.sandbox, f"ems/{parcel.waybill_no}/deliver")
    seen = await world.call("citizen", "GET", f"/api/citizen/parcels/{parcel.id}")
    assert (seen["state"], seen["tracking"][-1]["label"]) == ("delivered", "快递公司报告已送达")
    custody = await world.call("clerk", "GET", f"/api/clerk/parcels/{parcel.id}/custody")
    assert custody["is_intact"] and custody["events"][-1]["grade"] == "carrier"


async def test_pushes_over_http(world: World) -> None:
    parcel = await handed_over(world)
    move = f"ems/{parcel.waybill_no}"
    assert (await lever(world.sandbox, f"{move}/pick_up", {"signature": "wrong"}))["pushes"] == [403]
    assert (await lever(world.sandbox, f"{move}/pick_up", {"signature": "missing"}))["pushes"] == [403]
    assert await CarrierPush.all().count() == 0
    assert (await lever(world.sandbox, f"{move}/out_for_delivery", {"copies": 2}))["pushes"] == [200, 200]
    assert await CarrierPush.all().count() == 1
    assert (await Parcel.get(id=parcel.id)).state == "out_for_delivery"
    await lever(world.sandbox, f"{move}/deliver")
    assert (await Parcel.get(id=parcel.id)).state == "delivered_unproven"
    assert (await world.call("citizen", "POST", f"/api/citizen/parcels/{parcel.id}/confirm-receipt"))["state"] == "delivered"


async def test_who_may_not(world: World) -> None:
    parcel = await handed_over(world)
    for who, method, path, status in [
        ("", "GET", "/api/citizen/parcels", 401),
        ("courier", "GET", f"/api/citizen/parcels/{parcel.id}/pickup-code", 403),
        ("clerk", "GET", f"/api/citizen/parcels/{parcel.id}/pickup-code", 403),
        ("stranger", "GET", f"/api/citizen/parcels/{parcel.id}", 404),
        ("stranger", "GET", f"/api/citizen/parcels/{parcel.id}/pickup-code", 404),
        ("trainee", "POST", f"/api/clerk/parcels/{parcel.id}/handoff-code", 403),
        ("citizen", "GET", "/api/citizen/parcels/parcel_unknown", 404),
        ("", "POST", "/callbacks/express/nobody", 404),
        ("", "POST", "/callbacks/express/ems", 403),
    ]:
        await world.call(who, method, path, status=status)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "123456\n", 123456, None])
async def test_a_code_of_another_shape_costs_no_try(world: World, code: object) -> None:
    parcel = await handed_over(world)
    await world.call("courier", "POST", f"/api/courier/parcels/{parcel.id}/deliver", {"code": code}, 422)
    assert (await Parcel.get(id=parcel.id)).pickup_tries == 0
