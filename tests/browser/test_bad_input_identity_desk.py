"""One guardianship before two desks at once (R82)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.pages.applicant import Applicant
from tests.browser.pages.household import Household
from tests.browser.pages.identity_desk import IdentityClerk
from tests.factories import browser_faults
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

CHILD, GRANDPARENT = "李小雨", "爷爷奶奶、外公外婆"


@pytest.fixture
def waiting(hall: RunningHall, windows: Windows) -> Household:
    """李娜 has registered the child and waits for a clerk."""
    played(hall, until="identity")
    child = Applicant(windows.phone(), hall.base_url, CHILD).opens().logs_in().tab("我").is_on("我")
    child.press("去实名").declares_identity().is_on("我")
    li = Household(windows.phone(), hall.base_url, "李娜").opens().logs_in()
    li.goes_to_page("/packages/person/guardians").is_on("孩子的监护").registers(CHILD, GRANDPARENT).sees("等窗口核对")
    return li


def test_one_guardianship_at_two_desks(hall: RunningHall, windows: Windows, waiting: Household) -> None:
    """Three of four ticks are not enough; after an error the ticks are there; the desk that comes second is told."""
    chen = IdentityClerk(windows.desktop(), hall, "chen.jing").signs_in().opens_guardianships().press(f"核实：{CHILD}")
    proof = chen.dialog("核实监护关系")
    for tick in chen.ticks(proof)[:3]:
        tick.check()
    expect(chen.button("核实通过", within=proof)).to_be_disabled()
    other = IdentityClerk(windows.desktop(), hall, "chen.jing").signs_in().opens_guardianships()
    other.press(f"没有核实成：{CHILD}")
    refusal = other.dialog("没有核实成")
    expect(other.button("确认没有核实成", within=refusal)).to_be_disabled()
    refusal.get_by_role("radio", name="姓名或号码对不上").check()
    proof.get_by_role("checkbox").last.check()
    with browser_faults.broken(chen.page, "**/guardianships/proofs", method="POST", status=503):
        chen.press("核实通过", within=proof)
        expect(proof.get_by_role("alert")).to_be_visible()
    expect(proof.get_by_role("checkbox", checked=True)).to_have_count(4)
    chen.button("核实通过", within=proof).dblclick()
    expect(proof).to_be_hidden()
    other.press("确认没有核实成", within=refusal)
    expect(refusal.get_by_role("alert")).to_be_visible()
    waiting.goes_to_page("/packages/person/guardians").is_on("孩子的监护").sees("已核实")
