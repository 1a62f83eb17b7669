"""R82. Clerks: a revoked and an expired login, hostile text, a computer whose clock is wrong. The tests take one case on, in this order."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.main_job import ITEM
from tests.browser.pages.applicant import Applicant
from tests.browser.pages.clerk import Clerk
from tests.browser.pages.staff import Staff
from tests.factories import browser_faults
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_sessions import let_logins_expire
from tests.factories.browser_windows import Windows

PICTURE = '<img src=x onerror="globalThis.fell=1">'
HOSTILE = PICTURE + '"><script>globalThis.fell=1</script>{{7*7}}' + "长" * 100 + "W" * 100
TURNED = "符合\u202e条件"
EXPIRED = "登录已过期，请重新登录。登录后会回到刚才那一页，您写的内容都还在。"


@pytest.fixture(scope="module")
def case(hall: RunningHall) -> dict[str, Any]:
    """张伟 and 李娜 have submitted it."""
    return played(hall, until="signature")


def watched(windows: Windows, page: Page) -> Page:
    def opened(dialog: Dialog) -> None:
        windows.complaints.append(f"a dialog on {page.url}: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", opened)
    return page


def is_harmless(page: Page) -> None:
    assert page.evaluate("globalThis.fell") is None
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert "}}49" not in page.locator("body").inner_text()


def opens_notice(chen: Clerk) -> Locator:
    if (more := chen.button("其他办理", within=chen.actions)).is_visible():
        more.click()
    chen.press("一次性告知", within=chen.actions)
    return chen.dialog("一次性告知补正")


def leaves_while_files_open(chen: Clerk, address: str) -> None:
    """Whatever is still being opened is let go without an error (`windows` would hear of one)."""
    for milliseconds in (0, 20, 50, 100, 200, 400):
        chen.page.goto(f"{chen.base_url}/console/#/clerk/cases")
        chen.is_on("办件")
        chen.page.goto(address)
        expect(chen.page.get_by_text("正在打开文件…").or_(chen.page.get_by_role("toolbar")).first).to_be_visible()
        chen.page.wait_for_timeout(milliseconds)
    expect(chen.page.get_by_role("img", name="第 1 页")).to_be_visible()


def test_a_revoked_login(hall: RunningHall, windows: Windows, case: dict[str, Any]) -> None:
    """The administrator ends 陈静's login in the console while she writes."""
    chen = Clerk(watched(windows, windows.desktop()), hall, "chen.jing").signs_in()
    chen.page.get_by_role("searchbox", name="搜索办件").fill(HOSTILE[:64])
    chen.sees("没有找到符合的办件。")
    is_harmless(chen.page)
    chen.page.get_by_role("searchbox", name="搜索办件").fill("")
    chen.goes_to("窗口").is_on("窗口预约").sees("请以用汉字写的日期为准")
    chen.type("签到码", HOSTILE[:80]).press("签到").sees("没有找到这个签到码")
    is_harmless(chen.page)
    chen.opens_case(ITEM)
    address = chen.page.url
    leaves_while_files_open(chen, address)
    notice = opens_notice(chen)
    subject = notice.get_by_role("checkbox").first
    subject.check()
    chen.page.get_by_role("textbox", name=re.compile("要怎么改")).fill(HOSTILE)
    chen.press("预览通知（1 项）")
    expect(notice.get_by_role("listitem").filter(has_text=HOSTILE)).to_be_visible()
    is_harmless(chen.page)
    chen.press("回去修改").press("先存着")
    chen.press("不受理（无需办理）", within=chen.actions).type("告知申请人的话", HOSTILE).press("下一步").sees(HOSTILE)
    is_harmless(chen.page)
    chen.press("回去修改").press("返回", within=chen.dialog("不受理：无需办理"))

    admin = Staff(windows.desktop(), hall, "admin").signs_in().press("强制下线：陈静").press("确认强制下线")
    admin.sees(re.compile(r"已终止 \d+ 处登录"))
    chen.press("预审通过", within=chen.actions).press("确认预审通过").sees(EXPIRED).gives_name_password_and_code()
    assert chen.page.url == address
    chen.press("返回", within=chen.dialog("预审通过"))
    opens_notice(chen)
    expect(chen.page.get_by_role("textbox", name=re.compile("要怎么改"))).to_have_value(HOSTILE)
    chen.press("先存着").passes_prereview().accepts()


def test_an_expired_login(hall: RunningHall, windows: Windows, case: dict[str, Any]) -> None:
    """刘洋's, between writing the reason of a decision and confirming it; the confirmation is then clicked twice."""
    liu = Clerk(watched(windows, windows.desktop()), hall, "liu.yang").signs_in().opens_case(ITEM)
    address = liu.page.url
    liu.press("作出决定", within=liu.actions)
    dialog = liu.dialog("作出决定")
    liu.choose("准予").type("理由", TURNED).press("下一步", within=dialog).press("确认准予", within=dialog)
    liu.sees("看不见的特殊字符").type("理由", HOSTILE).press("下一步", within=dialog)
    expect(dialog.get_by_text(HOSTILE)).to_be_visible()
    expect(dialog.get_by_text("看不见的特殊字符")).to_have_count(0)
    is_harmless(liu.page)
    let_logins_expire(hall, "clerk")
    liu.press("确认准予", within=dialog).sees(EXPIRED).gives_name_password_and_code()
    assert liu.page.url == address
    dialog = liu.dialog("作出决定")
    expect(dialog.get_by_text(HOSTILE)).to_be_visible()
    liu.button("确认准予", within=dialog).dblclick()
    expect(dialog).to_be_hidden()
    liu.sees_sealed_licence().sees(HOSTILE)
    is_harmless(liu.page)

    liu.goes_to("证照").press("暂停").type("暂停的理由", HOSTILE).press("下一步").sees(HOSTILE)
    is_harmless(liu.page)

    zhang = Applicant(watched(windows, windows.phone()), hall.base_url, "张伟").opens().logs_in().opens_case(ITEM)
    zhang.sees(HOSTILE).press("办件留痕").is_on("办件留痕")
    is_harmless(zhang.page)
    expect(zhang.page.get_by_role("listitem").filter(visible=True, has_text="审查通过")).to_have_count(1)


def test_a_wrong_clock(hall: RunningHall, windows: Windows, case: dict[str, Any]) -> None:
    """On a computer 3 years ahead, and 2 days behind, the hand-off code on the screen still counts down from half a minute."""
    page = windows.desktop()
    chen = Clerk(page, hall, "chen.jing").signs_in().goes_to("出件")
    page.get_by_role("main").get_by_role("link").filter(has_text="成都市").click()
    chen.is_on("快件详情")
    for more in (timedelta(days=3 * 365), timedelta(days=-3 * 365 - 2)):
        browser_faults.wrong_clock(page.context, more)
        page.reload()
        chen.is_on("快件详情").shows_handoff_code()
        left = page.get_by_text(re.compile(r"^([1-9]|[12]\d|30) 秒后自动更换$"))
        expect(left).to_be_visible()
        before = left.inner_text()
        expect(left).not_to_have_text(before)
        expect(left).to_be_visible()
