"""Somebody looks after her own standing and privacy: level of the real name, a kept picture, consents, a child she answers for."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.main_job import ITEM, MainJob
from tests.browser.pages.applicant import ALONE_ANSWERS, Applicant
from tests.browser.pages.household import Household
from tests.browser.pages.identity_desk import IdentityClerk, Supervisor

CHILD = "李小雨"


def person(job: MainJob) -> None:
    li = Household(job.citizens_on(), job.hall.base_url, "李娜").opens().logs_in()
    stands_somewhere(job, li)
    lets_one_picture_be_kept(job, li)
    shows_her_face(job, li)
    sees_what_is_kept(job, li)
    answers_for_a_child(job, li)


def stands_somewhere(job: MainJob, li: Household) -> None:
    li.tab("我").is_on("我").press("实名等级").is_on("实名等级").sees("一共四级，能做这些").sees(re.compile("^您现在："))
    job.saw("citizen/level", li)
    if li.button("去填姓名和证件").count():
        li.press("去填姓名和证件").is_on("实名").choose("写着“长期”", of="证件有效期").declares_identity()
        li.is_on("实名等级").sees("长期有效").sees("您现在：证件已核验")
    li.opens()


def lets_one_picture_be_kept(job: MainJob, li: Household) -> None:
    li.tab("我").is_on("我").press("隐私中心").is_on("隐私中心").press("留下的核验照片").is_on("留下的核验照片")
    li.sees("您没有同意留照片，所以不留").sees("没有人看过")
    job.saw("citizen/pictures-none", li)
    li.press("看完了，同意留一张").sees("您同意刷脸时留一张照片").sees("现在没有留下照片")


def shows_her_face(job: MainJob, li: Household) -> None:
    """On the way through an application of her own."""
    li.opens().opens_guide(ITEM).begins_questions()
    for question, answer in ALONE_ANSWERS:
        li.answers(question, answer)
    li.is_on("一次性告知书").press("开始办理").is_on("填写申请").fills_everything().press("下一步").is_on("上传材料")
    li.uploads_everything().press("下一步")
    agree = li.button("同意并开始")
    expect(agree.or_(li.button("开始核验"))).to_be_visible(timeout=30_000)
    if agree.count():
        agree.click()
    job.windows.camera.show_face("b")
    li.is_before_camera().passes_face_check()


def sees_what_is_kept(job: MainJob, li: Household) -> None:
    li.opens().tab("我").is_on("我").press("实名等级").is_on("实名等级").sees("您现在：本人已核验")
    li.sees_kept_pictures(1)
    li.sees("没有人看过")
    supervisor = Supervisor(job.staff_on(), job.hall, "supervisor").signs_in().finds_latest_account().sees("自动删除")
    job.saw("console/pictures", supervisor)
    supervisor.looks("当事人有争议")
    job.saw("console/pictures-look", supervisor)
    li.sees_kept_pictures(1)
    li.sees("监督人员，处理争议")
    job.saw("citizen/pictures", li)
    li.goes_to_page("/packages/person/consents").is_on("我给过的同意").sees("现在有效的 2 份").sees("现在留着 1 张")
    job.saw("citizen/consents", li)
    li.goes_to_page("/packages/person/pictures").is_on("留下的核验照片")
    li.button_beginning("删掉这张照片").click()
    sure = li.dialog("删掉这张照片？")
    expect(sure).to_contain_text("找不回来")
    li.press("确定删掉", within=sure).sees("照片已经删掉了。").sees("现在没有留下照片")
    li.sees("监督人员，处理争议")


def answers_for_a_child(job: MainJob, li: Household) -> None:
    child = Applicant(job.citizens_on(), job.hall.base_url, CHILD).opens().logs_in().tab("我").is_on("我")
    child.press("去实名").declares_identity().is_on("我")
    li.opens().tab("我").is_on("我").press("孩子的监护").is_on("孩子的监护").sees("还没有登记孩子")
    li.registers(CHILD, "爸爸或妈妈").sees("登记好了，等窗口核对材料。").sees("等窗口核对")
    job.saw("citizen/guardians", li)
    clerk = IdentityClerk(job.staff_on(), job.hall, "chen.jing").signs_in().opens_guardianships().sees(CHILD)
    job.saw("console/guardianships", clerk)
    clerk.proves(CHILD).sees("已核实")
    li.page.reload()
    li.is_on("孩子的监护").sees("已核实").press("看同意书，再决定")
    text = li.dialog("监护人同意书")
    expect(text).to_contain_text("年满 14 周岁当天")
    li.press("同意", within=text).sees("已同意，孩子可以刷脸了。").sees("已经同意")
    job.saw("citizen/guardians-agreed", li)
    child.goes_to_page("/packages/person/guardians").is_on("孩子的监护").sees("监护人同意您刷脸。")
    expect(child.page.get_by_role("button", name=re.compile("撤回同意|结束监护"))).to_have_count(0)
