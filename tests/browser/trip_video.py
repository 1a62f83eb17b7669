"""Somebody of whom the portrait authority has no picture proves over video who he is; that is enough to sign with."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.main_job import MainJob
from tests.browser.pages.video_desk import Caller, VideoClerk


def video(job: MainJob) -> None:
    wang = Caller(job.citizens_on(), job.hall.base_url, "王建国").reaches_the_proof()
    clerk = VideoClerk(job.staff_on(), job.hall, "chen.jing").signs_in().opens_desk().sees("现在没有人排队。")
    job.saw("console/video", clerk)
    wang.press("不刷脸，视频核验").is_on("视频核验").sees("请先准备好")
    job.saw("citizen/video", wang)
    wang.queues().sees("下一个就是您").sees("大约再等 5 分钟").sees("现在只有您看得到")
    job.saw("citizen/video-waiting", wang)
    is_picked_up(job, wang, clerk)
    clerk.refuses("画面看不清").sees("已登记不通过")
    wang.sees("这次没有通过").sees("画面看不清楚，工作人员没法核对。")
    job.saw("citizen/video-refused", wang)
    wang.press("重新排队").sees("下一个就是您")
    clerk.takes_next().checks().sees_the_person().accepts().sees("核验通过，申请人可以继续签名。")
    wang.sees("您的身份已经核验过了")
    job.saw("citizen/video-accepted", wang)
    wang.press("去签名").is_on("阅读并签名").signs()


def is_picked_up(job: MainJob, wang: Caller, clerk: VideoClerk) -> None:
    expect(clerk.page.get_by_text("1 人", exact=True)).to_be_visible()
    clerk.takes_next().sees("王建国").sees("还有 5 项没有核对。").sees_the_person()
    wang.sees("工作人员已经接通").is_connected()
    job.saw("citizen/video-talking", wang)
    job.saw("console/video-call", clerk)
