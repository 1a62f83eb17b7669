"""The desks of those who settle who somebody is, on a day on which nothing waits there."""

from __future__ import annotations

from tests.browser.main_job import MainJob
from tests.browser.pages.identity_desk import IdentityClerk, Supervisor


def identity_desk(job: MainJob) -> None:
    clerk = IdentityClerk(job.staff_on(), job.hall, "chen.jing").signs_in().opens_guardianships().sees("没有等待核实的监护关系。")
    job.saw("console/guardianships-none", clerk)
    supervisor = Supervisor(job.staff_on(), job.hall, "supervisor").signs_in()
    supervisor.goes_to("核验照片").is_on("留下的核验照片").type("账号编号", "account:account_nobody").press("查找")
    supervisor.sees("这个账号没有留下照片。")
    job.saw("console/pictures-none", supervisor)
    supervisor.goes_to("核验方式").is_on("核验方式对比")
    for way in ("手机人脸核验", "窗口当面核验", "视频核验", "U 盾核验"):
        supervisor.sees(way)
    job.saw("console/routes", supervisor)
