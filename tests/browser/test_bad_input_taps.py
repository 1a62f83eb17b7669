"""R82. Every button is tapped twice in a row, all the way from the search to the licence: everything happens once."""

from __future__ import annotations

import re
from typing import Self

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.main_job import ANSWERS, ITEM, MATERIALS
from tests.browser.pages.applicant import Applicant
from tests.browser.pages.clerk import Clerk
from tests.browser.pages.person import Person
from tests.factories import browser_faults
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows


class Hasty(Person):
    """Presses everything twice."""

    def press(self, name: str, *, within: Locator | None = None, timeout: float | None = None) -> Self:
        self.button(name, within=within).dblclick(timeout=timeout)
        return self


class HastyApplicant(Hasty, Applicant):
    def shows_face(self) -> Self:
        expect(self.button("开始核验")).to_be_enabled()
        return self.press("开始核验")


class HastyClerk(Hasty, Clerk):
    pass


@pytest.mark.slow
def test_from_the_search_to_the_licence(hall: RunningHall, windows: Windows) -> None:
    """The answer to the submission is lost on top of that."""
    zhang = HastyApplicant(windows.phone(), hall.base_url, "张伟")
    zhang.starts_case().fills_everything().press("下一步").is_on("上传材料")
    case = zhang.case_id
    zhang.uploads_everything().press("下一步")
    windows.camera.show_face("a")
    zhang.agrees_to_face_check().passes_face_check().reads_to_the_end().writes_name()
    zhang.press("确认签名").sees("已签好", timeout=60_000)
    with browser_faults.broken(zhang.page, "**/submit", method="POST", after_server=True) as fault:
        zhang.press("提交申请").sees("网络不太好")
    assert fault.answered.count(200) >= 1
    zhang.press("提交申请").is_on("已提交", timeout=30_000)

    chen, liu = (HastyClerk(windows.desktop(), hall, username) for username in ("chen.jing", "liu.yang"))
    chen.signs_in().opens_case(ITEM).passes_prereview().accepts()
    liu.signs_in().opens_case(ITEM).grants("材料齐全，符合备案条件。").sees_sealed_licence()

    zhang.sees_cases(1).goes_to_page("/pages/wallet/index").is_on("我的证照")
    expect(zhang.page.get_by_role("listitem").filter(has_text="小餐饮食品经营备案证")).to_have_count(1)
    zhang.goes_to_page(f"/packages/case/record?case={case}").is_on("办件留痕")
    steps = zhang.page.get_by_role("listitem").filter(visible=True)
    expect(steps.filter(has_text="上传了一份材料")).to_have_count(len(MATERIALS))
    for once in ("开始办理", "生成承诺书", "手写签名", "提交申请", "预审通过", "正式受理", "审查通过", "证照签发", "准备寄送证照"):
        expect(steps.filter(has_text=once)).to_have_count(1)


def test_one_invitation_and_one_booking(hall: RunningHall, windows: Windows) -> None:
    li = HastyApplicant(windows.phone(), hall.base_url, "李娜").starts_case(ANSWERS)
    li.goes_to_page(f"/packages/apply/signers?case={li.case_id}")
    li.invites("张伟")
    li.page.reload()
    li.is_on("邀请签署人")
    expect(li.page.get_by_role("button", name=re.compile("^收回邀请"))).to_have_count(1)
    li.goes_to_page("/packages/identity/counter").is_on("预约窗口")
    for group in ("第一步", "第二步"):
        li.page.get_by_role("radiogroup", name=re.compile(group)).get_by_role("radio").first.dblclick()
    li.page.get_by_role("button", name=re.compile(r"还有 \d+ 个号")).first.dblclick()
    li.press("确认预约").sees("预约好了。")
    li.goes_to_page("/packages/identity/appointments").is_on("我的预约")
    expect(li.page.get_by_label(re.compile("^签到码"))).to_have_count(1)
    expect(li.heading("以前的预约")).to_have_count(0)
