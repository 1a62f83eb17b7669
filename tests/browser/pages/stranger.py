"""Anybody with a licence in their hand: the public verification page, without login."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Locator

from tests.browser.pages.person import Person


class Stranger(Person):
    def opens(self) -> Stranger:
        self.page.goto(f"{self.base_url}/v")
        return self

    def scans(self, code: str) -> Locator:
        """With the phone's own camera, which opens the address in the code. (The code says https, as it must; this server has no
        certificate.)"""
        self.page.goto(code.replace("https://", "http://", 1))
        return self.verdict

    def uploads(self, name: str, data: bytes, media_type: str) -> Locator:
        picked: list[FilePayload] = [{"name": name, "mimeType": media_type, "buffer": data}]
        self.page.get_by_label("证照 PDF，或二维码照片").set_input_files(picked)
        self.page.get_by_role("button", name="上传并查验").click()
        return self.verdict

    def pastes(self, text: str) -> Locator:
        self.page.get_by_label("粘贴二维码里的文字").fill(text)
        self.page.get_by_role("button", name="查验", exact=True).click()
        return self.verdict

    @property
    def verdict(self) -> Locator:
        """The box that says what was found."""
        return self.page.get_by_role("status")
