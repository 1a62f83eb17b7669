"""A clerk at the console: the queue, the review screen, the decision, and the parcels that leave the house."""

from __future__ import annotations

from typing import Self

from playwright.sync_api import Locator, expect

from tests.browser.pages.person import called
from tests.browser.pages.staff import Staff


class Clerk(Staff):
    def opens_case(self, title: str) -> Self:
        """The one case with these words (its title, its number) in the queue."""
        self.goes_to("办件")
        self.page.get_by_role("main").get_by_role("link").filter(has_text=title).click()
        expect(self.actions).to_be_visible()
        return self

    @property
    def actions(self) -> Locator:
        return self.page.get_by_role("group", name="可以办理的操作")

    @property
    def files(self) -> Locator:
        return self.page.get_by_role("navigation", name="这一件的文件")

    def part(self, name: str) -> Self:
        """On a narrow screen the three columns are three tabs: 内容, 文件, 查看."""
        tabs = self.page.get_by_role("group", name="查看哪一部分")
        if tabs.is_visible():
            tabs.get_by_role("button", name=name).click()
        return self

    def reads_file(self, title: str) -> Self:
        self.part("文件").press(title, within=self.files)
        return self

    def reads_every_material(self) -> Self:
        """Opens each and looks at it to its end; then its tick comes by itself."""
        self.part("文件")
        for tick in self.ticks(self.files):
            title = (tick.get_attribute("aria-label") or "").removesuffix("：看过")
            self.reads_file(title)
            self.page.get_by_role("region", name=title, exact=True).hover()
            self.page.mouse.wheel(0, 20_000)
            self.part("文件")
            expect(tick).to_be_checked()
        return self

    def begins(self, action: str) -> Self:
        """Only opens the dialog. On a narrow screen what is done less often is folded away."""
        self.part("内容")
        folded = self.button("其他办理", within=self.actions)
        if not self.button(action, within=self.actions).is_visible() and folded.is_visible():
            folded.click()
        self.press(action, within=self.actions)
        expect(self.page.get_by_role("dialog")).to_be_visible()
        return self

    def thinks_again(self) -> Self:
        self.press("关闭", within=self.page.get_by_role("dialog"))
        return self

    def passes_prereview(self) -> Self:
        return self._does("预审通过", "确认预审通过")

    def accepts(self) -> Self:
        return self._does("受理", "确认受理")

    def _does(self, action: str, confirmation: str) -> Self:
        dialog = self.begins(action).page.get_by_role("dialog")
        self.press(confirmation, within=dialog)
        expect(dialog).to_be_hidden()
        return self

    def grants(self, reason: str) -> Self:
        return self._decides("准予", reason)

    def refuses(self, reason: str) -> Self:
        return self._decides("不予", reason)

    def _decides(self, verdict: str, reason: str) -> Self:
        dialog = self.begins("作出决定").page.get_by_role("dialog")
        self.choose(verdict).type("理由", reason, within=dialog)
        self.press("下一步", within=dialog)
        self.press(f"确认{verdict}", within=dialog)
        expect(dialog).to_be_hidden()
        return self

    def is_offered(self, action: str) -> bool:
        return self.actions.get_by_role("button", name=called(action)).count() > 0

    def sees_sealed_licence(self) -> Self:
        """It comes by itself, in front of everything else, when the worker has made it; and the other side says so."""
        expect(self.page.get_by_role("region", name="证照", exact=True)).to_be_visible(timeout=60_000)
        return self.part("内容").sees("证照已制成，已盖章")

    def opens_parcel_of_case(self) -> Self:
        """From the review screen, once the licence is made and the carrier has taken the order."""
        self.part("内容").follow("去出件")
        return self.is_on("快件详情")

    def shows_handoff_code(self) -> tuple[str, bytes]:
        """The waybill's number and a picture of the code on this screen."""
        expect(self.button("出示交接码")).to_be_visible(timeout=30_000)
        self.press("出示交接码")
        dialog = self.dialog("请快递员扫码")
        code = dialog.get_by_role("img", name=called("交接二维码"))
        expect(code).to_be_visible()
        waybill = dialog.get_by_role("strong").inner_text()
        return waybill, code.screenshot()

    def sees_parcel_taken(self) -> Self:
        """The code goes away by itself when the courier has the parcel; the chain of custody says so."""
        expect(self.page.get_by_role("dialog")).to_be_hidden(timeout=20_000)
        return self.sees("记录完整，首尾相接，没有被改动。")

    def checks_in(self, code: str) -> Self:
        """At the counter, with the code on the applicant's phone."""
        return self.goes_to("窗口").is_on("窗口预约").type("签到码", code).press("签到")

    def identifies(self) -> Self:
        """Looks at the identity card and at the person before the desk."""
        self.press("核验身份")
        dialog = self.dialog("当面核验身份")
        for check in self.ticks(dialog):
            check.check()
        self.press("核验通过", within=dialog)
        expect(dialog).to_be_hidden()
        return self

    def revokes(self, number: str, reason: str) -> Self:
        row = self.goes_to("证照").page.get_by_role("listitem").filter(has_text=number)
        self.press("撤销", within=row)
        dialog = self.page.get_by_role("dialog")
        self.type("撤销的理由", reason, within=dialog).press("下一步", within=dialog).press("确认撤销", within=dialog)
        expect(dialog).to_be_hidden()
        return self
