"""A citizen who looks after the own standing and a child's."""

from __future__ import annotations

import re
from typing import Self

from playwright.sync_api import Locator, expect

from sandbox.persons import PERSONS
from tests.browser.pages.applicant import Applicant
from tests.browser.pages.staff import Staff


class Household(Applicant):
    def button_beginning(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(rf"^{re.escape(words)}")).filter(visible=True)

    def sees_kept_pictures(self, count: int) -> Self:
        """On the page of kept pictures, read afresh."""
        return self.goes_to_page("/packages/person/pictures").is_on("留下的核验照片").sees(f"现在留着的照片（{count} 张）")

    def fills_in_child(self, name: str, relation: str) -> Self:
        child = next(one for one in PERSONS if one.name == name)
        return self.type("孩子的姓名", child.name).type("孩子的证件号码", child.id_number).choose(relation, of="您是孩子的")

    def registers(self, name: str, relation: str) -> Self:
        return self.press("登记孩子").fills_in_child(name, relation).press("提交登记")


def before_the_clerk(clerk: Staff, child: str, *, is_refused: bool = False) -> None:
    """The papers of this child and its guardian are on the desk."""
    clerk.signs_in().goes_to("监护").is_on("监护关系核实").press(f"{'没有核实成' if is_refused else '核实'}：{child}")
    dialog = clerk.dialog("没有核实成" if is_refused else "核实监护关系")
    if is_refused:
        dialog.get_by_role("radio", name="材料证明不了监护关系").check()
        clerk.press("确认没有核实成", within=dialog)
    else:
        for tick in clerk.ticks(dialog):
            tick.check()
        clerk.press("核实通过", within=dialog)
    expect(dialog).to_be_hidden()
