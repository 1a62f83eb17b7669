"""A citizen who applies alone, as a sole trader: the shortest way through the whole application."""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import parse_qs

from playwright.sync_api import Locator, expect

from api.demo.world import paper
from tests.browser.main_job import ANSWERS, DELIVERY, FORM, ITEM, MATERIALS
from tests.browser.pages.citizen import Citizen

Answers = tuple[tuple[str, str], ...]
ALONE = {"您以什么身份经营": "个体工商户", "主体类型": "个体工商户"}
ALONE_ANSWERS = tuple((question, ALONE.get(question, answer)) for question, answer in ANSWERS)
ALONE_FORM = tuple((label, ALONE.get(label, value)) for label, value in FORM if "股东" not in label)


class Applicant(Citizen):
    def goes_to_page(self, address: str) -> Self:
        """By typing the address, as after a bookmark or a message: the app starts anew there."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.base_url}/m/#{address}")
        return self

    @property
    def address(self) -> str:
        """The page and its query, without the server."""
        return self.page.url.partition("#")[2]

    @property
    def case_id(self) -> str:
        return parse_qs(self.address.partition("?")[2])["case"][0]

    def closes_and_opens(self, address: str) -> Self:
        """The app is killed and started again on the same phone."""
        context = self.page.context
        self.page.close()
        self.page = context.new_page()
        return self.goes_to_page(address)

    def gets_notice(self, answers: Answers = ALONE_ANSWERS) -> Self:
        """Logged in, every question answered."""
        self.opens().logs_in().is_on("零跑办").opens_guide(ITEM).begins_questions()
        for question, answer in answers:
            self.answers(question, answer)
        return self.is_on("一次性告知书")

    def starts_case(self, answers: Answers = ALONE_ANSWERS) -> Self:
        return self.gets_notice(answers).press("开始办理").declares_identity().is_on("填写申请")

    def fills_everything(self) -> Self:
        for label, value in (*ALONE_FORM, *DELIVERY):
            self.fills(label, value)
        return self.sees("已自动保存")

    def uploads_everything(self) -> Self:
        for name in MATERIALS:
            self.uploads(name, (f"{name}.jpg", "image/jpeg", paper(name, "JPEG")))
        return self

    def material(self, name: str) -> Locator:
        """The names of the files that the hall holds for this material, by their buttons."""
        card = self.page.locator("[id^=material-]").filter(has=self.page.get_by_role("heading", level=3, name=name, exact=True))
        return card.get_by_role("button", name=re.compile("^查看："))

    def sees_cases(self, count: int) -> Self:
        """On the page of my cases, read afresh."""
        self.goes_to_page("/pages/cases/index").is_on("我的办件")
        rows = self.page.get_by_role("button", name=re.compile(re.escape(ITEM))).filter(visible=True)
        expect(rows).to_have_count(count)
        return self
