"""R58: each kind of template field at its boundary, on both sides."""

from __future__ import annotations

import pytest

from wechat.messages import FIELD_RULES, check_fields, shorten

GOOD = [
    ("thing1", "字" * 20),
    ("thing1", "𠮷" * 20),
    ("number2", "9" * 32),
    ("number2", "12.50"),
    ("letter3", "A" * 32),
    ("symbol4", "@#￥%&"),
    ("character_string5", "A-" * 16),
    ("time6", "15:01"),
    ("time6", "2026年3月1日 15:01~16:30"),
    ("date7", "2026-03-01"),
    ("amount8", "¥1234567890"),
    ("amount8", "￥12.50元"),
    ("phone_number9", "+86-0766-66888866"),
    ("car_number10", "粤A8Z888挂"),
    ("name11", "欧" * 10),
    ("name11", "a" * 20),
    ("phrase12", "配送中完成"),
    ("phrase12", "𠮷𠮷𠮷𠮷𠮷"),
]
BAD = [
    ("thing1", "字" * 21),
    ("thing1", ""),
    ("number2", "9" * 33),
    ("number2", "1e5"),
    ("number2", "12."),
    ("letter3", "A" * 33),
    ("letter3", "A1"),
    ("symbol4", "@#￥%&*"),
    ("symbol4", "A"),
    ("character_string5", "A" * 33),
    ("character_string5", "单号1"),
    ("time6", "25:00"),
    ("time6", "2026年3月1日"),
    ("date7", "3月1日"),
    ("amount8", "¥12345678901"),
    ("amount8", "12.50"),
    ("phone_number9", "1" * 18),
    ("phone_number9", "电话"),
    ("car_number10", "粤A8Z8888挂"),
    ("name11", "欧" * 11),
    ("name11", "a" * 21),
    ("name11", "欧" + "a" * 10),
    ("phrase12", "配送中已完成"),
    ("phrase12", "OK"),
    ("thing", "没有编号"),
    ("nothing1", "x"),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_allowed(name: str, value: str) -> None:
    assert check_fields({name: value}) == {}


@pytest.mark.parametrize(("name", "value"), BAD)
def test_refused(name: str, value: str) -> None:
    assert set(check_fields({name: value})) == {name}


def test_every_kind_is_tried_on_both_sides() -> None:
    for cases in (GOOD, BAD):
        assert {name.rstrip("0123456789") for name, _ in cases} >= set(FIELD_RULES)


def test_only_things_are_shortened() -> None:
    assert check_fields({"thing1": shorten("thing", "长" * 30)}) == {}
    assert shorten("number", "1" * 40) == "1" * 40
