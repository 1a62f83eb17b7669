"""Guardianships, proofs taken back, kept pictures, the four routes: at the console (R52, R82), and what goes wrong there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.main_job import MainJob
from tests.browser.pages.applicant import Applicant
from tests.browser.pages.household import Household
from tests.browser.pages.identity_desk import IdentityClerk, Supervisor
from tests.browser.trip_identity_desk import identity_desk
from tests.factories import browser_faults
from tests.factories.browser_modes import faults_of
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

CHILD = "李小雨"
HOSTILE = '<img src=x onerror="globalThis.fell=1">'


@pytest.fixture(scope="module")
def case(hall: RunningHall) -> str:
    """张伟 and 李娜 are both to sign it."""
    return str(played(hall, until="application")["case_id"])


def test_the_trip(hall: RunningHall, windows: Windows) -> None:
    faults: list[str] = []

    def visit(name: str, page: Page) -> None:
        faults.extend(faults_of(page, name))

    identity_desk(MainJob(hall, windows, windows.phone, windows.desktop, visit))
    assert faults == [], "\n".join(faults)


def test_a_child_is_refused_then_confirmed_and_a_proof_is_taken_back(hall: RunningHall, windows: Windows, case: str) -> None:
    """Pressed twice, with answers lost on the way: each happens once, and the guardian sees it."""
    li = Household(windows.phone(), hall.base_url, "李娜").opens().logs_in()
    code = li.goes_to_page(f"/packages/identity/consent?case={case}").is_on("人脸核验告知书").books_counter()
    chen = IdentityClerk(windows.desktop(), hall, "chen.jing").signs_in()
    chen.checks_in(code).sees("已签到").identifies().sees("身份核验通过")
    child = Applicant(windows.phone(), hall.base_url, CHILD).opens().logs_in().tab("我").is_on("我")
    child.press("去实名").declares_identity().is_on("我")

    li.goes_to_page("/packages/person/guardians").is_on("孩子的监护").registers(CHILD, "爸爸或妈妈").sees("等窗口核对")
    chen.opens_guardianships().refuses_guardianship(CHILD, "材料证明不了监护关系").sees("没有等待核实的监护关系。")
    li.page.reload()
    li.is_on("孩子的监护").sees("带来的材料看不出您和孩子的监护关系。").sees("准备好以后，点“登记孩子”重新登记")
    li.registers(CHILD, "爸爸或妈妈").sees("等窗口核对")

    chen.page.reload()
    chen.is_on("监护关系核实").page.get_by_role("button", name=f"核实：{CHILD}", exact=True).click()
    dialog = chen.dialog("核实监护关系")
    for tick in chen.ticks(dialog):
        tick.check()
    with browser_faults.broken(chen.page, "**/guardianships/proofs", method="POST", after_server=True) as fault:
        chen.button("核实通过", within=dialog).dblclick()
        expect(dialog).to_contain_text("网络断开了")
    assert fault.answered == [200]
    chen.press("核实通过", within=dialog).sees("没有等待核实的监护关系。")
    li.page.reload()
    li.is_on("孩子的监护").sees("已核实")

    chen.goes_to("窗口").is_on("窗口预约").takes_proof_back("本人要求撤销").sees("已撤销本人核验")
    li.goes_to_page("/packages/person/level").is_on("实名等级").sees("您现在：证件已核验")


def test_a_picture_that_is_not_there(hall: RunningHall, windows: Windows) -> None:
    """Hostile text and a lost signal in the search; back leads to the account before."""
    supervisor = Supervisor(windows.desktop(), hall, "supervisor").signs_in().goes_to("核验照片").is_on("留下的核验照片")
    expect(supervisor.button("查找")).to_be_disabled()
    supervisor.type("账号编号", HOSTILE).press("查找").sees("这个账号没有留下照片。")
    assert supervisor.page.evaluate("globalThis.fell") is None
    with browser_faults.broken(supervisor.page, "**/audit-images?*", status=500):
        supervisor.type("账号编号", "account_other").press("查找")
        expect(supervisor.button("再试一次")).to_be_visible()
    supervisor.press("再试一次").sees("这个账号没有留下照片。")
    supervisor.page.go_back()
    expect(supervisor.field("账号编号")).to_have_value(HOSTILE)
