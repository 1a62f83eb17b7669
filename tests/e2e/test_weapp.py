"""The WeChat build: clean templates, small packages, no place outside, and every page mounts in WeChat's own simulator while the real
hall answers; R82."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from api.demo.phone import until
from api.demo.play import run_step
from api.demo.stage import Stage
from api.demo.world import World
from tests.conftest import note_use
from tests.factories import weapp
from tests.factories.browser_server import RunningHall, migrated_template
from tests.factories.short_steps import SHORT_STEPS

pytestmark = pytest.mark.skipif(not weapp.has_node(), reason="node and npm are not installed: the WeChat build is NOT tested")
LARGEST = 1024 * 1024
MOMENTS = {"notice": ("notice",), "application": ("application", "consented"), "identity": ("identity",), "licence": ("licence",)}
"""By step of the main job, the moments after it at which pages.js has pages to open."""
ALLOWED = {
    "h5": {"www.w3.org"},
    "mp-weixin": {"www.w3.org", "127.0.0.1"},  # the second is the server that a build talks to unless it is told another
}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[weapp.Target, Path]:
    return {"mp-weixin": weapp.build_for_wechat(tmp_path_factory.mktemp("builds") / "mp-weixin"), "h5": weapp.served()}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, shared_by_processes: Path) -> Iterator[RunningHall]:
    running = RunningHall(tmp_path_factory.mktemp("hall"))
    running.prepare(template=migrated_template(shared_by_processes))
    running.start()
    yield running
    running.stop()


def test_every_template_is_clean(builds: dict[weapp.Target, Path]) -> None:
    assert weapp.lint_templates(builds["mp-weixin"]).endswith("templates, 0 complaints")


def test_the_linter_complains(tmp_path: Path) -> None:
    (tmp_path / "page.wxml").write_text('<view bindtap="a" bindtap="b">{{ open </view>')
    with pytest.raises(weapp.NodeFailed, match=r"page\.wxml: "):
        weapp.lint_templates(tmp_path)


def test_every_package_is_small(builds: dict[weapp.Target, Path]) -> None:
    sizes = weapp.package_sizes(builds["mp-weixin"])
    assert len(sizes) > 5 and min(sizes.values()) > 1000
    assert {root: size for root, size in sizes.items() if size > LARGEST} == {}


@pytest.mark.parametrize("target", ["h5", "mp-weixin"])
def test_no_build_names_a_place_outside(builds: dict[weapp.Target, Path], target: weapp.Target) -> None:
    found = weapp.hosts(builds[target])
    assert {host: sorted(files) for host, files in found.items() if host not in ALLOWED[target]} == {}


def test_a_place_outside_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{background:url(//cdn.shop.example/a.png)}b{src:url(https://fonts.example/f.woff2)}")
    (tmp_path / "a.js").write_text("open(`wss://live.example:8443`)// not.an address\n")
    assert set(weapp.hosts(tmp_path)) == {"cdn.shop.example", "fonts.example", "live.example"}


async def test_every_page_mounts_while_the_hall_answers(
    builds: dict[weapp.Target, Path], hall: RunningHall, request: pytest.FixtureRequest
) -> None:
    """At five moments of one application, with a stranger, the citizen and the courier."""
    note_use(request, "WeChat's simulator")
    world = World(cast(Stage, hall), None)
    try:
        for name, step in SHORT_STEPS[: [name for name, _ in SHORT_STEPS].index("licence") + 1]:
            record = await run_step(name, step, world)
            assert record.ok, f"{name}: {record.proves}"
            for moment in MOMENTS.get(name, ()):
                state = await _state(world, moment)
                await asyncio.to_thread(weapp.open_pages, builds["mp-weixin"], moment, hall.base_url, state)
    finally:
        await world.close()


async def _state(world: World, moment: str) -> dict[str, Any]:
    """What the phones remember, and what the pages are opened with."""
    citizen = world.phone("zhang_wei")
    sessions = {"citizen": {"token": citizen.token, "audience": "citizen", "name": "张伟"}}
    ids = {"item": world.kept["item_code"], "case": world.kept["case_id"], "licence": "", "parcel": ""}
    if moment == "consented":
        consent = await citizen.get("/api/citizen/face-consent")
        await citizen.put("/api/citizen/face-consent", {"version": consent["version"]})
    if moment == "licence":
        ids["licence"] = world.kept["licence"]["id"]
        ids["parcel"], courier = await _hand_over(world)
        sessions["courier"] = {"token": courier, "audience": "courier", "name": "赵师傅"}
    return {"ids": ids, "sessions": sessions}


async def _hand_over(world: World) -> tuple[str, str]:
    """Give the parcel to the courier, who has not started yet: its id and the courier's token."""
    citizen, desk, courier = world.phone("zhang_wei"), await world.staff("chen.jing"), world.phone("courier")
    parcels = await until(lambda: citizen.get("/api/citizen/parcels"), lambda rows: bool(rows and rows[0]["waybill_no"]), "邮政接单")
    login = {"code": await world.login_code("zhao_shifu"), "activation_code": world.stage.accounts()["courier"]["activation_code"]}
    courier.token = (await courier.post("/api/open/login/courier", login))["token"]
    offer = await desk.post(f"/api/clerk/parcels/{parcels[0]['id']}/handoff-code")
    await courier.post("/api/courier/handoffs", {"waybill_no": parcels[0]["waybill_no"], "payload": offer["payload"]})
    return parcels[0]["id"], courier.token
