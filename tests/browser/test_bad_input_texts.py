"""R82. Hostile text, very long names and rare characters in the citizens' pages: shown as text, saved as typed; nothing runs, and nothing
is pushed off the screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from api.demo.world import paper
from sandbox.persons import PERSONS
from tests.browser.main_job import ANSWERS, MATERIALS
from tests.browser.pages.applicant import Applicant
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

PICTURE = '<img src=x onerror="globalThis.fell=1">'
SCRIPT = '"><script>globalThis.fell=1</script>'
BRACES = "{{7*7}}${7*7}"
LONG = "长" * 60 + "W" * 60
HOSTILE = (PICTURE, SCRIPT, BRACES, LONG)
TURNED = "正常\u202e反转"
HIDDEN = "这里夹着看不见的特殊字符，请删掉，重新打一遍。"
LONG_NAME = "阿卜" * 12 + "·" + "买买" * 12 + "提"


@pytest.fixture
def page(windows: Windows) -> Page:
    """A narrow phone on which no dialog may open."""
    page = windows.phone(viewport={"width": 320, "height": 640})

    def opened(dialog: Dialog) -> None:
        windows.complaints.append(f"a dialog on {page.url}: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", opened)
    return page


def is_harmless(page: Page) -> None:
    """Nothing ran, nothing was computed or made a picture of, and one need not scroll sideways."""
    assert page.evaluate("globalThis.fell") is None
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert "4949" not in page.locator("body").inner_text() and "$49" not in page.locator("body").inner_text()


def test_in_the_form_the_materials_and_the_document(hall: RunningHall, page: Page) -> None:
    """Also of somebody whose name is written with 𠮷, which is outside the characters that two bytes can hold, and which is not 吉."""
    ji = Applicant(page, hall.base_url, "𠮷祥云").starts_case().fills_everything()
    address = ji.address
    ji.type("店铺字号", TURNED).sees(HIDDEN).sees("改好标出来的地方，就会自动保存").type("店铺字号", PICTURE)
    expect(ji.page.get_by_text(HIDDEN)).to_have_count(0)
    ji.type("市", TURNED).sees(HIDDEN).type("市", "成都市").sees("已自动保存")
    expect(ji.page.get_by_text(HIDDEN)).to_have_count(0)
    typed = {"店铺字号": PICTURE, "经营场所地址": LONG, "平台名称": SCRIPT, "收件人": LONG_NAME, "详细地址": BRACES + "1 单元 301"}
    for label, text in typed.items():
        ji.type(label, text)
    ji.sees("已自动保存")
    ji.goes_to_page(address).is_on("填写申请")
    for label, text in typed.items():
        expect(ji.field(label)).to_have_value(text)
    is_harmless(page)
    ji.press("下一步").is_on("上传材料")
    ji.uploads(MATERIALS[0], (f"{PICTURE}.jpg", "image/jpeg", paper("执照", "JPEG")))
    for name in MATERIALS[1:]:
        ji.uploads(name, (f"{name}.jpg", "image/jpeg", paper(name, "JPEG")))
    is_harmless(page)
    case = ji.case_id
    ji.press("下一步").is_on("人脸核验告知书", timeout=30_000)
    ji.goes_to_page(f"/packages/case/progress?case={case}").is_on("办理进度").press("承诺书").press("放大第 1 页")
    picture = page.get_by_role("dialog").get_by_role("img")
    for text in (ji.name, PICTURE, SCRIPT):
        expect(picture).to_have_accessible_name(re.compile(re.escape(text)))
    expect(picture).not_to_have_accessible_name(re.compile("吉祥"))
    ji.press("关闭").press("看大字版").sees(PICTURE).sees(ji.name)
    is_harmless(page)
    ji.goes_to_page("/pages/me/index").is_on("我").sees("𠮷**")


def test_in_every_other_field(hall: RunningHall, page: Page) -> None:
    zhang = Applicant(page, hall.base_url, "张伟").opens()
    for text in HOSTILE:
        zhang.searches(text).sees("没有找到这个事项")
        is_harmless(page)
    zhang.searches(TURNED).sees("看不见的特殊字符")
    zhang.goes_to_page("/packages/licence/verify").is_on("验证证照").press("粘贴二维码里的文字")
    for text in HOSTILE:
        zhang.type("二维码里的文字", text).press("查验").sees("暂时无法确认真假")
        is_harmless(page)
        zhang.press("再查一张")
    zhang.goes_to_page("/packages/apply/join").is_on("接受签署邀请")
    for text in HOSTILE:
        zhang.type("邀请码", text).press("接受邀请").sees("这不像邀请码")
        is_harmless(page)


def test_names_of_people(hall: RunningHall, page: Page) -> None:
    """A name is refused when it is none, and kept to its last character when it is one, however long."""
    li = Applicant(page, hall.base_url, "李娜").gets_notice(ANSWERS).press("开始办理").is_on("实名")
    me, other = (next(person for person in PERSONS if person.name == name) for name in ("李娜", "张伟"))
    for text in (PICTURE, SCRIPT, BRACES, LONG):
        li.type("姓名", text).type("身份证号码", me.id_number).press("确认实名").sees("请填写证件上的姓名，2 到 50 个字")
        is_harmless(page)
    li.type("姓名", TURNED).press("确认实名").sees(HIDDEN).declares_identity().is_on("填写申请")
    case = li.case_id
    li.goes_to_page(f"/packages/apply/signers?case={case}").is_on("邀请签署人")
    assert len(LONG_NAME) == 50
    for text in (PICTURE, LONG_NAME):
        li.type("姓名", text).type("身份证号码", other.id_number).press("生成邀请码").sees(f"把邀请发给{text}")
        is_harmless(page)
        li.page.reload()
        li.is_on("邀请签署人").sees(f"把邀请发给{text}")
        is_harmless(page)
        if text != LONG_NAME:
            li.press(f"收回邀请：{text[0]}{'*' * (len(text) - 1)}")
    li.goes_to_page(f"/packages/case/progress?case={case}").is_on("办理进度").sees(LONG_NAME[0] + "*" * 49)
    is_harmless(page)
    li.goes_to_page(f"/packages/case/rating?case={case}").is_on("评价服务").choose("非常满意").type("还想说的话", PICTURE + LONG)
    is_harmless(page)
    li.goes_to_page(li.address).is_on("评价服务")
    expect(li.field("还想说的话")).to_have_value(PICTURE + LONG)
