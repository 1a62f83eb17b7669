"""Checking what people fill in against a form schema. Pure; every message is a whole sentence in plain Chinese.

Sources: GB 32100-2015 (统一社会信用代码, through python-stdnum), GB 11643-1999 (公民身份号码, `core/id_numbers.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from stdnum.cn import uscc

from core.id_numbers import born_on
from core.text import LAYOUT, has_hidden
from hall.catalog.item import FormField
from hall.catalog.predicates import holds

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?", re.ASCII)
_MAX_TEXT = 500
_MAX_MONEY_FEN = 10**15
_MAX_NUMBER = 10**12
_EMPTY: tuple[Any, ...] = (None, "")


def is_id_number(text: str) -> bool:
    """Eighteen characters with a real date and a matching check character; the district table is not used, since districts change."""
    return born_on(text) is not None


def is_uscc(text: str) -> bool:
    """Exactly as printed: eighteen digits and capital letters with a matching check character."""
    return re.fullmatch(r"[0-9A-Z]{18}", text) is not None and bool(uscc.is_valid(text))


def read_values(schema: Sequence[FormField], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as rules compare them: dates parsed where possible, everything else as it came."""
    dates = {field.name for field in schema if field.type == "date"}
    return {name: _parsed_date(value) if name in dates else value for name, value in values.items()}


def _parsed_date(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def validate_form(schema: Sequence[FormField], values: Mapping[str, Any], *, partial: bool = False) -> dict[str, str]:
    """Field name to what is wrong with it; empty when all is well. `partial` (a draft) lets fields be missing, but not be wrong.

    Fields that the schema does not know are refused, so that nothing is stored that nobody asked for.
    """
    known = {field.name: field for field in schema}
    readable = read_values(schema, values)
    # The name of an unknown field is the sender's text: it is cut, and the message does not repeat it.
    found = {name[:64]: "表单里没有这一项。" for name in values if name not in known}
    for field in schema:
        value = readable.get(field.name)
        if value in _EMPTY or (isinstance(value, str) and not value.strip()):
            if not partial and _is_needed(field, readable):
                found[field.name] = f"请填写“{field.label}”。"
            continue
        problem = _check(field, value)
        if problem is not None:
            found[field.name] = problem
    return found


def is_shown(field: FormField, values: Mapping[str, Any]) -> bool:
    return holds(field.shown_if, values)


def shown_fields(schema: Sequence[FormField], values: Mapping[str, Any]) -> list[FormField]:
    """The fields to be shown now. What was once filled into a field that is hidden by now decides nothing."""
    readable, hidden = read_values(schema, values), set[str]()
    while True:
        counted = {name: value for name, value in readable.items() if name not in hidden}
        more = {field.name for field in schema if field.name not in hidden and not is_shown(field, counted)}
        if not more:
            return [field for field in schema if field.name not in hidden]
        hidden |= more


def shown_values(schema: Sequence[FormField], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that count: those of shown fields, and of fields nobody knows (for `validate_form` to refuse)."""
    hidden = {field.name for field in schema} - {field.name for field in shown_fields(schema, values)}
    return {name: value for name, value in values.items() if name not in hidden}


def _is_needed(field: FormField, values: Mapping[str, Any]) -> bool:
    if not is_shown(field, values):
        return False
    return field.is_required if field.required_if is None else holds(field.required_if, values)


def _check(field: FormField, value: Any) -> str | None:
    label = field.label
    if field.type == "bool":
        return None if isinstance(value, bool) else f"“{label}”请选择是或否。"
    if field.type in {"number", "money"}:
        return _check_number(field, value)
    if field.type == "date":
        return _check_date(field, value)
    if not isinstance(value, str):
        return f"“{label}”应当是文字。"
    if field.type == "choice":
        return None if value in {choice.value for choice in field.choices} else f"“{label}”请从给出的选项中选择。"
    if field.type == "uscc":
        return None if is_uscc(value) else f"“{label}”不对，请照营业执照核对 18 位统一社会信用代码。"
    if field.type == "id_number":
        return None if is_id_number(value) else f"“{label}”不对，请照身份证核对 18 位号码。"
    if field.type == "phone":
        fits = _MOBILE.fullmatch(value) or _LANDLINE.fullmatch(value)
        return None if fits else f"“{label}”请填写 11 位手机号，或带区号的座机号。"
    return _check_text(field, value)


def _check_number(field: FormField, value: Any) -> str | None:
    label, unit = field.label, field.unit
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        return f"“{label}”应当是数字。"
    if field.type == "money" and not isinstance(value, int):
        return f"“{label}”的金额应当精确到分。"
    if isinstance(field.min, int | float) and value < field.min:
        return f"“{label}”不能小于 {_amount(field, field.min)}{unit}。"
    if isinstance(field.max, int | float) and value > field.max:
        return f"“{label}”不能大于 {_amount(field, field.max)}{unit}。"
    if abs(value) > (_MAX_MONEY_FEN if field.type == "money" else _MAX_NUMBER):
        return f"“{label}”太大了，请核对。"
    return None


def _amount(field: FormField, value: int | float) -> str:
    return f"{value / 100:.2f}" if field.type == "money" else f"{value:g}"


def _check_date(field: FormField, value: Any) -> str | None:
    if not isinstance(value, date):
        return f"“{field.label}”请按“年-月-日”填写一个真实的日期。"
    if isinstance(field.min, date) and value < field.min:
        return f"“{field.label}”不能早于 {field.min:%Y-%m-%d}。"
    if isinstance(field.max, date) and value > field.max:
        return f"“{field.label}”不能晚于 {field.max:%Y-%m-%d}。"
    return None


def _check_text(field: FormField, value: str) -> str | None:
    text = value.strip()
    low = field.min if isinstance(field.min, int) else (6 if field.type == "address" else 1)
    high = field.max if isinstance(field.max, int) else _MAX_TEXT
    if len(text) < low:
        hint = "请写到门牌号" if field.type == "address" else f"至少 {low} 个字"
        return f"“{field.label}”太短了，{hint}。"
    if len(text) > high:
        return f"“{field.label}”最多 {high} 个字。"
    if has_hidden(value, allowed=LAYOUT):
        return f"“{field.label}”里有不能使用的字符。"
    if field.pattern is not None and not re.fullmatch(field.pattern, text):
        return field.pattern_hint or f"“{field.label}”的格式不对。"
    return None
