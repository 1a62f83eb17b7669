"""R82. A login ends in the middle of something: the person logs in again and is back on the same page, with everything still there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from api.demo.world import paper
from sandbox.persons import PERSONS
from tests.browser.pages.applicant import Applicant
from tests.browser.pages.courier import Courier
from tests.browser.pages.staff import Staff
from tests.factories.browser_server import RunningHall
from tests.factories.browser_sessions import let_logins_expire
from tests.factories.browser_windows import Windows

EXPIRED = "登录已过期，您填的内容都还在，请重新登录。"


@pytest.fixture
def citizen(hall: RunningHall, windows: Windows, request: pytest.FixtureRequest) -> Applicant:
    return Applicant(windows.phone(), hall.base_url, request.param)


@pytest.mark.parametrize("citizen", ["张伟"], indirect=True)
def test_a_half_filled_form_waits_for_the_new_login(hall: RunningHall, citizen: Applicant) -> None:
    citizen.starts_case().type("店铺字号", "登录过期小面馆").sees("已自动保存")
    form = citizen.address
    let_logins_expire(hall, "citizen")
    citizen.type("经营场所地址", "锦川市临江区滨河路 1 号").sees(EXPIRED).is_on("登录").press(citizen.name)
    citizen.is_on("填写申请").sees("已自动保存")
    assert citizen.address == form
    for _ in range(2):
        expect(citizen.field("店铺字号")).to_have_value("登录过期小面馆")
        expect(citizen.field("经营场所地址")).to_have_value("锦川市临江区滨河路 1 号")
        citizen.goes_to_page(form).is_on("填写申请")
    citizen.sees_cases(1)


@pytest.mark.parametrize("citizen", ["李娜"], indirect=True)
def test_a_name_typed_and_a_photograph_chosen_wait_too(hall: RunningHall, citizen: Applicant) -> None:
    citizen.gets_notice().press("开始办理").is_on("实名")
    # A login that ends while the page is still being read leads to the login before anything can be typed.
    expect(citizen.field("姓名")).to_be_visible()
    me = next(person for person in PERSONS if person.name == citizen.name)
    let_logins_expire(hall, "citizen")
    citizen.type("姓名", me.name).type("身份证号码", me.id_number).press("确认实名").sees(EXPIRED).is_on("登录").press(me.name)
    citizen.is_on("实名")
    expect(citizen.field("姓名")).to_have_value(me.name)
    expect(citizen.field("身份证号码")).to_have_value(me.id_number)
    citizen.press("确认实名").is_on("填写申请")

    citizen.goes_to_page(citizen.address.replace("/form?", "/materials?")).is_on("上传材料")
    expect(citizen.button("拍照或选文件：营业执照")).to_be_visible()
    let_logins_expire(hall, "citizen")
    citizen.pick("拍照或选文件：营业执照", ("营业执照.jpg", "image/jpeg", paper("营业执照", "JPEG")))
    citizen.sees(EXPIRED).is_on("登录").press(me.name).is_on("上传材料")
    expect(citizen.material("营业执照")).to_have_count(1)
    citizen.goes_to_page(citizen.address)
    expect(citizen.material("营业执照")).to_have_count(1)


def test_a_courier_whose_account_is_switched_off_is_asked_to_log_in(hall: RunningHall, windows: Windows) -> None:
    """The last test of the file: there is one courier only. The administrator does it in the console."""
    courier = Courier(windows.phone(), hall.base_url)
    courier.logs_in(hall.accounts()["courier"]["activation_code"])
    admin = Staff(windows.desktop(), hall, "admin").signs_in().goes_to("快递员").press("停用：赵师傅").press("确认停用")
    expect(admin.page.get_by_text("已停用", exact=True)).to_be_visible()
    courier.page.reload()
    courier.is_on("快递员登录").sees(EXPIRED)
    courier.choose("赵师傅").press("登录").sees(re.compile("还没有登录|填激活码"))
