"""R82. What a phone page owes everybody: large type in one tap, the system's dark mode, a way home from nowhere, tabs that agree."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages.citizen import Citizen
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

CASE = "packages/case/progress?case=case_of_somebody"
HOSTILE = ["//evil.example/p", "javascript:alert(1)", "/packages/../etc", "%", "%25%", "/pages/none/such"]


def enter(page: Page, hall: RunningHall, name: str) -> None:
    page.goto(f"{hall.base_url}/m/#/pages/login/index")
    page.get_by_role("button", name=re.compile(name)).filter(visible=True).first.click()
    expect(page.get_by_role("heading", name="零跑办").filter(visible=True).first).to_be_visible()


def test_large_type_takes_one_tap_and_one_tap_back(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    page.goto(f"{hall.base_url}/m/")
    page.get_by_role("button", name="大字（把字变大）").click()
    expect(page.locator(".z-page.z-large:visible").first).to_be_visible()
    page.reload()
    expect(page.locator(".z-page.z-large:visible").first).to_be_visible()
    page.get_by_role("button", name="标准字（换回来）").click()
    expect(page.locator(".z-page.z-large:visible")).to_have_count(0)


def test_dark_follows_the_system_until_the_person_chooses(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone(color_scheme="dark")
    page.goto(f"{hall.base_url}/m/")
    expect(page.locator(".z-page.z-dark:visible").first).to_be_visible()
    page.emulate_media(color_scheme="light")
    expect(page.locator(".z-page.z-dark:visible")).to_have_count(0)
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".z-page.z-dark:visible").first).to_be_visible()
    page.goto(f"{hall.base_url}/m/#/packages/account/settings")
    page.get_by_role("radio", name="浅色").click()
    expect(page.locator(".z-page.z-dark:visible")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="字号与外观").filter(visible=True)).to_be_visible()
    expect(page.locator(".z-page.z-dark:visible")).to_have_count(0)
    page.get_by_role("radio", name="跟随系统").click()
    expect(page.locator(".z-page.z-dark:visible").first).to_be_visible()


@pytest.mark.parametrize("place", ["pages/nonsense/index", "packages/apply/none", "hello"])
def test_an_address_that_leads_nowhere_says_so(hall: RunningHall, windows: Windows, place: str) -> None:
    page = windows.phone()
    page.goto(f"{hall.base_url}/m/#/{place}")
    expect(page.get_by_role("heading", name="没有这个页面").filter(visible=True).first).to_be_visible()
    expect(page.locator(".z-button-primary:visible")).to_have_count(1)
    page.get_by_role("button", name="回首页").filter(visible=True).click()
    expect(page.get_by_role("heading", name="零跑办").filter(visible=True).first).to_be_visible()
    page.evaluate("place => { location.hash = `#/${place}` }", place)  # a link that is opened while the pages are already there
    expect(page.get_by_role("heading", name="没有这个页面").filter(visible=True).first).to_be_visible()


@pytest.mark.parametrize("wanted", ["//evil.example/p", "/pages/none/such", "/packages/apply/none?x=%", "javascript:alert(1)"])
def test_a_login_that_was_to_lead_to_nonsense_leads_home(hall: RunningHall, windows: Windows, wanted: str) -> None:
    page = windows.phone()
    page.goto(f"{hall.base_url}/m/")
    page.evaluate("to => localStorage.setItem('zt.after-login', JSON.stringify({type: 'string', data: JSON.stringify(to)}))", wanted)
    enter(page, hall, "张伟")
    assert page.url.startswith(f"{hall.base_url}/m/")


def test_a_declared_person_who_was_to_go_on_to_nonsense_goes_home(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    wang = Citizen(page, hall.base_url, "王建国")
    enter(page, hall, "王建国")
    page.goto(f"{hall.base_url}/m/#/packages/identity/declare?next=javascript:alert(1)")
    wang.declares_identity().is_on("零跑办")
    for wanted in [*HOSTILE, "/packages/apply/none?x=%2525"]:
        page.goto(f"{hall.base_url}/m/")
        page.reload()
        page.goto(f"{hall.base_url}/m/#/packages/identity/declare?next={wanted}")
        page.reload()
        wang.press("继续").is_on("零跑办")
        assert page.url.startswith(f"{hall.base_url}/m/"), wanted


def test_nonsense_in_an_address_never_leads_out(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    page.goto(f"{hall.base_url}/m/")
    page.evaluate("localStorage.setItem('zt.after-login', JSON.stringify({type: 'string', data: JSON.stringify('//evil.example/p')}))")
    enter(page, hall, "张伟")
    for wanted in HOSTILE:
        page.goto(f"{hall.base_url}/m/#/packages/apply/join?code={wanted}")
        expect(page.get_by_role("heading", name="接受签署邀请").filter(visible=True).first).to_be_visible()
        page.goto(f"{hall.base_url}/m/#/packages/identity/declare?next={wanted}")
        expect(page.get_by_role("heading", level=1).filter(visible=True).first).to_be_visible()
        assert page.url.startswith(f"{hall.base_url}/m/"), wanted


def test_two_tabs_agree_about_who_is_there(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    enter(page, hall, "张伟")
    page.goto(f"{hall.base_url}/m/#/{CASE}")
    other = page.context.new_page()
    enter(other, hall, "李娜")
    expect(page.get_by_text("您在别的窗口登录了").filter(visible=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="零跑办").filter(visible=True).first).to_be_visible()
    page.goto(f"{hall.base_url}/m/#/pages/me/index")
    expect(page.get_by_text("张伟").filter(visible=True)).to_have_count(0)
    leave = Citizen(other, hall.base_url, "李娜").tab("我").is_on("我").press("退出登录")
    leave.press("退出登录", within=other.get_by_role("dialog"))
    expect(page.get_by_text("您在别的窗口退出了登录，这里也退出了。").filter(visible=True).first).to_be_visible()
    page.goto(f"{hall.base_url}/m/#/pages/me/index")
    expect(page.get_by_role("button", name="去登录").filter(visible=True).first).to_be_visible()


def test_the_same_person_in_two_tabs_is_not_interrupted(hall: RunningHall, windows: Windows) -> None:
    """A newer login of the same account is taken over quietly: the page stays, and what is asked next is asked with it."""
    page = windows.phone()
    enter(page, hall, "张伟")
    page.goto(f"{hall.base_url}/m/#/packages/account/messages")
    page.reload()
    other = page.context.new_page()
    enter(other, hall, "张伟")
    expect(page.get_by_role("heading", name="消息").filter(visible=True).first).to_be_visible()
    expect(page.locator(".z-toast:visible")).to_have_count(0)
    stored = "JSON.parse(localStorage.getItem('zt.session')).token"
    with page.expect_request("**/api/citizen/notices") as asked:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.evaluate("location.hash = '#/pages/me/index'")
    assert asked.value.headers["authorization"] == f"Bearer {page.evaluate(stored)}"


def test_a_success_looks_like_one(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    enter(page, hall, "张伟")
    said = page.locator(".z-toast:visible")
    expect(said).to_have_text("登录好了。")
    expect(said).to_have_class(re.compile("z-toast-ok"))
    expect(said.locator(".zi-check-circle")).to_be_visible()
    expect(page.locator(".z-problem:visible, .z-card-danger:visible, [role=alert]:visible")).to_have_count(0)


def test_another_link_to_the_same_page_shows_the_other_thing(hall: RunningHall, windows: Windows) -> None:
    """Followed in the same window, where only what stands behind the # changes; and back again."""
    page = windows.phone()
    items = page.request.get(f"{hall.base_url}/api/open/catalog/items").json()["data"]["items"][:2]
    first, second = ((item["code"], item["name"]) for item in items)
    page.goto(f"{hall.base_url}/m/#/packages/apply/guide?code={first[0]}")
    expect(page.get_by_text(first[1]).filter(visible=True).first).to_be_visible()
    page.goto(f"{hall.base_url}/m/#/packages/apply/guide?code={second[0]}")
    expect(page.get_by_text(second[1]).filter(visible=True).first).to_be_visible()
    expect(page.get_by_text(first[1]).filter(visible=True)).to_have_count(0)
    page.go_back()
    expect(page.get_by_text(first[1]).filter(visible=True).first).to_be_visible()


@pytest.mark.parametrize("place", ["packages/identity/consent", "packages/identity/camera"])
def test_a_proof_for_nothing_says_where_to_begin(hall: RunningHall, windows: Windows, place: str) -> None:
    page = windows.phone()
    enter(page, hall, "张伟")
    page.goto(f"{hall.base_url}/m/#/{place}")
    expect(page.get_by_text("请从要核验的那件事进来").filter(visible=True)).to_be_visible()
    page.get_by_role("button", name="看我的办件").filter(visible=True).click()
    expect(page.get_by_role("heading", name="我的办件").filter(visible=True).first).to_be_visible()
