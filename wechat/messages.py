"""Subscribe messages: the limits of each kind of template field, checked before anything is sent.

Source: the value-limit table of subscribeMessage.send. A field is named by its kind and a number (`thing1`). Lengths count characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_TIME = rf"({_DAY} ?)?{_CLOCK}"
_DATE = rf"{_DAY}( ?{_CLOCK})?"


@dataclass(frozen=True)
class FieldRule:
    pattern: re.Pattern[str]
    sentence: str


def _rule(pattern: str, sentence: str) -> FieldRule:
    return FieldRule(re.compile(pattern, re.DOTALL | re.ASCII), sentence)


FIELD_RULES: dict[str, FieldRule] = {
    "thing": _rule(r".{1,20}", "最多20个字。"),
    "number": _rule(r"(?=.{1,32}$)\d+(\.\d+)?", "只能是数字，最多32位，可以带小数。"),
    "letter": _rule(r"[A-Za-z]{1,32}", "只能是字母，最多32个。"),
    "symbol": _rule(rf"[^0-9A-Za-z\s{_CHINESE}]{{1,5}}", "只能是符号，最多5个。"),
    "character_string": _rule(r"[\x20-\x7e]{1,32}", "只能是数字、字母或符号，最多32位，不能有汉字。"),
    "time": _rule(rf"{_TIME}(~{_TIME})?", "要写成24小时制的时间，例如 2026年3月1日 15:01。"),
    "date": _rule(rf"{_DATE}(~{_DATE})?", "要写成年月日，例如 2026年3月1日。"),
    "amount": _rule(r"[¥￥$€£](?=[\d.]{1,11}元?$)\d{1,10}(\.\d{1,9})?元?", "要以货币符号开头，最多10位数字。"),
    "phone_number": _rule(r"[\d+\-() *#]{1,17}", "只能是电话号码，最多17位。"),
    "car_number": _rule(rf"(?=.{{1,8}}$)[{_CHINESE}A-Z0-9][A-Z0-9·]*[{_CHINESE}A-Z0-9]?", "要写成车牌号，最多8位。"),
    "name": _rule(rf"(?=.*[{_CHINESE}])[^\d]{{1,10}}|[^\d{_CHINESE}]{{1,20}}", "汉字最多10个，字母或符号最多20个。"),
    "phrase": _rule(rf"[{_CHINESE}]{{1,5}}", "只能是汉字，最多5个。"),
}


def kind_of(field_name: str) -> str:
    return field_name.rstrip("0123456789")


def check_fields(data: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each field that WeChat would refuse (errcode 47003); empty when the message may go."""
    problems: dict[str, str] = {}
    for name, value in data.items():
        rule = FIELD_RULES.get(kind_of(name))
        if rule is None or kind_of(name) == name:
            problems[name] = "没有这种字段。"
        elif not rule.pattern.fullmatch(value):
            problems[name] = rule.sentence
    return problems


def shorten(kind: str, text: str) -> str:
    """Cut a `thing` to its length with an ellipsis; other kinds are never cut, because a cut number or time would be wrong."""
    return text if kind != "thing" or len(text) <= 20 else text[:19] + "…"
