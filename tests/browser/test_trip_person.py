"""Looking after one's own standing and privacy (R52, R82), and what goes wrong on these pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sandbox.persons import PERSONS
from tests.browser.main_job import MainJob
from tests.browser.pages.household import Household, before_the_clerk
from tests.browser.pages.staff import Staff
from tests.browser.trip_person import CHILD, person
from tests.factories import browser_faults
from tests.factories.browser_modes import faults_of
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

HOSTILE = '<img src=x onerror="globalThis.fell=1">'


def test_the_trip(hall: RunningHall, windows: Windows) -> None:
    faults: list[str] = []

    def visit(name: str, page: Page) -> None:
        faults.extend(faults_of(page, name))

    person(MainJob(hall, windows, windows.phone, windows.desktop, visit))
    assert faults == [], "\n".join(faults)
    li = Household(windows.phone(), hall.base_url, "李娜").opens().logs_in()
    takes_everything_back(li)
    is_not_believed(li, Staff(windows.desktop(), hall, "chen.jing"))


def takes_everything_back(li: Household) -> None:
    """What she agreed to on the trip, for herself and for the child; the child's registration ends last."""
    li.goes_to_page("/packages/person/consents").is_on("我给过的同意").sees("现在有效的 2 份")
    face = li.page.get_by_role("heading", name="人脸核验告知书").filter(visible=True).locator("xpath=ancestor::section[1]")
    li.press("撤回同意", within=face)
    sure = li.dialog("撤回人脸核验的同意？")
    expect(sure).to_contain_text("要预约窗口当面核验")
    expect(sure).to_contain_text("已经签好的，仍然有效")
    li.press("确定撤回", within=sure).sees("已撤回同意。").sees("现在有效的 1 份")
    li.press("替孩子给的同意").is_on("孩子的监护").press("撤回同意")
    li.press("确定撤回", within=li.dialog("撤回同意？")).sees("还没有同意").press("结束监护登记")
    sure = li.dialog("结束这份监护登记？")
    with browser_faults.broken(li.page, "**/api/citizen/guardianships/*", method="DELETE", after_server=True):
        li.press("确定结束", within=sure)
        expect(sure).to_contain_text("网络不太好")
    li.button("确定结束", within=sure).dblclick()
    li.sees("已经结束的")
    expect(li.page.get_by_role("dialog")).to_have_count(0)
    expect(li.button("看同意书，再决定").or_(li.button("撤回同意"))).to_have_count(0)


def is_not_believed(li: Household, clerk: Staff) -> None:
    """Once more, without the right papers: she is told, and may come again."""
    li.goes_to_page("/packages/person/guardians").is_on("孩子的监护").registers(CHILD, "成年的哥哥或姐姐").sees("等窗口核对")
    li.press("登记孩子").fills_in_child(CHILD, "爸爸或妈妈").press("提交登记").sees("您已经登记过这个孩子").press("先不登记")
    before_the_clerk(clerk, CHILD, is_refused=True)
    li.page.reload()
    li.is_on("孩子的监护").press("先不登记").sees("带来的材料看不出您和孩子的监护关系。").sees("重新登记，再到窗口核对。").press("登记孩子")
    expect(li.button("提交登记")).to_be_enabled()


def test_the_last_day_of_a_document(hall: RunningHall, windows: Windows) -> None:
    """A day that is gone is refused, what was typed stays; an earlier one changes nothing; a long-term document ends the worry."""
    wang = Household(windows.phone(), hall.base_url, "王建国").opens().logs_in()
    me = next(one for one in PERSONS if one.name == wang.name)
    wang.goes_to_page("/packages/person/level").is_on("实名等级").press("去填姓名和证件").is_on("实名")
    wang.type("姓名", HOSTILE).type("身份证号码", me.id_number).choose("写着日期", of="证件有效期")
    expect(wang.button("确认实名")).to_be_disabled()
    wang.type("有效期的最后一天", "2020-01-01").press("确认实名").sees("请填写证件上的姓名")
    wang.type("姓名", me.name).press("确认实名").sees("这份证件已过有效期")
    wang.page.reload()
    wang.is_on("实名")
    expect(wang.field("身份证号码")).to_have_value(me.id_number)
    expect(wang.page.get_by_label("有效期的最后一天")).to_have_value("2020-01-01")
    wang.type("有效期的最后一天", "2039-01-01").press("确认实名").sees("实名好了").is_on("实名等级").sees("2039年1月1日")
    wang.press("更新证件有效期").is_on("实名")
    wang.type("姓名", me.name).type("身份证号码", me.id_number).choose("写着日期", of="证件有效期")
    wang.type("有效期的最后一天", "2038-12-31").press("更新有效期").sees("有效期没有变")
    wang.type("身份证号码", "51010419920315001X").press("更新有效期").sees("您的账号已经实名")
    wang.type("身份证号码", me.id_number).choose("写着“长期”", of="证件有效期")
    with browser_faults.broken(wang.page, "**/me/identity", method="PUT", after_server=True, times=2):
        wang.press("更新有效期").sees("网络不太好")
    wang.button("更新有效期").dblclick()
    wang.sees("有效期更新好了").is_on("实名等级").sees("长期有效")


def test_whoever_is_not_proven_registers_no_child(hall: RunningHall, windows: Windows) -> None:
    """And is shown the way; what was typed waits, whatever the signal does; going back leaves the form first."""
    ji = Household(windows.phone(viewport={"width": 320, "height": 640}), hall.base_url, "𠮷祥云").opens().logs_in()
    ji.goes_to_page("/packages/person/guardians").is_on("孩子的监护").press("登记孩子")
    expect(ji.button("提交登记")).to_be_disabled()
    ji.fills_in_child("李小雨", "爷爷奶奶、外公外婆").type("孩子的姓名", HOSTILE)
    with browser_faults.no_signal(ji.page.context):
        ji.press("提交登记").sees("网络不太好")
    ji.press("重试").sees("请先填写姓名和身份证号码")
    assert ji.page.evaluate("globalThis.fell") is None
    assert ji.page.evaluate("document.documentElement.scrollWidth") <= 320
    ji.page.reload()
    ji.is_on("孩子的监护")
    expect(ji.field("孩子的姓名")).to_have_value(HOSTILE)
    ji.goes_back().is_on("孩子的监护").sees("还没有登记孩子").press("登记孩子")
    ji.button("提交登记").dblclick()
    ji.press("看看我的实名等级").is_on("实名等级").goes_back().is_on("孩子的监护")
    with browser_faults.broken(ji.page, "**/api/citizen/guardianships", method="GET", status=500):
        ji.page.reload()
        ji.is_on("孩子的监护").sees("系统正忙")
    ji.press("重试").sees("先准备好这两样")


def test_a_consent_is_given_and_taken_back_once(hall: RunningHall, windows: Windows) -> None:
    """Tapped twice, with answers lost on the way; every one stays in the history."""
    zhang = Household(windows.phone(), hall.base_url, "张伟").opens().logs_in()
    zhang.goes_to_page("/packages/person/consents").is_on("我给过的同意").sees("还没有给过同意")
    zhang.press("留下的核验照片").is_on("留下的核验照片")
    with browser_faults.broken(zhang.page, "**/audit-image-consent", method="PUT", after_server=True) as fault:
        zhang.button("看完了，同意留一张").dblclick()
        zhang.sees("网络不太好")
    assert 200 in fault.answered
    zhang.press("重试").sees("已同意，下次刷脸会留一张照片。").press("看看同意书怎么写的").sees("您可以撤回：随时可以撤回")
    zhang.goes_to_page("/packages/person/consents").is_on("我给过的同意").sees("现在有效的 1 份").press("看看同意了什么").sees("谁能看")
    zhang.press("撤回同意")
    sure = zhang.dialog("撤回留照片的同意？")
    zhang.press("不撤回", within=sure).sees("现在有效的 1 份").press("撤回同意")
    with browser_faults.broken(zhang.page, "**/audit-image-consent", method="DELETE", status=503):
        zhang.press("确定撤回", within=sure)
        expect(sure).to_contain_text("系统正忙")
    zhang.button("确定撤回", within=sure).dblclick()
    zhang.sees("已撤回同意，不再留照片。").sees("现在没有有效的同意")
    expect(zhang.page.get_by_text("已撤回", exact=True).filter(visible=True)).to_have_count(1)
    zhang.goes_back().is_on("零跑办")
    zhang.goes_to_page("/packages/person/pictures").is_on("留下的核验照片").press("看完了，同意留一张").sees("您同意刷脸时留一张照片")
    zhang.goes_to_page("/packages/person/consents").is_on("我给过的同意").press("全部撤回并删掉照片")
    zhang.press("确定撤回", within=zhang.dialog("全部撤回并删掉照片？")).sees("全部撤回了。").sees("现在没有有效的同意")
    expect(zhang.page.get_by_text("已撤回", exact=True).filter(visible=True)).to_have_count(2)


@pytest.mark.parametrize("page", ["level", "guardians", "consents", "pictures"])
def test_a_page_that_could_not_be_read_is_read_again(hall: RunningHall, windows: Windows, page: str) -> None:
    zhang = Household(windows.phone(), hall.base_url, "张伟").opens().logs_in()
    with browser_faults.broken(zhang.page, "**/api/citizen/**", method="GET", status=502):
        zhang.goes_to_page(f"/packages/person/{page}").sees("系统正忙")
    zhang.press("重试")
    expect(zhang.page.get_by_text("系统正忙").filter(visible=True)).to_have_count(0)
    expect(zhang.page.get_by_role("button", disabled=False).filter(visible=True).nth(1)).to_be_visible()
