"""A citizen in the phone pages, from finding the matter to holding the licence."""

from __future__ import annotations

import re
import time
from typing import Self

from playwright.sync_api import Page, expect

from api.demo.world import handwriting
from sandbox.persons import PERSONS
from tests.browser.pages.person import Person, Picture, called

READING_SECONDS = 5
"""The hall refuses a signature under a document that nobody can have read so fast."""

MISSED = re.compile("画面传送太慢|画面不够流畅|画面中断了一下|没有看清|动作没有做完")


class Citizen(Person):
    """`name` is one of the sandbox people on the login page."""

    def __init__(self, page: Page, base_url: str, name: str) -> None:
        super().__init__(page, base_url)
        self.name = name

    def opens(self) -> Self:
        self.page.goto(f"{self.base_url}/m/")
        return self.is_on("零跑办")

    def logs_in(self) -> Self:
        """From wherever there is a way to the login; ends on the page that was asked for."""
        self.press("登录").is_on("登录")
        self.press(self.name)
        expect(self.page.get_by_role("heading", level=1, name="登录", exact=True).filter(visible=True)).to_be_hidden()
        return self

    def tab(self, name: str) -> Self:
        """首页, 我的办件, 我的证照, 我."""
        self.press(name, within=self.page.get_by_role("navigation", name="主要页面").filter(visible=True))
        return self

    def goes_back(self) -> Self:
        return self.press("返回")

    def searches(self, words: str) -> Self:
        return self.type("搜索事项", words).press("搜索")

    def opens_guide(self, item: str) -> Self:
        self.button(item).first.click()
        return self.is_on("办事指南")

    def begins_questions(self) -> Self:
        return self.press("我要办理").is_on("先回答几个问题")

    def answers(self, question: str, answer: str) -> Self:
        """One question of the scenario: chosen where there are choices, else typed; then on to the next."""
        choice = self.page.get_by_role("radiogroup", name=called(question)).filter(visible=True)
        expect(choice.or_(self.field(question))).to_be_visible()
        if choice.count():
            self.choose(answer, of=question)
        else:
            self.type(question, answer)
        self.page.get_by_role("button", name="下一步").or_(self.page.get_by_role("button", name="生成我的告知书")).filter(
            visible=True
        ).click()
        return self

    def fills(self, label: str, value: str) -> Self:
        """One field of the form, whatever kind it is."""
        choice = self.page.get_by_role("radiogroup", name=called(label)).filter(visible=True)
        expect(choice.or_(self.field(label))).to_be_visible()
        return self.choose(value, of=label) if choice.count() else self.type(label, value)

    def declares_identity(self) -> Self:
        """The first time, what is asked for is the real name."""
        me = next(person for person in PERSONS if person.name == self.name)
        self.is_on("实名").type("姓名", me.name).type("身份证号码", me.id_number)
        self.press("确认实名").sees("实名好了")
        self.page.wait_for_load_state("networkidle")
        return self

    def uploads(self, material: str, picture: Picture) -> Self:
        """Until the hall has it: what is still on its way cannot be opened."""
        self.pick(f"拍照或选文件：{material}", picture)
        expect(self.button(f"查看：{picture[0]}")).to_be_visible(timeout=30_000)
        return self

    def agrees_to_face_check(self) -> Self:
        return self.is_on("人脸核验告知书").press("同意并开始").is_before_camera()

    def is_before_camera(self) -> Self:
        self.is_on("人脸核验")
        expect(self.button("开始核验")).to_be_enabled(timeout=30_000)
        return self

    def shows_face(self) -> Self:
        """What the camera sees, and what it does when it is asked for movements, is up to the test."""
        start = self.page.get_by_role("button", name=called("开始核验")).or_(self.page.get_by_role("button", name=called("再试一次")))
        start.filter(visible=True).click()
        return self

    def passes_face_check(self) -> Self:
        """Until it has passed. Beside other tests pictures may come too slowly, or too few of a movement; then one tries again, as told."""
        self.shows_face()
        for _ in range(2):
            passed, again = self.heading("阅读并签名"), self.button("再试一次")
            expect(passed.or_(again)).to_be_visible(timeout=60_000)
            if not again.count():
                break
            expect(self.page.get_by_text(MISSED).filter(visible=True).first).to_be_visible()
            again.click()
        return self.is_on("阅读并签名", timeout=60_000)

    def reads_to_the_end(self) -> Self:
        """Turns page after page, as long as reading takes, until the button at the bottom may be pressed."""
        self.is_on("阅读并签名")
        on = self.button("已读完，去签名")
        expect(on).to_be_visible()
        expect(self.button("放大第 1 页")).to_be_visible(timeout=30_000)
        begun = time.monotonic()
        while not on.is_enabled() or time.monotonic() < begun + READING_SECONDS:
            assert time.monotonic() < begun + 60, "the end of the document was never reached"
            self.page.mouse.move(200, 400)
            self.page.mouse.wheel(0, 400)
            self.page.wait_for_timeout(250)
        on.click()
        return self

    def writes_name(self) -> Self:
        """With the finger, in a hand of one's own."""
        sheet = self.page.get_by_role("img", name=called("手写签名区")).filter(visible=True)
        sheet.scroll_into_view_if_needed()
        box = sheet.bounding_box()
        assert box is not None
        strokes = handwriting(self.name)
        right = max(point[0] for stroke in strokes for point in stroke)
        low = max(point[1] for stroke in strokes for point in stroke)
        scale = min(box["width"] * 0.95 / right, box["height"] * 0.95 / low)
        for stroke in strokes:
            for number, (x, y, *_) in enumerate(stroke[::4]):
                self.page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)
                if number == 0:
                    self.page.mouse.down()
            self.page.mouse.up()
        return self

    def signs(self) -> Self:
        """Reads, writes, confirms, and waits until the signature stands in the document."""
        self.reads_to_the_end().writes_name().press("确认签名")
        return self.sees("已签好", timeout=60_000)

    def invites(self, name: str) -> str:
        """The code that the other person gets."""
        other = next(person for person in PERSONS if person.name == name)
        self.is_on("邀请签署人").type("姓名", other.name).type("身份证号码", other.id_number).press("生成邀请码")
        group = self.page.get_by_role("group", name="邀请码").filter(visible=True)
        expect(group).to_be_visible()
        return group.get_by_role("paragraph").last.inner_text().strip()

    def accepts_invitation(self, code: str) -> Self:
        """From the home page, logged in or not yet."""
        return self.press("接受签署邀请").is_on("接受签署邀请").type("邀请码", code).press("接受邀请")

    def opens_case(self, title: str) -> Self:
        """The newest one of this title."""
        self.tab("我的办件").is_on("我的办件").button(title).first.click()
        return self.is_on("办理进度")

    def submits(self) -> Self:
        self.press("提交申请")
        return self.is_on("已提交", timeout=30_000)

    def books_counter(self) -> str:
        """The first free time; the six figures to say at the desk."""
        self.press("不刷脸，预约窗口办理").is_on("预约窗口")
        for group in ("第一步：去哪里", "第二步：哪一天"):
            choices = self.page.get_by_role("radiogroup", name=called(group)).filter(visible=True)
            expect(choices).to_be_visible()
            choices.get_by_role("radio").first.click()
        self.page.get_by_role("button", name=re.compile(r"还有 \d+ 个号")).filter(visible=True).first.click()
        self.press("确认预约")
        code = self.page.get_by_label(called("签到码")).filter(visible=True)
        expect(code).to_be_visible()
        return code.inner_text().strip()

    def reads_pickup_code(self) -> str:
        """On the page of the parcel, from the progress of the case."""
        self.press("查看快件").is_on("快件详情")
        shown = self.page.get_by_role("img", name=called("取件码")).filter(visible=True)
        expect(shown).to_be_visible(timeout=30_000)
        return re.sub(r"\D", "", shown.get_attribute("aria-label") or "")

    def rates(self, level: str, *, tag: str | None = None, comment: str = "") -> Self:
        self.is_on("评价服务").choose(level)
        if tag:
            self.tick(tag)
        return self.type("还想说的话", comment).press("提交评价").sees("谢谢您的评价")

    def shows_licence(self) -> bytes:
        """A picture of the code on this phone, as it is held out to somebody."""
        self.press("出示证照").is_on("出示证照")
        code = self.page.get_by_role("img", name=re.compile("二维码")).filter(visible=True)
        expect(code).to_be_visible()
        return code.screenshot()
