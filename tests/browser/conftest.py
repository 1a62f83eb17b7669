"""What the browser tests share: one browser and one real server a file, and windows that every test opens afresh.

Everything here is synchronous. The Playwright connection lives for one file only, because while it is open no test of the same process
may run an event loop of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.conftest import USED
from tests.factories import browser_chromium
from tests.factories.browser_chromium import Chromium, NoChromium
from tests.factories.browser_server import RunningHall, migrated_template
from tests.factories.browser_windows import PATIENCE_MS, Windows, chromium_with

HERE = Path(__file__).parent
LEFT_BEHIND = HERE.parents[1] / "out" / "browser"
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    try:
        return browser_chromium.find()
    except NoChromium as error:
        pytest.skip(f"no Chromium for the browser tests: {error}")


@pytest.fixture(scope="session")
def chromium_version(chromium: Chromium) -> str:
    return chromium.version()


@pytest.fixture(scope="module")
def playwright(chromium: Chromium) -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def _browser(playwright: Playwright, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with chromium_with(playwright, chromium, tmp_path_factory.mktemp("browser")) as windows:
        yield windows


@pytest.fixture
def windows(_browser: Windows, request: pytest.FixtureRequest, chromium_version: str) -> Iterator[Windows]:
    """`windows.phone()`, `windows.desktop()`, `windows.camera.show_face("a")`. A test that leaves a complaint behind has failed."""
    request.node.user_properties.append((USED, chromium_version))
    _browser.complaints.clear()
    yield _browser
    if request.node.stash.get(FAILED, False):
        _keep_pictures(_browser, request.node.nodeid)
    _browser.close()
    assert _browser.complaints == []


@pytest.fixture
def windows_without_camera(
    request: pytest.FixtureRequest, playwright: Playwright, chromium: Chromium, chromium_version: str, tmp_path: Path
) -> Iterator[Windows]:
    """The person refuses the camera; with `@pytest.mark.parametrize("windows_without_camera", ["absent"], indirect=True)` there is none."""
    request.node.user_properties.append((USED, chromium_version))
    with chromium_with(playwright, chromium, tmp_path / "browser", getattr(request, "param", "denied")) as windows:
        yield windows
        if request.node.stash.get(FAILED, False):
            _keep_pictures(windows, request.node.nodeid)
    assert windows.complaints == []


@pytest.fixture(scope="session")
def _template(shared_by_processes: Path) -> Path:
    return migrated_template(shared_by_processes)


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    """The real server, migrated and seeded, with its sandbox inside, for the tests of one file.

    SQLite and no Redis, as `make run`; `@pytest.mark.parametrize("hall", ["postgres"], indirect=True)` takes PostgreSQL and Redis.
    """
    folder = tmp_path_factory.mktemp("hall")
    with ExitStack() as stack:
        if getattr(request, "param", "sqlite") == "postgres":
            running = RunningHall(folder, _outside_services(request, stack))
            running.services = tuple(request.getfixturevalue(name).label for name in ("postgres_server", "_redis_server"))
            running.prepare()
        else:
            running = RunningHall(folder)
            running.prepare(template=request.getfixturevalue("_template"))
        running.start()
        stack.callback(running.stop)
        yield running


def _outside_services(request: pytest.FixtureRequest, stack: ExitStack) -> dict[str, str]:
    postgres, redis = request.getfixturevalue("postgres_server"), request.getfixturevalue("_redis_server")
    prefix = f"zt-test:browser-{os.getpid()}:"
    stack.callback(redis.forget, prefix)
    url = stack.enter_context(postgres.database(template=request.getfixturevalue("_migrated_postgres")))
    return {"ZT_DATABASE_URL": url, "ZT_REDIS_URL": redis.url, "ZT_REDIS_PREFIX": prefix}


@pytest.fixture(autouse=True)
def _note_services(request: pytest.FixtureRequest) -> None:
    """The run's last lines say on what the server of this test kept its data."""
    if "hall" in request.fixturenames:
        running: RunningHall = request.getfixturevalue("hall")
        request.node.user_properties.extend((USED, service) for service in running.services)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


def _keep_pictures(windows: Windows, test: str) -> None:
    """What every open window showed when the test failed, under out/browser/."""
    LEFT_BEHIND.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", test.split("/")[-1])
    for number, page in enumerate(windows.pages(), 1):
        page.screenshot(path=LEFT_BEHIND / f"{name}-{number}.png")
