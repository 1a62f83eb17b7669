"""Being asked by an enterprise (R51, R52, R82): the ways of proof, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from sandbox.persons import find_person
from tests.browser.main_job import MainJob
from tests.browser.pages.subject import Subject
from tests.browser.trip_asked import asked
from tests.factories import browser_faults
from tests.factories.browser_asking import Asker
from tests.factories.browser_modes import faults_of
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows


@pytest.fixture(scope="module")
def bank(hall: RunningHall) -> Iterator[Asker]:
    asker = Asker(hall)
    yield asker
    asker.close()


def test_the_trip(hall: RunningHall, windows: Windows, bank: Asker) -> None:
    faults: list[str] = []

    def visit(name: str, page: Page) -> None:
        faults.extend(faults_of(page, name))

    asked(MainJob(hall, windows, windows.phone, windows.desktop, visit))
    assert faults == [], "\n".join(faults)


def test_by_face(hall: RunningHall, windows: Windows, bank: Asker) -> None:
    """All ways look alike; after the face the bank is told. The link has done its duty with the answer; the question stays."""
    question = bank.asks("zhang_wei")
    zhang = Subject(windows.phone(), hall.base_url, "张伟").follows(question.link).logs_in_and_declares()
    zhang.button("同意核验").dblclick()
    zhang.sees("您同意了，还差一步")
    looks = {
        name: zhang.button(name).get_attribute("class")
        for name in ("刷脸核验", "不刷脸，视频核验", "不刷脸，U 盾核验", "不刷脸，预约窗口办理")
    }
    assert len(set(looks.values())) == 1, looks
    zhang.follows(question.link).sees("这个链接打不开").press("看看企业请我做的核验").is_on("企业请我做的核验")
    zhang.press("锦川银行").sees("您同意了，还差一步")
    windows.camera.show_face("a")
    zhang.press("刷脸核验").shows_face_until_told()
    assert bank.state_of(question) == "verified"


def test_refusing_and_being_too_late(hall: RunningHall, windows: Windows, bank: Asker) -> None:
    question = bank.asks("zhang_wei")
    zhang = Subject(windows.phone(), hall.base_url, "张伟").follows(question.link).logs_in_and_declares()
    zhang.press("不同意").press("再想想", within=zhang.dialog("不同意这次核验吗？")).reads_question()
    zhang.press("不同意")
    with browser_faults.broken(zhang.page, "**/decline", method="POST", after_server=True, times=2):
        zhang.press("不同意", within=zhang.dialog("不同意这次核验吗？")).sees("不影响您办别的事。", timeout=20_000)
        expect(zhang.heading("您没有同意")).to_be_visible()
    assert bank.state_of(question) == "declined"
    zhang.follows(question.link).sees("这个链接打不开").press("看看企业请我做的核验").is_on("企业请我做的核验").sees("您没有同意")

    other = bank.asks("zhang_wei")
    zhang.follows(other.link).reads_question()
    bank.cancels(other)
    zhang.press("同意核验").sees("企业取消了")


def test_links_that_open_nothing(hall: RunningHall, windows: Windows, bank: Asker) -> None:
    """Cut off, made up, or meant for somebody else: none says more than another."""
    question = bank.asks("zhang_wei")
    li = Subject(windows.phone(), hall.base_url, "李娜").follows(question.link).press("去登录").is_on("登录").press("李娜")
    expect(li.heading("实名").or_(li.page.get_by_text("这个链接打不开")).first).to_be_visible()
    if li.heading("实名").count():
        li.declares_identity()
    li.sees("这个链接打不开")
    li.goes_to_page("/packages/identity/asked?token=<img src=x onerror=alert(1)>").sees("这个链接打不开")
    li.goes_to_page("/packages/identity/asked").sees("链接不完整")
    li.goes_to_page(f"/packages/identity/asked?request={question.id}").sees("没有找到")
    li.goes_to_page("/packages/identity/ukey").sees("请从要核验的那件事进来")
    assert bank.state_of(question) == "invited"
    zhang = Subject(windows.phone(), hall.base_url, "张伟").opens().logs_in()
    with browser_faults.broken(zhang.page, "**/verification-invitations", method="POST", after_server=True, times=2):
        zhang.follows(question.link).sees("网络不太好")
    zhang.press("重试").reads_question()


def test_a_ukey_by_files(hall: RunningHall, windows: Windows, bank: Asker, tmp_path: Path) -> None:
    """As with a real one: saved, signed elsewhere, certificate and signature chosen. The answer gets lost on top of that."""
    question = bank.asks("zhang_wei")
    zhang = Subject(windows.desktop(), hall.base_url, "张伟").follows(question.link).logs_in_and_declares().agrees()
    zhang.press("不刷脸，U 盾核验").press("开始")
    with zhang.page.expect_download() as saving:
        zhang.press("保存要签的文件")
    saving.value.save_as(tmp_path / "message.txt")
    person = find_person("zhang_wei")
    assert person is not None
    body = {"person": person.key, "message": (tmp_path / "message.txt").read_text("utf-8")}
    made = httpx.post(f"{hall.base_url}/api/open/dev/ukey-signature", json=body, trust_env=False).json()["data"]
    zhang.pick("选证书文件", ("me.txt", "text/plain", b"nothing")).sees("这个文件里没有证书")
    expect(zhang.button("提交签名")).to_be_disabled()
    pem = f"-----BEGIN CERTIFICATE-----\n{made['certificates'][0]}\n-----END CERTIFICATE-----\n"
    zhang.pick("选证书文件", ("me.cer", "application/x-x509-ca-cert", pem.encode()))
    zhang.pick("选签名文件", ("me.sig", "application/octet-stream", made["signature"].encode())).sees("签名：me.sig")
    with browser_faults.broken(zhang.page, "**/proof", method="POST", after_server=True):
        zhang.press("提交签名").is_told()
    assert bank.state_of(question) == "verified"
