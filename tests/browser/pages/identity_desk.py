"""Those in the hall who settle who somebody is: a clerk with papers before her, a supervisor with a dispute."""

from __future__ import annotations

import re
from typing import Self

from playwright.sync_api import expect

from tests.browser.pages.clerk import Clerk
from tests.browser.pages.staff import Staff


class IdentityClerk(Clerk):
    def opens_guardianships(self) -> Self:
        return self.goes_to("监护").is_on("监护关系核实")

    def proves(self, child: str) -> Self:
        """With all papers before her."""
        self.page.get_by_role("button", name=f"核实：{child}", exact=True).click()
        dialog = self.dialog("核实监护关系")
        for tick in self.ticks(dialog):
            expect(self.button("核实通过", within=dialog)).to_be_disabled()
            tick.check()
        self.press("核实通过", within=dialog)
        expect(dialog).to_be_hidden()
        return self

    def refuses_guardianship(self, child: str, reason: str) -> Self:
        self.page.get_by_role("button", name=f"没有核实成：{child}", exact=True).click()
        dialog = self.dialog("没有核实成")
        dialog.get_by_role("radio", name=reason).check()
        self.press("确认没有核实成", within=dialog)
        expect(dialog).to_be_hidden()
        return self

    def takes_proof_back(self, reason: str) -> Self:
        self.press("撤销核验")
        dialog = self.dialog("撤销本人核验")
        dialog.get_by_role("radio", name=reason).check()
        self.press("确认撤销", within=dialog)
        expect(dialog).to_be_hidden()
        return self


class Supervisor(Staff):
    def finds_latest_account(self) -> Self:
        """The one to which something happened last, through the chains."""
        self.goes_to("留痕核验").is_on("留痕核验").press("个人账号")
        expect(self.page.get_by_text(re.compile("^(case|licence|parcel|staff):"))).to_have_count(0)
        self.page.get_by_role("link", name=re.compile("^核验照片：")).first.click()
        return self.is_on("留下的核验照片")

    def looks(self, reason: str) -> Self:
        self.press("查看照片：第 1 张")
        dialog = self.dialog("查看核验照片")
        expect(self.button("查看照片", within=dialog)).to_be_disabled()
        dialog.get_by_role("radio", name=reason).check()
        self.press("查看照片", within=dialog)
        picture = dialog.get_by_role("img", name=re.compile("留下的核验照片"))
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        return self
