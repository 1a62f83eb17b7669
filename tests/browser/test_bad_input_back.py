"""R82. Going back from anywhere, and coming in anywhere: never a blank page, never a dead end, nothing typed is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.main_job import DELIVERY, ITEM, MATERIALS
from tests.browser.pages.applicant import ALONE_ANSWERS, ALONE_FORM, Applicant
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

DECLARED = json.loads((Path(__file__).parents[2] / "miniprogram" / "src" / "pages.json").read_text("utf-8"))
PAGES = [f"/{page['path']}" for page in DECLARED["pages"]] + [
    f"/{package['root']}/{page['path']}" for package in DECLARED["subPackages"] for page in package["pages"]
]
PUBLIC = ("/guide", "/scenario", "/join", "/verify", "/settings", "/privacy", "/login/index", "/courier/login")
SOMETHING = re.compile(r"\S.{10,}\S", re.DOTALL)


class Wanderer(Applicant):
    def is_somewhere(self) -> str:
        """On a page with a title, with something to read and something to press; which one."""
        title = self.page.get_by_role("heading", level=1).filter(visible=True)
        expect(title).to_have_count(1)
        expect(self.page.get_by_role("main").filter(visible=True)).to_have_text(SOMETHING, use_inner_text=True)
        expect(self.page.get_by_role("status", name="正在加载").filter(visible=True)).to_have_count(0)
        expect(self.page.get_by_role("button", disabled=False).filter(visible=True).first).to_be_visible()
        return title.inner_text()

    def goes_back_and_forth(self, before: str) -> Wanderer:
        """With the phone's own back, and with the page's 返回: each leads to `before`; then here again."""
        here, address = self.is_somewhere(), self.address
        for way in ("phone", "page"):
            if way == "phone":
                self.page.go_back()
            else:
                self.press("返回")
            self.is_on(before).is_somewhere()
            self.page.go_forward()
            self.is_on(here).is_somewhere()
            assert self.address == address
        return self


def test_back_on_every_page_of_the_way(hall: RunningHall, windows: Windows) -> None:
    li = Wanderer(windows.phone(), hall.base_url, "李娜").opens().logs_in().is_on("零跑办").opens_guide(ITEM)
    li.goes_back_and_forth("零跑办").press("我要办理").is_on("先回答几个问题")
    for question, answer in ALONE_ANSWERS[:3]:
        li.answers(question, answer)
    li.goes_back_and_forth("办事指南").sees("第 4 题").sees("86")
    for question, answer in ALONE_ANSWERS[3:]:
        li.answers(question, answer)
    li.is_on("一次性告知书").goes_back_and_forth("先回答几个问题").press("开始办理").is_on("实名").type("姓名", "李")
    li.goes_back_and_forth("一次性告知书")
    expect(li.field("姓名")).to_have_value("李")
    li.declares_identity().is_on("填写申请").type("店铺字号", "李家抄手").goes_back_and_forth("一次性告知书")
    expect(li.field("店铺字号")).to_have_value("李家抄手")
    li.fills_everything().press("下一步").is_on("上传材料").goes_back_and_forth("填写申请")
    for label, text in (*ALONE_FORM, *DELIVERY):
        if li.field(label).count():
            expect(li.field(label)).to_have_value(text)
    li.press("下一步").is_on("上传材料").uploads_everything().goes_back_and_forth("填写申请")
    for name in MATERIALS:
        expect(li.material(name)).to_have_count(1)
    li.press("下一步").is_on("人脸核验告知书", timeout=30_000).goes_back_and_forth("上传材料")
    windows.camera.show_face("b")
    li.agrees_to_face_check().goes_back_and_forth("上传材料").press("不刷脸，预约窗口办理").is_on("预约窗口")
    li.goes_back_and_forth("人脸核验").press("返回").is_on("人脸核验").passes_face_check()
    li.reads_to_the_end().writes_name().goes_back_and_forth("上传材料")
    expect(li.page.get_by_role("img", name=re.compile("手写签名区，已经写了"))).to_be_visible()
    li.press("确认签名").sees("已签好", timeout=60_000).goes_back_and_forth("上传材料").press("提交申请").is_on("已提交", timeout=30_000)
    li.goes_back_and_forth("上传材料").press("查看进度").is_on("办理进度").goes_back_and_forth("上传材料")
    li.sees_cases(1)


def test_every_page_by_its_address(hall: RunningHall, windows: Windows) -> None:
    """As after a message, a bookmark or a restart, with all that the address can name, with nothing, and without a login."""
    kept = played(hall, until="licence")
    query = f"?case={kept['case_id']}&code={kept['item_code']}"
    zhang = Wanderer(windows.phone(), hall.base_url, "张伟")
    for address in PAGES:
        if not address.endswith(PUBLIC):
            zhang.goes_to_page(address + query).is_somewhere()
    zhang.opens().logs_in()
    for address in PAGES:
        own = f"?id={kept['licence']['id']}" if "/licence/" in address else "" if "/delivery/parcel" in address else query
        title = zhang.goes_to_page(address + own).is_somewhere()
        if zhang.button("返回").count():
            zhang.press("返回").is_on("快递员登录" if "/courier/" in address and title == "快递员" else "零跑办").is_somewhere()
