"""Tried as a 75-year-old would (R82): large letters, no knowledge, nobody to help. Twelve screens at most from the first page to a finished
application, and each says what to do next: one big button, or the one thing to choose."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from api.demo.world import paper
from tests.browser.main_job import ANSWERS, DELIVERY, FORM, ITEM
from tests.browser.pages.citizen import Citizen
from tests.factories import browser_modes
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

MOST_SCREENS = 12
ALONE = {"您以什么身份经营": "个体工商户", "经营场所是自有还是租用": "自有", "主体类型": "个体工商户", "场所来源": "自有"}
NEXT_STEP = ".z-button-primary:visible"
LARGE_LETTERS_PX, LARGE_TARGET_PX = 22, 60


class Newcomer(Citizen):
    """Counts the screens, and looks at each for what to do next."""

    def __init__(self, page: Page, base_url: str, name: str) -> None:
        super().__init__(page, base_url, name)
        self.screens: list[str] = []

    def looks_at(self, title: str, *, one_button: bool = True) -> None:
        self.is_on(title)
        self.screens.append(title)
        self.page.wait_for_load_state("networkidle")
        if not one_button:
            return
        buttons = self.page.locator(NEXT_STEP)
        expect(buttons).to_have_count(1)
        box = buttons.bounding_box()
        assert box is not None and box["height"] >= LARGE_TARGET_PX, f"{title}: the button is {box} high"
        size = buttons.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        assert size >= LARGE_LETTERS_PX, f"{title}: the button's letters are {size} px"


@pytest.mark.slow
def test_the_first_application_takes_twelve_screens_and_each_says_what_is_next(hall: RunningHall, windows: Windows) -> None:
    windows.camera.show_face("a")
    zhang = Newcomer(windows.phone(), hall.base_url, "张伟")
    zhang.opens().press("大字")
    zhang.looks_at("零跑办", one_button=False)
    zhang.opens_guide(ITEM)
    zhang.looks_at("办事指南")
    zhang.press("我要办理").is_on("登录")
    zhang.looks_at("登录", one_button=False)
    zhang.press(zhang.name)
    _answers_all(zhang)
    zhang.looks_at("一次性告知书")
    zhang.press("开始办理")
    zhang.looks_at("实名")
    zhang.declares_identity()
    zhang.looks_at("填写申请")
    _fills_form(zhang)
    zhang.press("下一步")
    zhang.looks_at("上传材料")
    for name in _wanted_materials(zhang):
        zhang.uploads(name, (f"{name}.jpg", "image/jpeg", paper(name, "JPEG")))
    zhang.press("下一步")
    # Several ways of equal rank: the one thing to choose, none of them pushed.
    zhang.looks_at("人脸核验告知书", one_button=False)
    ways = zhang.page.get_by_role("button", name=re.compile("^(同意并开始|不刷脸)")).filter(visible=True)
    expect(ways.nth(1)).to_be_visible()
    heights = {round(way.bounding_box()["height"]) for way in ways.all()}  # type: ignore[index]
    assert ways.count() >= 2 and min(heights) >= LARGE_TARGET_PX, heights
    zhang.press("同意并开始")
    zhang.looks_at("人脸核验")
    zhang.passes_face_check()
    zhang.looks_at("阅读并签名")
    zhang.press("看原件").reads_to_the_end().writes_name().press("确认签名")
    zhang.press("提交申请", timeout=60_000)
    expect(zhang.heading("已提交")).to_be_visible(timeout=30_000)
    assert len(zhang.screens) <= MOST_SCREENS, zhang.screens


def test_the_number_of_the_identity_card_stays_on_one_line(hall: RunningHall, windows: Windows) -> None:
    li = Citizen(windows.phone(), hall.base_url, "李娜").opens().logs_in().tab("我").is_on("我")
    li.press("去实名").declares_identity().is_on("我")
    number = li.page.get_by_text(re.compile(r"^\d{4}\*{10}\d{3}[\dX]$")).filter(visible=True)
    for mode, width in (("normal", 390), ("large", 390), ("large", 320)):
        li.page.set_viewport_size({"width": width, "height": 844})
        with browser_modes.dressed(li.page, mode):
            expect(number).to_have_count(1)
            lines = number.evaluate(
                "e => { const text = document.createRange(); text.selectNodeContents(e); return text.getClientRects().length }"
            )
            box = number.bounding_box()
            assert lines == 1 and box is not None and box["x"] + box["width"] <= width, f"{mode}, {width} px wide: {lines} lines, {box}"


def _answers_all(zhang: Newcomer) -> None:
    """One question after the other on one page that grows."""
    zhang.is_on("先回答几个问题")
    zhang.looks_at("先回答几个问题")
    for question, answer in ANSWERS:
        zhang.answers(question, ALONE.get(question, answer))


def _fills_form(zhang: Newcomer) -> None:
    expect(zhang.field("店铺字号")).to_be_visible()
    for label, value in (*FORM, *DELIVERY):
        if zhang.field(label).or_(zhang.page.get_by_role("radiogroup", name=re.compile(rf"^{re.escape(label)}"))).count():
            zhang.fills(label, ALONE.get(label, value))


def _wanted_materials(zhang: Newcomer) -> list[str]:
    expect(zhang.page.get_by_role("button", name=re.compile("^拍照或选文件：")).first).to_be_visible()
    rows = zhang.page.get_by_role("button", name=re.compile("^拍照或选文件："))
    return [(row.get_attribute("aria-label") or row.inner_text()).removeprefix("拍照或选文件：").split("，")[0] for row in rows.all()]
