"""Everybody who works at the console: signing in with an authenticator app, and the menu."""

from __future__ import annotations

from typing import Self

from playwright.sync_api import Page, expect

from tests.browser.pages.person import Person
from tests.factories.browser_server import RunningHall


class Staff(Person):
    def __init__(self, page: Page, hall: RunningHall, username: str) -> None:
        super().__init__(page, hall.base_url)
        self.hall = hall
        self.username = username

    def signs_in(self) -> Self:
        self.page.goto(f"{self.base_url}/console/")
        return self.gives_name_password_and_code()

    def gives_name_password_and_code(self) -> Self:
        account = self.hall.accounts()["staff"][self.username]
        self.type("用户名", self.username).type("密码", account["password"])
        self.type("动态码", self.hall.authenticator(self.username)).press("登录")
        expect(self.page.get_by_role("navigation", name="主菜单")).to_be_visible()
        return self

    def goes_to(self, entry: str) -> Self:
        self.follow(entry, within=self.page.get_by_role("navigation", name="主菜单"))
        return self
