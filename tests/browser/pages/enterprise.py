"""An enterprise at the console, and the administrator who lets it in."""

from __future__ import annotations

import re
from typing import Self

from playwright.sync_api import Locator, expect

from tests.browser.pages.keyboard import KeyboardClerk
from tests.browser.pages.staff import Staff

COMPANY, CODE = "锦川银行股份有限公司", "91510100MA6A2B3C49"
PURPOSE = "开立对公账户前核实股东身份"
PEOPLE = (
    ("李娜", "500103199807220025", "法定代表人"),
    ("王建国", "510100195005180011", "股东"),
    ("张伟", "51010419920315001X", "股东"),
)
TABLE = "\n".join(["姓名\t身份证号码\t身份", *("\t".join(person) for person in PEOPLE)])


class Company(Staff):
    def registers(self, name: str = COMPANY, code: str = CODE) -> Self:
        return self.goes_to("企业").is_on("我的企业").type("企业名称", name).type("统一社会信用代码", code).press("提交登记")

    def makes_key(self, name: str) -> str:
        """The secret, read from the screen while it is shown."""
        self.goes_to("密钥").is_on("接口密钥").press("新建密钥")
        dialog = self.dialog("新建接口密钥")
        self.type("名称", name, within=dialog).press("新建密钥", within=dialog)
        return self.reads_secret(f"密钥：{name}")

    def reads_secret(self, title: str) -> str:
        dialog = self.dialog(title)
        expect(dialog).to_contain_text("只显示这一次")
        return dialog.locator(".secret").inner_text()

    def adds_webhook(self, url: str) -> str:
        self.goes_to("通知").is_on("结果通知").press("添加地址")
        self.type("地址", url).press("添加", within=self.dialog("添加通知地址"))
        return self.reads_secret("通知密钥")

    def begins_batch(self, company: str = "老巷餐饮有限公司", purpose: str = PURPOSE) -> Self:
        self.goes_to("批量").is_on("批量核验").follow("新建一批").is_on("新建一批核验")
        return self.type("公司名称", company).type("为什么要核验", purpose)

    def pastes(self, table: str) -> Self:
        if not self.field("表格内容").is_visible():
            self.page.get_by_text("从表格粘贴，或选择 CSV 文件").click()
        return self.type("表格内容", table).press("读入名单")

    def row(self, place: int) -> Locator:
        return self.page.get_by_role("group", name=f"第 {place} 人", exact=True)

    def sends_batch(self) -> Self:
        self.press("下一步，核对名单")
        return self.press("确认发起", within=self.dialog("核对名单"))

    def opens(self, text: str) -> Self:
        self.page.get_by_role("main").get_by_role("link").filter(has_text=text).first.click()
        return self

    def sees_nothing_wrong(self) -> Self:
        expect(self.page.locator("[aria-invalid]")).to_have_count(0)
        return self


class Administrator(Staff):
    def decides(self, action: str, company: str) -> Locator:
        """Opens the dialog."""
        self.goes_to("企业").is_on("接入企业").page.get_by_role("button", name=f"{action}：{company}", exact=True).click()
        return self.dialog(f"{action}：{company}")

    def approves(self, company: str, quota: int) -> Self:
        dialog = self.decides("通过", company)
        self.type("每月额度", str(quota), within=dialog).press("确认通过", within=dialog)
        return self.sees(re.compile("已开通。$"))

    def gives_reason(self, action: str, company: str, reason: str) -> Self:
        dialog = self.decides(action, company)
        self.type("理由", reason, within=dialog).press("下一步", within=dialog).press(f"确认{action}", within=dialog)
        expect(dialog).to_be_hidden()
        return self


class KeyboardCompany(KeyboardClerk, Company):
    """An enterprise's clerk without a mouse."""
