"""The courier's part of the phone pages: taking parcels over at the hall, and giving them at the door."""

from __future__ import annotations

from typing import Self

from playwright.sync_api import Page, expect

from tests.browser.pages.person import Person


class Courier(Person):
    def __init__(self, page: Page, base_url: str, name: str = "赵师傅") -> None:
        super().__init__(page, base_url)
        self.name = name

    def logs_in(self, activation_code: str) -> Self:
        """The first time, with the code that the company's administrator handed out."""
        self.page.goto(f"{self.base_url}/m/")
        self.press("登录").press(self.name).is_on("快递员登录")
        choice = self.page.get_by_role("radio", name=self.name)
        if choice.is_visible() and choice.get_attribute("aria-checked") != "true":
            choice.click()
        self.press("登录").type("激活码", activation_code).press("登录")
        return self.is_on("我的派送")

    def scans(self) -> Self:
        """Waybill and hand-off code, both before the camera; the hall answers by itself."""
        self.press("扫码取件").is_on("扫码取件")
        return self.sees("已接收", timeout=30_000)

    def starts_delivery(self) -> Self:
        self.press("看这件快件").is_on("快件").press("开始派送")
        expect(self.button("上门交付")).to_be_visible()
        return self

    def goes_to_the_door(self) -> Self:
        return self.press("上门交付").is_on("上门交付")

    def keys_in(self, code: str) -> Self:
        """With a gloved thumb on the big keys."""
        self.press("清空")
        for digit in code:
            self.press(digit)
        return self

    def delivers(self, code: str) -> Self:
        return self.keys_in(code).press("确认交付")
