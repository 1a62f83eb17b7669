"""R82. The signal is lost, answers get lost, the server stumbles: nothing typed is lost, nothing done twice."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.main_job import ITEM
from tests.browser.pages.applicant import Applicant
from tests.factories import browser_faults
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

TYPED = (("店铺字号", "信号不好小面馆"), ("经营场所地址", "锦川市临江区地下一层 7 号"))
RECIPIENT = ("收件人", "张伟")


def test_typing_without_signal_survives_a_closed_page(hall: RunningHall, windows: Windows) -> None:
    zhang = Applicant(windows.phone(), hall.base_url, "张伟").starts_case()
    form = zhang.address
    with browser_faults.no_signal(zhang.page.context):
        for label, text in (*TYPED, RECIPIENT):
            zhang.type(label, text)
        zhang.sees("已存在手机里，联网后自动保存")
        zhang.page.close()
    zhang.closes_and_opens(form).is_on("填写申请").sees("已自动保存")
    for label, text in (*TYPED, RECIPIENT):
        expect(zhang.field(label)).to_have_value(text)
    other = Applicant(windows.phone(), hall.base_url, "张伟").opens().logs_in().goes_to_page(form)
    for label, text in TYPED:
        expect(other.field(label)).to_have_value(text)
    zhang.sees_cases(1)


def test_the_signal_comes_back_while_the_page_is_open(hall: RunningHall, windows: Windows) -> None:
    """It is saved by itself, without a tap. Then the server stumbles instead: that is said, and the next tap saves it."""
    wang = Applicant(windows.phone(), hall.base_url, "王建国").starts_case()
    with browser_faults.no_signal(wang.page.context):
        wang.type("店铺字号", "老王抄手").press("下一步").sees("网络不太好").is_on("填写申请")
    wang.sees("已自动保存")
    with browser_faults.broken(wang.page, "**/form", method="PUT", status=503, retry_after=1):
        wang.type("餐位数", "12").press("下一步").sees("系统正忙").is_on("填写申请")
    wang.press("重试").sees("已自动保存")
    wang.goes_to_page(wang.address)
    for label, text in (("店铺字号", "老王抄手"), ("餐位数", "12")):
        expect(wang.field(label)).to_have_value(text)


def test_a_case_is_started_once_though_every_answer_is_lost(hall: RunningHall, windows: Windows) -> None:
    li = Applicant(windows.phone(), hall.base_url, "李娜").gets_notice()
    li.press("开始办理").is_on("实名")
    with browser_faults.broken(li.page, "**/api/citizen/cases", method="POST", after_server=True) as fault:
        li.declares_identity().is_on("一次性告知书").sees("网络不太好")
        li.press("开始办理").sees("网络不太好")
    assert fault.answered.count(201) >= 2, "the same tap again is the same case"
    Applicant(windows.phone(), hall.base_url, "李娜").opens().logs_in().sees_cases(1)
    li.closes_and_opens(li.address.partition("&start")[0]).is_on("一次性告知书").press("开始办理").is_on("填写申请")
    li.sees_cases(1)


def test_a_stumbling_server_is_explained_and_tried_again(hall: RunningHall, windows: Windows) -> None:
    ji = Applicant(windows.phone(), hall.base_url, "𠮷祥云").opens().logs_in().is_on("零跑办")
    with browser_faults.broken(ji.page, "**/api/open/catalog/items/*", status=502):
        ji.opens_guide(ITEM).sees("系统正忙").sees("您的内容都还在，请过一会儿再点“重试”。")
    ji.press("重试").press("我要办理").is_on("先回答几个问题").choose("个体工商户")
    with browser_faults.broken(ji.page, "**/scenario/next", status=500):
        ji.press("下一步").sees("系统正忙").sees("您以什么身份经营")
    ji.press("下一步").sees("经营场所使用面积")
