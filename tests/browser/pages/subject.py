"""A person whom an enterprise asks to prove who they are."""

from __future__ import annotations

from typing import Self

from playwright.sync_api import expect

from tests.browser.pages.applicant import Applicant
from tests.browser.pages.citizen import MISSED

ASKED = "企业请您核验身份"


class Subject(Applicant):
    def follows(self, link: str) -> Self:
        self.page.goto("about:blank")
        self.page.goto(link)
        return self.is_on(ASKED)

    def logs_in_and_declares(self) -> Self:
        """From the page behind the link and back to it; the real name is asked for the first time only."""
        self.press("去登录").is_on("登录").press(self.name)
        declare, back = self.heading("实名").first, self.heading("谁在请求，为什么")
        expect(declare.or_(back)).to_be_visible()
        if declare.is_visible():
            self.declares_identity()
        return self.reads_question()

    def reads_question(self) -> Self:
        return self.is_on(ASKED).sees("谁在请求，为什么")

    def agrees(self) -> Self:
        return self.press("同意核验").sees("您同意了，还差一步")

    def shows_face_until_told(self) -> Self:
        """The face check as `passes_face_check`, but back to the question."""
        self.agrees_to_face_check().shows_face()
        for _ in range(2):
            passed, again = self.heading("核验通过"), self.button("再试一次")
            expect(passed.or_(again)).to_be_visible(timeout=60_000)
            if not again.count():
                break
            expect(self.page.get_by_text(MISSED).filter(visible=True).first).to_be_visible()
            again.click()
        return self.is_told()

    def is_told(self) -> Self:
        return self.is_on(ASKED, timeout=30_000).sees("您不用再做什么", timeout=30_000)
