"""The WeChat build: clean templates, small packages, no place outside, and every page mounts in WeChat's own simulator while the real
hall answers; R82."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.factories import weapp
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall

pytestmark = pytest.mark.skipif(not weapp.has_node(), reason="node and npm are not installed: the WeChat build is NOT tested")
LARGEST = 1024 * 1024
ALLOWED = {
    "h5": {"www.w3.org"},
    "mp-weixin": {"www.w3.org", "127.0.0.1"},  # the second is the server that a build talks to unless it is told another
}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[weapp.Target, Path]:
    folder = tmp_path_factory.mktemp("builds")
    targets: tuple[weapp.Target, ...] = ("mp-weixin", "h5")
    with ThreadPoolExecutor(len(targets)) as pool:
        made = pool.map(lambda target: weapp.build(target, folder / target), targets)
        return dict(zip(targets, made, strict=True))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    running = RunningHall(tmp_path_factory.mktemp("hall"))
    running.prepare()
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


def test_every_page_mounts_while_the_hall_answers(builds: dict[weapp.Target, Path], hall: RunningHall) -> None:
    """At four moments of one application, with a stranger, the citizen and the courier."""
    built, before = builds["mp-weixin"], None
    for moment in ("notice", "application", "identity", "licence"):
        kept = played(hall, until=moment, after=before)
        before = (moment, kept)
        with httpx.Client(base_url=hall.base_url, trust_env=False, timeout=30) as web:
            weapp.open_pages(built, moment, hall.base_url, _state(web, hall, kept, moment))


def _state(web: httpx.Client, hall: RunningHall, kept: dict[str, Any], moment: str) -> dict[str, Any]:
    """What the phones remember, and what the pages are opened with."""
    citizen = _ask(web, "/api/open/login/wechat", {"code": _code(web, "zhang_wei")})["token"]
    sessions = {"citizen": {"token": citizen, "audience": "citizen", "name": "张伟"}}
    ids = {"item": kept["item_code"], "case": kept["case_id"], "licence": "", "parcel": ""}
    if moment == "application":
        consent = _ask(web, "/api/citizen/face-consent", token=citizen)
        owner = {"Authorization": f"Bearer {citizen}"}
        assert web.put("/api/citizen/face-consent", json={"version": consent["version"]}, headers=owner).status_code == 200
    if moment == "licence":
        ids["licence"] = kept["licence"]["id"]
        courier = _courier(web, hall)
        sessions["courier"] = {"token": courier, "audience": "courier", "name": "赵师傅"}
        ids["parcel"] = _hand_over(web, citizen, courier)
    return {"ids": ids, "sessions": sessions}


def _courier(web: httpx.Client, hall: RunningHall) -> str:
    activation = hall.accounts()["courier"]["activation_code"]
    token: str = _ask(web, "/api/open/login/courier", {"code": _code(web, "zhao_shifu"), "activation_code": activation})["token"]
    return token


def _hand_over(web: httpx.Client, citizen: str, courier: str) -> str:
    """Give the parcel to the courier, who has not started yet."""
    desk = _clerk(web)
    deadline = time.monotonic() + 30
    while True:
        parcel = _ask(web, "/api/citizen/parcels", token=citizen)[0]
        if parcel["waybill_no"] or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    offer = _ask(web, f"/api/clerk/parcels/{parcel['id']}/handoff-code", {}, desk)
    _ask(web, "/api/courier/handoffs", {"waybill_no": parcel["waybill_no"], "payload": offer["payload"]}, courier)
    return str(parcel["id"])


def _clerk(web: httpx.Client) -> str:
    """The play may have used this half minute's code; the next one is another."""
    for _ in range(3):
        given = _ask(web, "/api/open/dev/staff-credentials", {"username": "chen.jing"})
        answer = web.post("/api/open/login/staff", json={"username": "chen.jing", **given})
        if answer.status_code == 200:
            return str(answer.json()["data"]["token"])
    raise AssertionError(answer.text)


def _code(web: httpx.Client, person: str) -> str:
    return str(_ask(web, "/api/open/dev/login-code", {"person": person})["code"])


def _ask(web: httpx.Client, path: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = web.get(path, headers=headers) if body is None else web.post(path, json=body, headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["data"]
