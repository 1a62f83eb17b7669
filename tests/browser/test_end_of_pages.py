"""R82. At the end of scrolling nothing that can be tapped lies under the bar at the bottom, on every main page and in every mode."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages.citizen import Citizen
from tests.factories import browser_axe
from tests.factories.browser_modes import MODES, dressed
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

TABS = {"首页": "零跑办", "我的办件": "我的办件", "我的证照": "我的证照", "我": "我"}
SMALL = {"width": 360, "height": 560}
"""A small old phone: here every page is longer than the screen in large type."""
COVERED = """() => {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  window.scrollTo(0, document.documentElement.scrollHeight);
  const bar = seen('.z-tabs')[0].getBoundingClientRect();
  const targets = seen('.z-main uni-button, .z-main button, .z-main a, .z-main input, .z-main [role=radio]');
  if (!targets.length || bar.bottom > innerHeight + 1) throw new Error('no targets, or the bar is off the screen');
  return targets.filter((one) => one.getBoundingClientRect().bottom > bar.top + 0.5).map((one) => one.textContent.trim().slice(0, 20));
}"""
FLOAT = "() => document.querySelectorAll('.z-tabs').forEach((bar) => Object.assign(bar.style, { position: 'fixed', left: 0, right: 0 }))"


def covered(page: Page, mode: str) -> list[str]:
    expect(page.locator(".z-toast:visible")).to_have_count(0)  # while it is there it makes room below
    with dressed(page, mode):
        return list(page.evaluate(COVERED))


@pytest.mark.parametrize("is_in", [True, False], ids=["logged-in", "logged-out"])
def test_nothing_lies_under_the_bar_at_the_end(hall: RunningHall, windows: Windows, is_in: bool) -> None:
    citizen = Citizen(windows.phone(viewport=SMALL), hall.base_url, "张伟").opens()
    if is_in:
        citizen.logs_in()
    for tab, title in TABS.items():
        citizen.tab(tab).is_on(title)
        citizen.page.wait_for_load_state("networkidle")
        assert {mode: covered(citizen.page, mode) for mode in MODES} == dict.fromkeys(MODES, []), tab


def test_a_bar_that_floats_above_the_page_is_found(hall: RunningHall, windows: Windows) -> None:
    citizen = Citizen(windows.phone(viewport=SMALL), hall.base_url, "张伟").opens().logs_in().tab("我").is_on("我").sees("退出登录")
    citizen.page.evaluate(FLOAT)
    assert covered(citizen.page, "large") == ["退出登录"]


def test_axe_finds_no_fault_in_what_is_covered_only_until_one_scrolls(hall: RunningHall, windows: Windows) -> None:
    """Wherever the page is scrolled to when axe looks: the finding of a target behind the bar came and went with that."""
    citizen = Citizen(windows.phone(), hall.base_url, "张伟").opens().logs_in().tab("我").is_on("我").sees("退出登录")
    page = citizen.page
    with dressed(page, "large"):
        end = page.evaluate("document.documentElement.scrollHeight - innerHeight")
        assert end > 0
        for place in range(0, end + 1, max(1, end // 6)):
            page.evaluate("place => window.scrollTo(0, place)", place)
            assert browser_axe.findings(page) == [], place
