"""R82, R27. A phone whose clock is wrong: dates and countdowns are the hall's. One whose camera is refused: there is another way."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from core.clock import BEIJING
from tests.browser.main_job import ITEM
from tests.browser.pages.applicant import Applicant
from tests.factories import browser_faults
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

WEEKDAYS = "一二三四五六日"
COUNTER = "不刷脸，预约窗口办理"


def day_in_words(day: date, today: date) -> str:
    near = {0: "今天 ", 1: "明天 "}.get((day - today).days, "")
    return f"{near}{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


@pytest.mark.parametrize(
    ("name", "off"), [("王建国", timedelta(days=3 * 365)), ("李娜", timedelta(days=-2))], ids=["3 years ahead", "2 days behind"]
)
def test_dates_and_countdowns_do_not_follow_a_wrong_clock(hall: RunningHall, windows: Windows, name: str, off: timedelta) -> None:
    page = windows.phone()
    browser_faults.wrong_clock(page.context, off)
    someone = Applicant(page, hall.base_url, name).opens().logs_in().goes_to_page("/packages/identity/counter").is_on("预约窗口")
    today = datetime.now(BEIJING).date()
    someone.page.get_by_role("radiogroup", name=re.compile("第一步")).get_by_role("radio").first.click()
    days = someone.page.get_by_role("radiogroup", name=re.compile("第二步"))
    expect(days).to_be_visible()
    offered = [label.split("，")[0] for label in days.get_by_role("radio").all_inner_texts()]
    right = [day_in_words(today + timedelta(days=ahead), today) for ahead in range(14)]
    assert offered and offered == [day for day in right if day in offered], "in order, each with its own weekday, today and tomorrow named"
    days.get_by_role("radio").first.click()
    someone.page.get_by_role("button", name=re.compile(r"还有 \d+ 个号")).first.click()
    held = someone.page.get_by_text(re.compile(r"给您留着这个号，还剩 (10|9) 分"))
    expect(held).to_be_visible()
    before = held.inner_text()
    expect(held).not_to_have_text(before)
    someone.press("确认预约").sees("预约好了。").sees(re.compile(f"^{offered[0]} \\d\\d:\\d\\d"))
    someone.goes_to_page("/packages/identity/appointments").is_on("我的预约").sees(re.compile(f"^{offered[0]} \\d\\d:\\d\\d"))


def test_a_case_shows_the_halls_time(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    browser_faults.wrong_clock(page.context, timedelta(days=3 * 365))
    ji = Applicant(page, hall.base_url, "𠮷祥云").starts_case().sees_cases(1)
    now = datetime.now(BEIJING)
    times = [now - timedelta(minutes=ago) for ago in range(3)]
    ji.sees(re.compile(r"草稿 · (?:" + "|".join(f"{at.month}月{at.day}日 {at:%H:%M}" for at in times) + ") 改过"))


@pytest.fixture(scope="module")
def case_to_sign(hall: RunningHall) -> str:
    """张伟's, with nothing missing but his proof of identity and the signatures."""
    return str(played(hall, until="application")["case_id"])


@pytest.mark.parametrize(
    ("windows_without_camera", "words"),
    [("denied", "还没有允许使用摄像头"), ("absent", "摄像头打不开")],
    indirect=["windows_without_camera"],
)
def test_without_a_camera_the_counter_is_offered_on_equal_terms(
    hall: RunningHall, windows_without_camera: Windows, case_to_sign: str, words: str
) -> None:
    zhang = Applicant(windows_without_camera.phone(), hall.base_url, "张伟").opens().logs_in().opens_case(ITEM)
    zhang.press("去核验和签名").is_on("人脸核验告知书")
    agree, decline = zhang.button("同意并开始").bounding_box(), zhang.button(COUNTER).bounding_box()
    assert agree and decline and (agree["width"], agree["height"]) == (decline["width"], decline["height"]), "saying no is as easy"
    zhang.press("同意并开始").is_before_camera().press("开始核验")
    trouble = zhang.page.get_by_role("alert")
    for _ in range(2):
        expect(trouble).to_contain_text(words)
        expect(trouble).to_contain_text("不想用摄像头也可以")
        expect(zhang.button("开始核验")).to_have_count(0)
        zhang.press("重新打开摄像头")
    assert zhang.case_id == case_to_sign
    expect(zhang.button(COUNTER)).to_be_enabled()
    if words.startswith("还没有允许"):
        assert re.fullmatch(r"(\d ?){6}", zhang.books_counter())
