"""Who plays, with what, and what the demo remembers from step to step."""

from __future__ import annotations

import asyncio
import io
import math
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from api.demo.phone import Phone
from api.demo.stage import Stage
from sandbox.persons import Person, find_person

ITEM = "小餐饮食品经营备案"
OFFICE = "office_jinchuan"
ANSWERS = {
    "applicant_kind": "company",
    "area_sqm": 86,
    "premises": "rent",
    "makes_high_risk_food": False,
    "makes_cold_dishes": False,
    "has_cooking_fumes": True,
    "sells_online": True,
    "handled_by": "self",
}
DELIVERY = {
    "name": "张伟",
    "phone": "19900000001",
    "province": "四川省",
    "city": "成都市",
    "county": "锦江区",
    "address": "示例路 8 号 2 栋 1 单元 301",
}


def form_values(*, is_company: bool) -> dict[str, Any]:
    return {
        "shop_name": "临江小面馆" if is_company else "老王抄手",
        "uscc": "91519900MA6CXEW190",
        "applicant_kind": "company" if is_company else "individual",
        "business_address": "锦川市临江区滨河路 66 号附 2 号",
        "area_sqm": 86,
        "premises": "rent",
        "lease_until": "2029-06-30",
        "seats": 32,
        "food_kind": "noodles",
        "makes_cold_dishes": False,
        "sells_online": True,
        "platform_names": "美味到家",
        "staff_count": 5,
        "opens_on": "2027-01-08",
        **({"share_percent": 100} if is_company else {}),
        "contact_phone": "19900000001",
    }


_STROKES = (
    # Start, bend and end of the strokes that characters are made of, in a box of 1 × 1: 横 竖 撇 捺 折 提 点.
    ((0.05, 0.30), (0.50, 0.24), (0.95, 0.27)),
    ((0.50, 0.02), (0.47, 0.50), (0.50, 0.98)),
    ((0.60, 0.15), (0.52, 0.60), (0.08, 0.95)),
    ((0.40, 0.35), (0.60, 0.75), (0.96, 0.92)),
    ((0.15, 0.20), (1.10, 0.05), (0.78, 0.85)),
    ((0.08, 0.80), (0.30, 0.74), (0.55, 0.52)),
    ((0.66, 0.10), (0.72, 0.16), (0.80, 0.24)),
)


def handwriting(name: str) -> list[list[list[float]]]:
    """A believable finger drawing: strokes of [x, y, milliseconds, pressure] points. Everybody has a hand of their own, and it is always
    the same; what it writes is no real character."""
    hand = random.Random(name)
    slant, width, height = hand.uniform(-0.28, 0.12), hand.uniform(84, 120), hand.uniform(96, 140)
    strokes: list[list[list[float]]] = []
    clock = 0.0
    for place in range(len(name)):
        left, top = 50 + place * width * 1.08, 60 + hand.uniform(-14, 14)
        for kind in (*hand.sample(range(len(_STROKES)), hand.randint(4, 6)), hand.randrange(3)):
            corners = [(x + hand.uniform(-0.14, 0.14), y + hand.uniform(-0.16, 0.16)) for x, y in _STROKES[kind]]
            stroke = []
            for step in range(24):
                turn = step / 23
                weights = ((1 - turn) ** 2, 2 * turn * (1 - turn), turn**2)
                x = sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True))
                y = sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True))
                clock += 11
                pressure = 0.35 + 0.4 * math.sin(math.pi * (0.15 + 0.8 * turn))
                stroke.append([round(left + width * (x - slant * (y - 0.5)), 1), round(top + height * y, 1), clock, round(pressure, 2)])
            strokes.append(stroke)
            clock += 120
    return strokes


def paper(title: str, kind: str) -> bytes:
    """A scan of a paper, as JPEG or PNG or PDF bytes."""
    page = Image.new("RGB", (900, 1270), (252, 252, 249))
    draw = ImageDraw.Draw(page)
    draw.rectangle((60, 60, 840, 1210), outline=(70, 70, 70), width=3)
    for line in range(26):
        length = 420 + 37 * ((line * 7 + len(title)) % 9)
        draw.line((110, 180 + line * 37, 110 + length, 180 + line * 37), fill=(110, 110, 110), width=4)
    out = io.BytesIO()
    page.save(out, kind)
    return out.getvalue()


@dataclass
class World:
    """`kept` holds ids and files by name; a step that is played again finds there what it already did."""

    stage: Stage
    out: Path | None
    kept: dict[str, Any] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    used_codes: dict[str, float] = field(default_factory=dict)

    def person(self, key: str) -> Person:
        found = find_person(key)
        if found is None:
            raise LookupError(key)
        return found

    def phone(self, name: str) -> Phone:
        if name not in self.phones:
            self.phones[name] = Phone(self.stage.base_url)
        return self.phones[name]

    @property
    def sandbox(self) -> Phone:
        if "sandbox" not in self.phones:
            self.phones["sandbox"] = Phone(self.stage.sandbox_url)
        return self.phones["sandbox"]

    async def login_code(self, key: str) -> str:
        answer = await self.sandbox.send("POST", "/_sandbox/wechat/login_code", json={"person": key})
        return str(answer.json()["code"])

    async def staff(self, username: str) -> Phone:
        """A logged-in desk; the password and the TOTP secret come from the private data folder."""
        desk = self.phone(username)
        if not desk.token:
            known = self.stage.accounts()["staff"][username]

            given: list[str] = []

            async def credentials() -> dict[str, str]:
                if self.stage.authenticator(username) in given:
                    await asyncio.sleep(31 - time.time() % 30)
                given.append(self.stage.authenticator(username))
                return {"username": username, "password": known["password"], "totp": given[-1]}

            await desk.log_in("/api/open/login/staff", credentials)
        return desk

    def keep_file(self, name: str, data: bytes) -> bytes:
        self.kept[name] = data
        if self.out is not None:
            (self.out / name).write_bytes(data)
        return data

    async def close(self) -> None:
        for phone in self.phones.values():
            await phone.close()


@dataclass
class Record:
    name: str
    ok: bool = False
    proves: str = ""
    ms: int = 0
    began: float = field(default_factory=time.perf_counter)

    def end(self) -> Record:
        self.ms = round((time.perf_counter() - self.began) * 1000)
        return self

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "ok": self.ok, "proves": self.proves, "ms": self.ms}
