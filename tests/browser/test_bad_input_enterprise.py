"""R82. Enterprises: a wrong code, hostile texts, wrong numbers by line, lost answers, double clicks, secrets that are gone. The tests take
one enterprise on, in this order."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.pages.enterprise import CODE, COMPANY, PEOPLE, PURPOSE, TABLE, Administrator, Company
from tests.factories import browser_faults
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

HOSTILE = '<img src=x onerror="globalThis.fell=1">"><script>globalThis.fell=1</script>{{7*7}}' + "长" * 20
NUMBERS = tuple(number for _, number, _ in PEOPLE)


def is_harmless(page: Page) -> None:
    assert page.evaluate("globalThis.fell") is None
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert "}}49" not in page.locator("body").inner_text()


def listed(who: Company) -> Locator:
    return who.page.get_by_role("main").get_by_role("listitem")


def test_a_registration_with_a_wrong_code_and_a_hostile_name(hall: RunningHall, windows: Windows) -> None:
    bank, admin = Company(windows.desktop(), hall, "enterprise").signs_in(), Administrator(windows.desktop(), hall, "admin").signs_in()
    bank.goes_to("密钥").is_on("接口密钥")
    bank.goes_to("核验").sees("请先登记企业信息。").follow("去看企业登记").is_on("我的企业")
    bank.press("提交登记").sees("请填写营业执照上的企业全称。").sees("统一社会信用代码是 18 位")
    bank.registers(HOSTILE, CODE[:-1] + "8").sees("统一社会信用代码不对")
    is_harmless(bank.page)
    expect(bank.field("企业名称")).to_have_value(HOSTILE)
    bank.type("统一社会信用代码", CODE)
    bank.button("提交登记").dblclick()
    bank.sees("登记已提交")
    is_harmless(bank.page)
    bank.goes_to("核验").sees("企业接入尚未开通或已暂停")
    reason = HOSTILE + "名称和营业执照不一样"
    admin.gives_reason("不通过", HOSTILE, reason)
    is_harmless(admin.page)
    bank.goes_to("企业").sees(reason).type("企业名称", COMPANY)
    is_harmless(bank.page)
    bank.press("重新提交").sees("登记已提交")
    admin.page.reload()
    dialog = admin.decides("通过", COMPANY)
    admin.type("每月额度", "很多", within=dialog).press("确认通过", within=dialog).sees("请填 0 到 1000000 的整数。").press("返回")
    admin.approves(COMPANY, 20).gives_reason("暂停", COMPANY, "例行检查")
    bank.page.reload()
    bank.sees("企业接入已暂停").sees("例行检查")
    admin.press(f"恢复：{COMPANY}").press("确认恢复").sees("已恢复。").press(f"调整额度：{COMPANY}")
    admin.type("每月额度", "5").press("保存额度").sees("每月 5 人次")


def test_people_and_secrets(hall: RunningHall, windows: Windows) -> None:
    bank = Company(windows.desktop(), hall, "enterprise").signs_in()
    addresses: list[str] = []
    sent: list[str] = []

    def note(request: Request) -> None:
        addresses.append(request.url)
        if request.method == "POST":
            sent.append(request.url)

    bank.page.on("request", note)
    a_table_with_mistakes(bank)
    assert not [url for url in sent if url.endswith("/batches")], "nothing is sent while something is wrong"
    a_batch_whose_answer_is_lost(bank)
    links_that_are_gone(bank)
    one_person_with_a_wrong_number(bank)
    more_than_the_quota(bank)
    keys(bank)
    webhooks(bank)
    places = " ".join(addresses) + bank.page.evaluate("JSON.stringify([sessionStorage, localStorage, location.href])")
    personal = (*NUMBERS, "王建国", quote("王建国"))
    assert not [what for what in personal if what in places], "no personal data in addresses or storage"


def a_table_with_mistakes(bank: Company) -> None:
    bank.goes_to("批量").is_on("批量核验").follow("新建一批").press("下一步，核对名单")
    bank.sees("请填写公司全称。").sees("请至少填一个人。")
    bank.begins_batch(HOSTILE[:60], PURPOSE + HOSTILE[:60])
    wrong = TABLE.replace(NUMBERS[1], NUMBERS[1][:-1] + "9").replace("法定代表人", "董事长") + f"\n{HOSTILE}\t5.10104E+17\t股东\n\t\t"
    bank.pastes(wrong).sees("第 2 行：身份写的是“董事长”").sees("第 3 行：身份证号码不对").sees("第 5 行：身份证号码被表格软件改成了缩写")
    is_harmless(bank.page)
    bank.pastes("没有号码的一行").sees("第 1 行：请填写身份证号码。")
    bank.pastes(TABLE).sees("读入了 3 人")
    row = bank.row(2)
    bank.type("身份证号码", NUMBERS[1][:-1] + "9", within=row).press("下一步，核对名单")
    expect(row).to_contain_text("身份证号码不对，请核对每一位。")
    bank.goes_to("用量").is_on("用量和额度").goes_to("批量").follow("新建一批").is_on("新建一批核验")
    expect(bank.field("身份证号码", within=bank.row(1))).to_have_value(NUMBERS[0])
    bank.type("身份证号码", NUMBERS[1], within=bank.row(2))


def a_batch_whose_answer_is_lost(bank: Company) -> None:
    bank.press("下一步，核对名单")
    dialog = bank.dialog("核对名单")
    is_harmless(bank.page)
    with browser_faults.broken(bank.page, "**/api/enterprise/batches", method="POST", after_server=True) as fault:
        bank.press("确认发起", within=dialog).sees("网络断开了，您写的内容都还在。")
    assert fault.answered == [201]
    bank.button("确认发起", within=dialog).dblclick()
    bank.is_on("一批核验").sees("3 人：3 人还在等")
    is_harmless(bank.page)
    expect(bank.page.get_by_role("button", name=re.compile("^看链接"))).to_have_count(3)
    bank.goes_to("用量").sees("本月已用 3 人次").goes_to("批量").is_on("批量核验")
    expect(listed(bank)).to_have_count(1)


def links_that_are_gone(bank: Company) -> None:
    bank.opens("3 人还在等").is_on("一批核验").sees("这里已经看不到了")
    expect(bank.page.get_by_role("button", name=re.compile("^看链接"))).to_have_count(0)
    bank.button("重新邀请").first.click()
    bank.sees("只显示这一次").press("好了")
    bank.page.reload()
    bank.is_on("一批核验").sees("这里已经看不到了")


def one_person_with_a_wrong_number(bank: Company) -> None:
    bank.goes_to("核验").is_on("身份核验").press("发起核验")
    dialog = bank.dialog("发起身份核验")
    bank.type("姓名", "赵师傅", within=dialog).type("身份证号码", "510106199304010018", within=dialog)
    bank.type("为什么要核验", PURPOSE, within=dialog).press("发起核验", within=dialog).sees("身份证号码不对，请核对每一位。")
    bank.type("身份证号码", "510106199304010019", within=dialog)
    with browser_faults.no_signal(bank.page.context):
        bank.press("发起核验", within=dialog).sees("网络断开了，您写的内容都还在。")
    bank.button("发起核验", within=dialog).dblclick()
    bank.dialog("邀请链接：赵师傅")
    bank.press("好了")
    expect(listed(bank).filter(has_text="赵**")).to_have_count(1)


def more_than_the_quota(bank: Company) -> None:
    """Four of five are used."""
    bank.begins_batch().pastes(TABLE).sends_batch().sees("本月核验额度已用完").press("返回")
    expect(bank.field("姓名", within=bank.row(1))).to_have_value("李娜")
    bank.goes_to("用量").sees("本月已用 4 人次")


def keys(bank: Company) -> None:
    bank.goes_to("密钥").press("新建密钥")
    dialog = bank.dialog("新建接口密钥")
    bank.press("新建密钥", within=dialog).sees("起个名字").type("名称", HOSTILE[:64], within=dialog)
    group = dialog.get_by_role("group", name="可以做什么")
    scopes = [group.get_by_role("checkbox", name=re.compile(f"^{scope}")) for scope in ("查看核验", "发起核验")]
    for scope in scopes:
        scope.uncheck()
    bank.press("新建密钥", within=dialog).sees("至少选一项。")
    for scope in scopes:
        scope.check()
    bank.button("新建密钥", within=dialog).dblclick()
    secret = bank.reads_secret(f"密钥：{HOSTILE[:64]}")
    is_harmless(bank.page)
    bank.page.reload()
    bank.is_on("接口密钥").sees("密钥只在新建时显示一次，这里也查不到")
    expect(listed(bank)).to_have_count(1)
    assert secret not in bank.page.content()
    bank.press("新建密钥")
    dialog = bank.dialog("新建接口密钥")
    with browser_faults.broken(bank.page, "**/api/enterprise/keys", method="POST", after_server=True, times=1) as fault:
        bank.type("名称", "丢了答复的", within=dialog).press("新建密钥", within=dialog).sees("其实已经建好了，但内容没有传到这里")
    assert fault.answered == [201]
    expect(listed(bank)).to_have_count(2)
    bank.press("停用：丢了答复的").press("确认停用").sees("密钥“丢了答复的”已停用。")
    bank.page.get_by_role("button", name=f"更换：{HOSTILE[:64]}", exact=True).click()
    bank.press("确认更换").sees("旧密钥还能用到").press("已经记下了").sees("正在替换")


def webhooks(bank: Company) -> None:
    bank.goes_to("通知").press("添加地址")
    dialog = bank.dialog("添加通知地址")
    for address in ("ftp://bank.example.com", "https://a:b@bank.example.com/x", "javascript:globalThis.fell=1"):
        bank.type("地址", address, within=dialog).press("添加", within=dialog).sees("通知地址不可用")
    bank.type("地址", "http://127.0.0.1:1/hooks", within=dialog)
    with browser_faults.broken(bank.page, "**/api/enterprise/webhooks", method="POST", after_server=True, times=1):
        bank.press("添加", within=dialog).sees("网络断开了")
    bank.button("添加", within=dialog).dblclick()
    assert bank.reads_secret("通知密钥").startswith("whsec_")
    bank.press("已经记下了")
    expect(listed(bank)).to_have_count(1)
    bank.page.get_by_role("button", name=re.compile("^发测试通知")).dblclick()
    bank.sees("测试通知已发出").follow("投递记录").is_on("投递记录").sees("连不上对方", timeout=20_000).sees("下次")
    expect(listed(bank)).to_have_count(1)
    bank.follow("返回结果通知").is_on("结果通知").press("删除").press("确认删除").sees("通知地址已删除。")
