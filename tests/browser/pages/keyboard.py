"""A clerk without a mouse: everything is reached with Tab and pressed with Enter, Space and the arrow keys."""

from __future__ import annotations

from typing import Self

from playwright.sync_api import Locator, expect

from tests.browser.pages.clerk import Clerk
from tests.browser.pages.person import called

MOST_TABS = 120
HAS_FOCUS = "element => element === document.activeElement"
IN_ITS_GROUP = """radio => {
  const group = element => element.closest('[role=radiogroup], fieldset')
  const now = document.activeElement
  return !!now && now.matches('input[type=radio], [role=radio]') && group(now) === group(radio)
}"""


class KeyboardClerk(Clerk):
    """Never clicks: what Tab does not reach is not there."""

    def walk_to(self, wanted: Locator) -> Locator:
        """Tab until it has the focus, and see that it shows that it has."""
        target = wanted.first
        expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            if target.evaluate(HAS_FOCUS):
                outline = target.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow")
                assert outline != "nonenone", f"the focus cannot be seen on {target}"
                return target
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_TABS} tabs did not lead to {wanted}")

    def press(self, name: str, *, within: Locator | None = None, timeout: float | None = None) -> Self:
        found = self.button(name, within=within)
        expect(found.first).to_be_enabled(timeout=timeout)
        if found.count() > 1:
            found = (within or self.page).get_by_role("button", name=name, exact=True).filter(visible=True)
        self.walk_to(found)
        self.page.keyboard.press("Enter")
        return self

    def follow(self, name: str, *, within: Locator | None = None) -> Self:
        self.walk_to((within or self.page).get_by_role("link", name=called(name)).filter(visible=True))
        self.page.keyboard.press("Enter")
        return self

    def type(self, label: str, text: str, *, within: Locator | None = None) -> Self:
        self.walk_to(self.field(label, within=within))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        return self

    def choose(self, name: str, *, of: str | None = None) -> Self:
        within = self.page.get_by_role("radiogroup", name=called(of)) if of else self.page
        wanted = within.get_by_role("radio", name=called(name)).filter(visible=True)
        self.walk_to_group(wanted)
        for _ in range(12):
            if wanted.is_checked():
                return self
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        expect(wanted).to_be_checked()
        return self

    def walk_to_group(self, radio: Locator) -> None:
        """Tab stops at one button of a group; the arrows go on from there."""
        expect(radio).to_be_visible()
        for _ in range(MOST_TABS):
            if radio.evaluate(IN_ITS_GROUP):
                if not radio.is_checked():
                    self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_TABS} tabs did not lead to {radio}")

    def opens_case(self, title: str) -> Self:
        self.goes_to("办件")
        self.walk_to(self.page.get_by_role("main").get_by_role("link").filter(has_text=title))
        self.page.keyboard.press("Enter")
        expect(self.actions).to_be_visible()
        return self

    def reads_every_material(self) -> Self:
        for tick in self.ticks(self.files):
            title = (tick.get_attribute("aria-label") or "").removesuffix("：看过")
            self.reads_file(title)
            self.walk_to(tick)
            # Where the whole picture was in sight, the tick came by itself.
            self.page.wait_for_timeout(600)
            if not tick.is_checked():
                self.page.keyboard.press("Space")
            expect(tick).to_be_checked()
        return self
