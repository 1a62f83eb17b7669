"""The pages beside the main job's path, as people come to them: through the tabs, the menus and the links."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.main_job import ITEM, MainJob
from tests.browser.pages.citizen import Citizen
from tests.browser.pages.courier import Courier
from tests.browser.pages.staff import Staff

ADMIN = (("人员", "staff"), ("快递员", "couriers"), ("事项", "items"), ("待重发", "outbox"))
SUPERVISOR = (("留痕核验", "chains"), ("核验方式", "routes"))


def look_around(job: MainJob) -> None:
    """After the main job was played to its end."""
    of_the_applicant(job)
    of_somebody_without_camera(job)
    of_the_courier(job)
    of_the_clerks(job)
    of_the_others(job)


def of_the_applicant(job: MainJob) -> None:
    zhang = job.zhang
    zhang.page.goto(f"{zhang.base_url}/m/")
    zhang.is_on("零跑办")
    job.saw("citizen/home-signed-in", zhang)
    zhang.opens_case(ITEM)
    zhang.press("办件留痕").is_on("办件留痕").sees("记录完整，没有被改动过")
    job.saw("citizen/record", zhang)
    zhang.goes_back().is_on("办理进度").goes_back().is_on("我的办件")
    job.saw("citizen/cases", zhang)
    zhang.tab("我的证照").is_on("我的证照").sees("出示证照")
    job.saw("citizen/wallet", zhang)
    zhang.tab("我").is_on("我").sees("已实名")
    job.saw("citizen/me", zhang)
    for row, title, name in (
        ("消息", "消息", "messages"),
        ("我的快件", "我的快件", "parcels"),
        ("我的预约", "我的预约", "appointments"),
        ("字号与外观", "字号与外观", "settings"),
        ("隐私中心", "隐私中心", "privacy"),
    ):
        zhang.press(row).is_on(title)
        job.saw(f"citizen/{name}", zhang)
        zhang.goes_back().is_on("我")


def of_somebody_without_camera(job: MainJob) -> None:
    """A visit to the counter is booked, without any case too."""
    wang = Citizen(job.citizens_on(), job.hall.base_url, "王建国").opens()
    wang.tab("我").is_on("我")
    job.saw("citizen/me-signed-out", wang)
    wang.press("去登录").is_on("登录").press(wang.name).is_on("我")
    wang.tab("我的办件").is_on("我的办件")
    job.saw("citizen/cases-none", wang)
    wang.tab("我的证照").is_on("我的证照")
    job.saw("citizen/wallet-none", wang)
    wang.page.goto(f"{wang.base_url}/m/#/pages/nowhere")
    wang.is_on("没有这个页面")
    job.saw("citizen/lost", wang)
    wang.press("回首页").is_on("零跑办")
    wang.tab("我").is_on("我").press("我的预约").is_on("我的预约").press("预约窗口").is_on("预约窗口")
    job.saw("citizen/counter", wang)


def of_the_courier(job: MainJob) -> None:
    courier = job.courier
    job.windows.camera.show_room()
    courier.page.goto(f"{courier.base_url}/m/#/packages/courier/parcels")
    courier.is_on("我的派送")
    job.saw("courier/parcels", courier)
    courier.press("扫码取件").is_on("扫码取件").sees("先扫运单上的码")
    job.saw("courier/scan", courier)
    new = Courier(job.citizens_on(), job.hall.base_url)
    new.page.goto(f"{new.base_url}/m/")
    new.press("登录").press(new.name).is_on("快递员登录")
    job.saw("courier/login", new)


def of_the_clerks(job: MainJob) -> None:
    chen, liu = job.chen, job.liu
    chen.goes_to("窗口").is_on("窗口预约")
    job.saw("console/counter", chen)
    chen.goes_to("证照").is_on("证照")
    job.saw("console/licences", chen)
    liu.goes_to("整改").is_on("差评整改")
    job.saw("console/ratings", liu)


def of_the_others(job: MainJob) -> None:
    admin = Staff(job.staff_on(), job.hall, "admin").signs_in()
    for entry, name in ADMIN:
        admin.goes_to(entry).is_on(entry)
        job.saw(f"console/{name}", admin)
    supervisor = Staff(job.staff_on(), job.hall, "supervisor").signs_in()
    for entry, name in SUPERVISOR:
        supervisor.goes_to(entry)
        expect(supervisor.page.get_by_role("heading", level=1)).to_have_text(re.compile("^(留痕核验|核验方式对比)$"))
        job.saw(f"console/{name}", supervisor)
    supervisor.goes_to("留痕核验").is_on("留痕核验")
    supervisor.page.get_by_role("button", name=re.compile("^核验：")).first.click()
    expect(supervisor.page.get_by_role("dialog")).to_be_visible()
    job.saw("console/chain", supervisor)
    company = Staff(job.staff_on(), job.hall, "enterprise").signs_in().is_on("我的企业")
    job.saw("console/enterprise", company)
    company.page.goto(f"{company.base_url}/console/#/nowhere")
    job.saw("console/not-found", company)
