"""A bank's first day: it registers, is let in, makes a key, gives an address for news and asks a company's people."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.main_job import MainJob
from tests.browser.pages.enterprise import COMPANY, PEOPLE, TABLE, Administrator, Company
from tests.factories.browser_receiver import receiver_beside


def enterprise(job: MainJob) -> None:
    bank, admin = Company(job.staff_on(), job.hall, "enterprise"), Administrator(job.staff_on(), job.hall, "admin")
    bank.signs_in().is_on("我的企业")
    job.saw("console/enterprise", bank)
    bank.registers().sees("登记已提交，平台管理员正在审核。")
    job.saw("console/enterprise-waiting", bank)
    admin.signs_in().decides("通过", COMPANY)
    job.saw("console/relying-party-approve", admin)
    admin.press("返回")
    job.saw("console/relying-parties", admin)
    admin.approves(COMPANY, 20)
    bank.page.reload()
    bank.is_on("我的企业").sees("已开通")
    job.saw("console/enterprise-approved", bank)
    assert bank.makes_key("柜面系统").startswith("ztk_")
    job.saw("console/key-secret", bank)
    bank.press("已经记下了")
    job.saw("console/keys", bank)
    with receiver_beside() as hooks:
        assert bank.adds_webhook(hooks.url).startswith("whsec_")
        bank.press("已经记下了")
        asks_a_company(job, bank)
        hears_of_it(job, bank)
        assert "webhook.test" in hooks.types() and "verification.cancelled" in hooks.types()
    bank.goes_to("用量").is_on("用量和额度").sees(f"本月已用 {len(PEOPLE)} 人次")
    job.saw("console/usage", bank)


def asks_a_company(job: MainJob, bank: Company) -> None:
    bank.begins_batch().pastes(TABLE).sees("读入了 3 人")
    job.saw("console/new-batch", bank)
    bank.sends_batch().is_on("一批核验").sees("3 人：3 人还在等")
    job.saw("console/batch", bank)
    bank.button("看链接").first.click()
    expect(bank.dialog("邀请链接").get_by_role("img", name=re.compile("邀请二维码"))).to_be_visible()
    bank.sees(re.compile("/m/#/packages/identity/asked"))
    job.saw("console/batch-link", bank)
    bank.press("好了").goes_to("批量").is_on("批量核验").sees("3 人还在等")
    job.saw("console/batches", bank)
    bank.goes_to("核验").is_on("身份核验")
    job.saw("console/verifications", bank)
    bank.opens("王**").is_on("核验详情")
    job.saw("console/verification", bank)
    bank.press("取消核验").press("确认取消").sees("您单位取消了核验")


def hears_of_it(job: MainJob, bank: Company) -> None:
    bank.goes_to("通知").is_on("结果通知").press("发测试通知").sees("测试通知已发出")
    job.saw("console/webhooks", bank)
    bank.follow("投递记录").is_on("投递记录").sees("对方回复 204", timeout=30_000).sees("核验已取消")
    job.saw("console/deliveries", bank)
