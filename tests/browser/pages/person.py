"""What anybody can do at a screen: read, press, type, choose. Things are found only by what a person (or a screen reader) sees of them."""

from __future__ import annotations

import re
from typing import Self

from playwright.sync_api import FilePayload, Locator, Page, expect

Picture = tuple[str, str, bytes]
"""A file to pick: name, media type, content."""


def called(name: str) -> re.Pattern[str]:
    """A button or row with this text: alone, or followed by what explains it."""
    return re.compile(rf"^\s*{re.escape(name)}\s*(?:$|[\s，（：])")


class Person:
    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=called(name)).filter(visible=True)

    def press(self, name: str, *, within: Locator | None = None, timeout: float | None = None) -> Self:
        """The button that says just this; else the one that says this and then explains it. Two alike would leave a person wondering."""
        found = self.button(name, within=within)
        expect(found.first).to_be_visible(timeout=timeout)
        if found.count() > 1:
            found = (within or self.page).get_by_role("button", name=name, exact=True).filter(visible=True)
        found.click()
        return self

    def follow(self, name: str, *, within: Locator | None = None) -> Self:
        (within or self.page).get_by_role("link", name=called(name)).filter(visible=True).click()
        return self

    def field(self, label: str, *, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("textbox", name=called(label)).filter(visible=True)

    def type(self, label: str, text: str, *, within: Locator | None = None) -> Self:
        self.field(label, within=within).fill(text)
        return self

    def choose(self, name: str, *, of: str | None = None) -> Self:
        """A radio button, in the group of that name where there are several groups."""
        within = self.page.get_by_role("radiogroup", name=called(of)) if of else self.page
        within.get_by_role("radio", name=called(name)).filter(visible=True).click()
        return self

    def tick(self, name: str) -> Self:
        self.page.get_by_role("checkbox", name=called(name)).filter(visible=True).click()
        return self

    def ticks(self, within: Locator) -> list[Locator]:
        """Every tick there, once they have come: a dialog may still be reading what it is about."""
        found = within.get_by_role("checkbox")
        expect(found.first).to_be_visible()
        return found.all()

    def pick(self, button: str, *pictures: Picture, within: Locator | None = None) -> Self:
        """Press a button that lets one choose files, and choose these."""
        files: list[FilePayload] = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in pictures]
        with self.page.expect_file_chooser() as chooser:
            self.press(button, within=within)
        chooser.value.set_files(files)
        return self

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name).filter(visible=True)

    def is_on(self, title: str, *, timeout: float | None = None) -> Self:
        """The page of that title is in front."""
        expect(self.page.get_by_role("heading", level=1, name=title, exact=True).filter(visible=True)).to_be_visible(timeout=timeout)
        return self

    def sees(self, text: str | re.Pattern[str], *, timeout: float | None = None) -> Self:
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=timeout)
        return self

    def dialog(self, title: str) -> Locator:
        found = self.page.get_by_role("dialog", name=title)
        expect(found).to_be_visible()
        return found
