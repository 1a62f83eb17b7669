"""What the demo people have under way. All of it is invented, and always the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any, Literal

from api.demo.world import ANSWERS

Ending = Literal["draft", "signing", "prereview", "returned", "prereviewed", "accepted", "delivering"]
ORDER: tuple[Ending, ...] = ("draft", "signing", "prereview", "returned", "prereviewed", "accepted", "delivering")


@dataclass(frozen=True, kw_only=True)
class Story:
    """A case of `owner`, begun at `begins_at` (Beijing time), that has come as far as `ends`. With `partner` it is a company's."""

    key: str
    begins_at: time
    owner: str
    shop: str
    uscc: str
    address: str
    food: str
    area_sqm: int
    seats: int
    ends: Ending
    partner: str | None = None

    def reaches(self, state: Ending) -> bool:
        return ORDER.index(self.ends) >= ORDER.index(state)

    @property
    def answers(self) -> dict[str, Any]:
        return {**ANSWERS, "applicant_kind": "company" if self.partner else "individual", "area_sqm": self.area_sqm}

    def form(self, phone: str) -> dict[str, Any]:
        return {
            "shop_name": self.shop,
            "uscc": self.uscc,
            "applicant_kind": self.answers["applicant_kind"],
            "business_address": self.address,
            "area_sqm": self.area_sqm,
            "premises": "rent",
            "lease_until": "2029-06-30",
            "seats": self.seats,
            "food_kind": self.food,
            "makes_cold_dishes": False,
            "sells_online": True,
            "platform_names": "美味到家",
            "staff_count": 3,
            "opens_on": "2027-01-08",
            **({"share_percent": 100} if self.partner else {}),
            "contact_phone": phone,
        }


CORRECTIONS = {
    "form.business_address": "地址写到门牌号为止，还缺楼层和铺号，请与租赁合同写的一致。",
    "materials.M06": "平面图上看不清后厨和洗消区的位置，请标注后重新拍照上传。",
}
STORIES = (
    Story(
        key="licence_on_the_way", begins_at=time(8, 40), owner="zhang_wei", shop="临江小面馆", uscc="91519900MA6CXEW190",
        address="锦川市临江区滨河路 66 号附 2 号", food="noodles", area_sqm=86, seats=32, ends="delivering",
    ),
    Story(
        key="under_review", begins_at=time(11, 5), owner="wang_jianguo", shop="老王抄手", uscc="92519900MA6CXEW101",
        address="锦川市临江区文庙街 18 号附 5 号", food="snack", area_sqm=45, seats=20, ends="accepted",
    ),
    Story(
        key="passed_prereview", begins_at=time(13, 30), owner="li_na", shop="渝记冰粉", uscc="92519900MA6CXEW202",
        address="锦川市临江区东大街 7 号附 11 号", food="drink", area_sqm=28, seats=12, ends="prereviewed",
    ),
    Story(
        key="to_be_corrected", begins_at=time(14, 10), owner="ji_xiangyun", shop="祥云糕点", uscc="92519900MA6CXEW303",
        address="锦川市临江区锦里巷 3 号", food="snack", area_sqm=60, seats=16, ends="returned",
    ),
    Story(
        key="just_submitted", begins_at=time(15, 20), owner="li_na", shop="渝味酸辣粉", uscc="92519900MA6CXEW490",
        address="锦川市临江区东大街 9 号附 1 号", food="noodles", area_sqm=52, seats=24, ends="prereview",
    ),
    Story(
        key="to_be_signed", begins_at=time(16, 10), owner="zhang_wei", shop="临江小面馆二店", uscc="91519900MA6CXEW581",
        address="锦川市临江区人民路 21 号 1 层 103 铺", food="noodles", area_sqm=110, seats=48, ends="signing", partner="li_na",
    ),
    Story(
        key="half_filled", begins_at=time(17, 0), owner="wang_jianguo", shop="老王豆花", uscc="92519900MA6CXEW692",
        address="锦川市临江区文庙街 20 号", food="snack", area_sqm=38, seats=16, ends="draft",
    ),
)  # fmt: skip
"""In the order in which they begin; each is over before the next."""
