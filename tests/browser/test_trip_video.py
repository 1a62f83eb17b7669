"""The video counter on both sides (R52, R82), and what goes wrong there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.main_job import MainJob
from tests.browser.pages.video_desk import Caller, VideoClerk, is_filming, remembers_tracks
from tests.browser.trip_video import video
from tests.factories import browser_faults
from tests.factories.browser_modes import faults_of
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

ENDED = "这个通话已经结束：可能已有结论，或者对方离开了。"


@pytest.fixture(scope="module")
def case(hall: RunningHall) -> str:
    """张伟 and 李娜 are both to sign it."""
    return str(played(hall, until="application")["case_id"])


def test_the_trip(hall: RunningHall, windows: Windows) -> None:
    faults: list[str] = []

    def visit(name: str, page: Page) -> None:
        faults.extend(faults_of(page, name))

    video(MainJob(hall, windows, windows.phone, windows.desktop, visit))
    assert faults == [], "\n".join(faults)


def test_two_who_wait_and_a_clerk_at_two_desks(hall: RunningHall, windows: Windows, case: str) -> None:
    """Taken twice it is one call, at either desk; a reload keeps it and the ticks, and who is put back keeps the place."""
    zhang = Caller(windows.phone(), hall.base_url, "张伟").opens().logs_in().opens_video(case)
    zhang.button("开始排队").dblclick()
    zhang.sees("下一个就是您")
    li = Caller(windows.phone(), hall.base_url, "李娜").opens().logs_in().opens_video(case).queues().sees("前面还有 1 位")
    chen = VideoClerk(windows.desktop(), hall, "chen.jing").signs_in().opens_desk()
    other = VideoClerk(windows.desktop(), hall, "chen.jing").signs_in().opens_desk()
    chen.button("接听下一位").dblclick()
    chen.sees("张伟").checks(3)
    zhang.sees("工作人员已经接通")
    li.sees("下一个就是您")
    chen.page.reload()
    expect(chen.call.get_by_role("checkbox", checked=True)).to_have_count(3)
    chen.sees("还有 2 项没有核对。")
    expect(chen.button("核验通过", within=chen.call)).to_be_disabled()
    other.sees("张伟").sees("这个通话的画面开在您的另一个窗口里。")
    chen.sees_the_person().puts_back().sees("已放回队列，位置不变。")
    other.sees(ENDED)
    zhang.sees("下一个就是您")
    li.sees("前面还有 1 位").leaves_queue().sees("您离开了队列。")
    chen.takes_next().sees("张伟")
    zhang.press("挂断")
    zhang.press("挂断", within=zhang.dialog("要挂断吗？")).sees("您不在队列里了")
    chen.sees(ENDED).sees("现在没有人排队。")


def test_the_call_carries_pictures_and_survives_a_reload_on_either_side(hall: RunningHall, windows: Windows, case: str) -> None:
    """Nobody is accepted unseen; whoever comes back is seen again; and when it is over no camera is open."""
    zhang_page, chen_page = windows.phone(), windows.desktop()
    for page in (zhang_page, chen_page):
        remembers_tracks(page)
    zhang = Caller(zhang_page, hall.base_url, "张伟").opens().logs_in().opens_video(case)
    chen = VideoClerk(chen_page, hall, "chen.jing").signs_in().opens_desk()
    zhang.queues()
    chen.takes_next().checks().sees_the_person()
    zhang.is_connected()
    expect(chen.button("核验通过", within=chen.call)).to_be_enabled()
    zhang.page.reload()
    zhang.is_on("视频核验").is_connected()
    chen.sees_the_person().page.reload()
    chen.is_on("视频核验").sees_the_person()
    zhang.is_connected()
    assert is_filming(zhang.page) and is_filming(chen.page)
    with browser_faults.broken(zhang.page, "**/answer", method="PUT", status=503):
        chen.page.reload()
        zhang.sees("画面和声音没有接上").sees("可以改约窗口")
        expect(chen.button("核验通过", within=chen.call)).to_be_disabled()
        chen.sees("看到对方的画面才能通过。")
    zhang.press("重新连接").is_connected()
    chen.sees_the_person().refuses("画面看不清")
    zhang.sees("这次没有通过")
    assert not is_filming(zhang.page) and not is_filming(chen.page)


def test_two_windows_of_one_person(hall: RunningHall, windows: Windows, case: str) -> None:
    """The call goes to the window that answers first, and moves when the person wants it elsewhere."""
    chen = VideoClerk(windows.desktop(), hall, "chen.jing").signs_in().opens_desk()
    zhang = Caller(windows.phone(), hall.base_url, "张伟").opens().logs_in().opens_video(case).queues()
    chen.takes_next().sees_the_person()
    zhang.is_connected()
    second = Caller(zhang.page.context.new_page(), hall.base_url, "张伟").opens_video(case).is_connected()
    zhang.sees("画面和声音开在您的另一个窗口里").press("在这里接通").is_connected()
    second.sees("画面和声音开在您的另一个窗口里")
    chen.sees_the_person().puts_back()
    zhang.leaves_queue()


def test_leaving_and_coming_back(hall: RunningHall, windows: Windows, case: str) -> None:
    """The place is kept over a killed app and a lost signal; with every answer lost there is still one place."""
    zhang = Caller(windows.phone(), hall.base_url, "张伟").opens().logs_in().opens_video(case)
    with browser_faults.broken(zhang.page, "**/api/citizen/video-checks", method="POST", after_server=True) as fault:
        zhang.press("开始排队").sees("网络不太好")
    assert fault.answered.count(201) >= 1
    zhang.press("重试").sees("下一个就是您")
    zhang.closes_and_opens(zhang.address).is_on("视频核验").sees("下一个就是您")
    with browser_faults.no_signal(zhang.page.context):
        zhang.sees("网络不通").sees("下一个就是您")
    expect(zhang.page.get_by_text("网络不通").filter(visible=True)).to_have_count(0)
    chen = VideoClerk(windows.desktop(), hall, "chen.jing").signs_in().opens_desk().takes_next().checks()
    chen.press("核验通过", within=chen.call)
    sure = chen.dialog("核验通过")
    with browser_faults.broken(chen.page, "**/video/current/decision", method="POST", after_server=True):
        chen.press("确认通过", within=sure)
        expect(sure).to_contain_text("网络断开了")
    zhang.sees("您的身份已经核验过了").goes_back().is_on("零跑办")
    zhang.opens_video(case).sees("您的身份已经核验过了").press("去签名").is_on("阅读并签名")
    chen.page.reload()
    chen.is_on("视频核验").sees("现在没有人排队。")


def test_without_a_camera_or_a_case(windows_without_camera: Windows, hall: RunningHall, case: str) -> None:
    """The way out is on the page."""
    li = Caller(windows_without_camera.phone(), hall.base_url, "李娜").opens().logs_in()
    li.goes_to_page("/packages/identity/video").is_on("视频核验").sees("请从要核验的那件事进来")
    li.opens_video("case_<img src=x onerror=1>").sees("没有找到")
    li.opens_video(case).queues().sees("还没有允许使用摄像头和麦克风").sees("可以改约窗口")
    chen = VideoClerk(windows_without_camera.desktop(), hall, "chen.jing").signs_in().opens_desk().takes_next().checks()
    chen.sees("看到对方的画面才能通过。")
    expect(chen.button("核验通过", within=chen.call)).to_be_disabled()
    chen.puts_back()
    li.leaves_queue().sees("您离开了队列。").press("不视频，预约窗口办理").is_on("预约窗口").goes_back().is_on("视频核验")


def test_a_desk_that_could_not_be_read(hall: RunningHall, windows: Windows) -> None:
    chen = VideoClerk(windows.desktop(), hall, "chen.jing").signs_in()
    with browser_faults.broken(chen.page, "**/api/clerk/identity/video/queue", status=500):
        chen.opens_desk()
        expect(chen.button("再试一次")).to_be_visible()
    chen.press("再试一次").sees("现在没有人排队。")


def test_outside_the_hours_and_in_a_hall_without_video(hall: RunningHall, windows: Windows, case: str) -> None:
    """Said before anything is pressed, and the counter is always there."""
    li = Caller(windows.phone(), hall.base_url, "李娜").opens().logs_in()
    closed = {"opens_at": "2026-11-30T01:00:00Z", "opening_text": "11 月 30 日（周一）09:00", "hours_text": "工作日 09:00—12:00"}
    li.page.route("**/api/citizen/video-checks", lambda route: route.fulfill(json={"data": closed}))
    li.opens_video(case).sees("工作日 09:00—12:00").sees("现在没有人接听，11 月 30 日（周一）09:00 开始可以排队。")
    expect(li.button("开始排队")).to_be_disabled()
    li.press("不视频，预约窗口办理").is_on("预约窗口")
    error = {"code": "video.not_offered", "message": "这里还没有开通视频核验，可以刷脸或到窗口办理。", "fields": {}, "request_id": "r"}
    li.page.unroute("**/api/citizen/video-checks")
    li.page.route("**/api/citizen/video-checks", lambda route: route.fulfill(status=404, json={"error": error}))
    li.goes_back().is_on("视频核验").sees("这里还没有开通视频核验")
    expect(li.button("开始排队")).to_have_count(0)
    li.press("不视频，预约窗口办理").is_on("预约窗口")
