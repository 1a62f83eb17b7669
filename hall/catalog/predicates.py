"""Conditions as data: `{"all": [p, …]}`, `{"any": [p, …]}`, `{"not": p}`, `{"eq"|"ne"|"lt"|"le"|"gt"|"ge": ["field", value]}`,
`{"in": ["field", [values]]}`.

A comparison with an answer that is missing or of another type is false (also `ne`): nothing follows from what was not said.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from hall.catalog.item import Predicate

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
_MAX_DEPTH = 8


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "date" if isinstance(value, date) else type(value).__name__


def _as_known(value: Any, answer: Any) -> Any:
    """A date in a JSON condition is text."""
    if isinstance(answer, date) and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def holds(predicate: Predicate | None, answers: Mapping[str, Any]) -> bool:
    """Whether the condition is true for `answers`; None (no condition) is true. ValueError for a malformed one (lint finds those first)."""
    if predicate is None:
        return True
    if len(predicate) != 1:
        raise ValueError("a predicate has exactly one operator")
    ((name, operand),) = predicate.items()
    if name == "all":
        return all(holds(part, answers) for part in operand)
    if name == "any":
        return any(holds(part, answers) for part in operand)
    if name == "not":
        return not holds(operand, answers)
    field, value = operand
    answer = answers.get(field)
    if answer is None:
        return False
    if name == "in":
        return any(_kind(_as_known(one, answer)) == _kind(answer) and _as_known(one, answer) == answer for one in value)
    value = _as_known(value, answer)
    if _kind(value) != _kind(answer):
        return False
    if name == "eq":
        return bool(answer == value)
    if name == "ne":
        return bool(answer != value)
    if name in _ORDER:
        return _ORDER[name](answer, value)
    raise ValueError(f"unknown operator {name}")


def fields_of(predicate: Predicate | None) -> Iterator[str]:
    """The fields that a sound condition looks at, in order."""
    if predicate is None:
        return
    ((name, operand),) = predicate.items()
    if name in {"all", "any"}:
        for part in operand:
            yield from fields_of(part)
    elif name == "not":
        yield from fields_of(operand)
    else:
        yield str(operand[0])


def problems(predicate: Any, known: Mapping[str, Any], *, depth: int = 0) -> list[str]:
    """What is wrong with a condition from a data file; `known` has the fields that may be named."""
    if depth > _MAX_DEPTH:
        return ["条件嵌套过深"]
    if not isinstance(predicate, dict) or len(predicate) != 1:
        return ["条件应当只有一个运算符"]
    ((name, operand),) = predicate.items()
    if name in {"all", "any"}:
        if not isinstance(operand, list) or not operand:
            return [f"{name} 需要一个非空列表"]
        return [found for part in operand for found in problems(part, known, depth=depth + 1)]
    if name == "not":
        return problems(operand, known, depth=depth + 1)
    if name not in {"eq", "ne", "in", *_ORDER}:
        return [f"未知的运算符 {name}"]
    if not isinstance(operand, list) or len(operand) != 2 or not isinstance(operand[0], str):
        return [f"{name} 需要 [字段, 值]"]
    if operand[0] not in known:
        return [f"条件引用了不存在的字段 {operand[0]}"]
    if name == "in" and not isinstance(operand[1], list):
        return ["in 需要一个值的列表"]
    return []
