"""The main job through the pages alone, with a visit to every page on the way: tests look on, the screenshot tool takes pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from api.demo.world import paper
from tests.browser.pages.citizen import Citizen
from tests.browser.pages.clerk import Clerk
from tests.browser.pages.courier import Courier
from tests.browser.pages.person import Person
from tests.browser.pages.stranger import Stranger
from tests.factories.browser_camera import drawn_code
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

ITEM = "小餐饮食品经营备案"
ANSWERS = (
    ("您以什么身份经营", "有限责任公司"),
    ("经营场所使用面积", "86"),
    ("经营场所是自有还是租用", "租用"),
    ("是否制售生食水产、裱花蛋糕，或者向学校集中供餐", "否"),
    ("是否制售凉菜（冷荤）", "否"),
    ("是否炒菜、油炸，产生油烟", "是"),
    ("是否在外卖平台接单", "是"),
    ("由谁办理", "法定代表人（经营者）本人"),
)
FORM = (
    ("店铺字号", "临江小面馆"),
    ("统一社会信用代码", "91519900MA6CXEW190"),
    ("主体类型", "有限责任公司"),
    ("经营场所地址", "锦川市临江区滨河路 66 号附 2 号"),
    ("使用面积", "86"),
    ("场所来源", "租用"),
    ("租期截止日", "2029-06-30"),
    ("餐位数", "32"),
    ("主营类别", "面食米粉"),
    ("制售凉菜", "否"),
    ("在外卖平台接单", "是"),
    ("平台名称", "美味到家"),
    ("从业人数", "5"),
    ("计划开业日期", "2027-01-08"),
    ("参与签名的股东合计持股比例", "100"),
    ("联系电话", "19900000001"),
)
DELIVERY = (
    ("收件人", "张伟"),
    ("手机号", "19900000001"),
    ("省（直辖市）", "四川省"),
    ("市", "成都市"),
    ("区（县）", "锦江区"),
    ("详细地址", "示例路 8 号 2 栋 1 单元 301"),
)
MATERIALS = ("营业执照", "经营场所平面图", "房屋租赁合同", "从业人员健康证明", "食品安全管理制度", "油烟净化设施照片")

OPENING = re.compile("^正在(打开|取)")
Visit = Callable[[str, Page], None]
"""Called with the page's name ("citizen/guide", "clerk/review") when that page is in front and has settled."""


def look_on(_name: str, _page: Page) -> None:
    """Nothing more than going by."""


@dataclass
class MainJob:
    """Each part can be played when those before it have been. `visit` is shown every page."""

    hall: RunningHall
    windows: Windows
    citizens_on: Callable[[], Page]
    staff_on: Callable[[], Page]
    visit: Visit = look_on
    zhang: Citizen = field(init=False)
    li: Citizen = field(init=False)
    chen: Clerk = field(init=False)
    liu: Clerk = field(init=False)
    courier: Courier = field(init=False)
    invitation: str = ""
    licence: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        url = self.hall.base_url
        self.zhang, self.li = Citizen(self.citizens_on(), url, "张伟"), Citizen(self.citizens_on(), url, "李娜")
        self.chen, self.liu = Clerk(self.staff_on(), self.hall, "chen.jing"), Clerk(self.staff_on(), self.hall, "liu.yang")
        self.courier = Courier(self.citizens_on(), url)

    def saw(self, name: str, who: Person) -> None:
        """Everything that was being fetched has come, and nothing says any more that it is being opened."""
        who.page.wait_for_load_state("networkidle")
        expect(who.page.get_by_text(OPENING).filter(visible=True)).to_have_count(0)
        self.visit(name, who.page)

    def play(self) -> None:
        self.finds_and_answers()
        self.applies()
        self.signs_together()
        self.is_reviewed()
        self.is_delivered()
        self.rates()
        self.is_verified()

    def finds_and_answers(self) -> None:
        zhang = self.zhang.opens()
        self.saw("citizen/home", zhang)
        zhang.press("登录").is_on("登录")
        self.saw("citizen/login", zhang)
        zhang.press(zhang.name).is_on("零跑办").searches("餐馆")
        self.saw("citizen/search", zhang)
        zhang.opens_guide(ITEM)
        self.saw("citizen/guide", zhang)
        zhang.begins_questions()
        self.saw("citizen/scenario", zhang)
        for question, answer in ANSWERS:
            zhang.answers(question, answer)
        zhang.is_on("一次性告知书")
        self.saw("citizen/notice", zhang)

    def applies(self) -> None:
        zhang = self.zhang.press("开始办理").is_on("实名")
        self.saw("citizen/declare", zhang)
        zhang.declares_identity().is_on("填写申请")
        self.saw("citizen/form-empty", zhang)
        for label, value in (*FORM, *DELIVERY):
            zhang.fills(label, value)
        self.saw("citizen/form", zhang)
        zhang.press("下一步").is_on("上传材料")
        self.saw("citizen/materials-empty", zhang)
        for name in MATERIALS:
            zhang.uploads(name, (f"{name}.jpg", "image/jpeg", paper(name, "JPEG")))
        self.saw("citizen/materials", zhang)
        zhang.press("下一步").is_on("邀请签署人")
        self.saw("citizen/signers", zhang)
        self.invitation = zhang.invites("李娜")
        self.saw("citizen/signers-invited", zhang)

    def signs_together(self) -> None:
        zhang, li = self.zhang, self.li.opens()
        li.accepts_invitation(self.invitation).is_on("登录").press(li.name).is_on("接受签署邀请")
        self.saw("citizen/join", li)
        li.press("接受邀请").declares_identity().is_on("接受签署邀请").press("接受邀请").is_on("办理进度")
        self.saw("citizen/progress-waiting", li)
        zhang.press("去核验和签名", timeout=30_000)
        self.proves_and_signs(zhang, "a", is_first=True)
        li.press("去核验和签名", timeout=30_000)
        self.proves_and_signs(li, "b", is_first=False)
        zhang.submits()
        self.saw("citizen/done", zhang)

    def proves_and_signs(self, who: Citizen, face: str, *, is_first: bool) -> None:
        self.windows.camera.show_face(face)
        who.is_on("人脸核验告知书")
        if is_first:
            self.saw("citizen/consent", who)
        who.agrees_to_face_check()
        if is_first:
            self.saw("citizen/camera", who)
        who.passes_face_check()
        if is_first:
            self.saw("citizen/sign-read", who)
        who.reads_to_the_end().writes_name()
        if is_first:
            self.saw("citizen/sign-write", who)
        who.press("确认签名").sees("已签好", timeout=60_000)

    def is_reviewed(self) -> None:
        chen, liu = self.chen, self.liu
        chen.page.goto(f"{chen.base_url}/console/")
        chen.is_on("零跑办工作台")
        self.saw("console/sign-in", chen)
        chen.signs_in().is_on("办件")
        self.saw("console/queue", chen)
        chen.opens_case(ITEM)
        self.saw("console/review", chen)
        chen.begins("一次性告知")
        self.saw("console/return", chen)
        chen.thinks_again()
        chen.reads_every_material()
        self.saw("console/review-material", chen)
        chen.passes_prereview().accepts()
        assert not chen.is_offered("作出决定"), "whoever accepted a case does not decide it"
        liu.signs_in().opens_case(ITEM)
        self.saw("console/review-decide", liu)
        liu.begins("作出决定")
        self.saw("console/decide", liu)
        liu.thinks_again().grants("材料齐全，符合备案条件。").sees_sealed_licence()
        self.saw("console/review-licence", liu)

    def is_delivered(self) -> None:
        chen, zhang, courier = self.chen, self.zhang, self.courier
        chen.goes_to("出件").is_on("出件")
        self.saw("console/parcels", chen)
        chen.page.get_by_role("main").get_by_role("link").filter(has_text="成都市").click()
        chen.is_on("快件详情")
        self.saw("console/parcel", chen)
        courier.logs_in(self.hall.accounts()["courier"]["activation_code"])
        self.saw("courier/parcels-none", courier)
        waybill, code = chen.shows_handoff_code()
        self.saw("console/handoff", chen)
        self.windows.camera.show_pictures(drawn_code(waybill), code)
        courier.scans()
        self.saw("courier/taken", courier)
        chen.sees_parcel_taken()
        self.saw("console/custody", chen)
        courier.starts_delivery()
        self.saw("courier/parcel", courier)
        zhang.press("查看进度").is_on("办理进度")
        self.saw("citizen/progress", zhang)
        pickup = zhang.reads_pickup_code()
        self.saw("citizen/parcel", zhang)
        courier.goes_to_the_door()
        self.saw("courier/door", courier)
        courier.delivers(f"{(int(pickup) + 1) % 10**6:06d}").sees(re.compile("取件码不对|不正确"))
        courier.delivers(pickup).sees("已凭取件码交付")
        self.saw("courier/delivered", courier)

    def rates(self) -> None:
        zhang = self.zhang
        zhang.press("看这件事的进度").is_on("办理进度").press("评价这次服务", timeout=30_000).is_on("评价服务")
        self.saw("citizen/rating", zhang)
        zhang.rates("非常满意", comment="没有跑一趟。")
        zhang.press("回到办理进度").is_on("办理进度")
        self.saw("citizen/progress-closed", zhang)

    def is_verified(self) -> None:
        zhang = self.zhang
        zhang.press("查看证照").is_on("证照")
        self.saw("citizen/licence", zhang)
        shown = zhang.shows_licence()
        self.saw("citizen/show", zhang)
        stranger = Stranger(self.citizens_on(), self.hall.base_url).opens()
        self.saw("stranger/verify", stranger)
        expect(stranger.uploads("code.png", shown, "image/png")).to_contain_text("是真的")
        self.saw("stranger/verdict", stranger)
        self.windows.camera.show_pictures(shown)
        passer_by = Citizen(self.citizens_on(), self.hall.base_url, "").opens().press("验证证照").is_on("验证证照")
        self.saw("citizen/verify", passer_by)
        passer_by.press("扫一扫")
        expect(passer_by.page.get_by_role("status").filter(has_text="是真的")).to_be_visible(timeout=30_000)
        self.saw("citizen/verdict", passer_by)
