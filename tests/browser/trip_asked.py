"""Somebody gets a link from a bank, reads who asks and why, agrees, and proves by a U-key who she is."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.main_job import MainJob
from tests.browser.pages.subject import Subject
from tests.factories.browser_asking import PURPOSE, Asker


def asked(job: MainJob) -> None:
    bank = Asker(job.hall)
    question = bank.asks("li_na")
    li = Subject(job.citizens_on(), job.hall.base_url, "李娜").follows(question.link).sees("登录以后才看得到是谁、为什么")
    job.saw("citizen/asked-stranger", li)
    li.logs_in_and_declares().sees(bank.name).sees(PURPOSE).sees("以前答复").sees("企业得不到什么")
    assert "token" not in li.address, "a used link is gone from the address"
    job.saw("citizen/asked", li)
    li.agrees()
    expect(li.button("刷脸核验")).to_be_visible()
    job.saw("citizen/asked-agreed", li)
    li.press("不刷脸，U 盾核验").is_on("U 盾核验").sees("请先准备好")
    job.saw("citizen/ukey", li)
    li.press("开始").sees("第一步：保存要签的文件")
    job.saw("citizen/ukey-steps", li)
    li.press("张伟的 U 盾").sees("与您的账号不一致")
    li.press("李娜的 U 盾").is_told()
    job.saw("citizen/asked-done", li)
    assert bank.state_of(question) == "verified"
    bank.asks("li_na")
    li.opens().tab("我").is_on("我").press("企业请我做的核验").is_on("企业请我做的核验").sees("等您答复").sees("核验通过")
    job.saw("citizen/requests", li)
    bank.close()
