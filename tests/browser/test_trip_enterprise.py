"""An enterprise's first day: every page and dialog in every mode, as wide as a desk's screen and as narrow as a phone."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize

from tests.browser.main_job import MainJob
from tests.browser.trip_enterprise import enterprise
from tests.factories.browser_modes import faults_of
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

NARROW: ViewportSize = {"width": 390, "height": 844}


def test_an_enterprise_is_let_in_and_asks(hall: RunningHall, windows: Windows) -> None:
    faults: list[str] = []

    def look(name: str, page: Page) -> None:
        wide = page.viewport_size
        assert wide is not None
        faults.extend(faults_of(page, name))
        page.set_viewport_size(NARROW)
        faults.extend(faults_of(page, f"{name} on a phone"))
        page.set_viewport_size(wide)

    enterprise(MainJob(hall, windows, windows.phone, windows.desktop, look))
    assert faults == [], "\n".join(faults)
