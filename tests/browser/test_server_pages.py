"""The server's own pages under their strict policy, an address without a page, and the administrator's list of colleagues."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.pages.staff import Staff
from tests.factories import browser_axe
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows


@pytest.mark.parametrize("address", ["/", "/v", "/docs", "/m/nothing.html"])
def test_a_page_shows_itself_whole_and_changes_its_mode(hall: RunningHall, windows: Windows, address: str) -> None:
    """A breach of the policy fails the test by itself (`windows.complaints`)."""
    page = windows.phone()
    page.goto(f"{hall.base_url}{address}")
    page.get_by_role("button", name="深色").click()
    assert page.locator("html.z-dark").count() == 1
    heading, card = page.get_by_role("heading", level=1), page.locator(".card").first
    expect(heading).to_be_visible()
    assert card.evaluate("node => getComputedStyle(node).borderRadius") not in {"", "0px"}, "the style sheets were let in"
    assert browser_axe.findings(page) == []


def test_where_there_is_no_page_one_finds_home(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    answer = page.goto(f"{hall.base_url}/console/old/bookmark")
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("heading", name="没有这个页面")).to_be_visible()
    page.get_by_role("link", name="回到首页").click()
    expect(page.get_by_role("heading", name="零跑办：手机里的政务大厅")).to_be_visible()


def test_an_administrator_is_not_offered_to_lock_himself_out(hall: RunningHall, windows: Windows) -> None:
    admin = Staff(windows.desktop(), hall, "admin").signs_in().goes_to("人员")
    own = admin.page.get_by_role("listitem").filter(has_text="本人")
    expect(own).to_have_count(1)
    expect(own).to_contain_text("admin")
    expect(own.get_by_role("button")).to_have_text(["强制下线"])
    colleague = admin.page.get_by_role("listitem").filter(has_text="chen.jing")
    expect(colleague.get_by_role("button")).to_have_text(["重置密码", "重置动态码", "强制下线", "停用账号"])
    expect(colleague.get_by_text("本人")).to_have_count(0)
