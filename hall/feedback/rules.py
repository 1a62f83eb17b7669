"""Levels, tags and what follows from a rating. Pure. Source: GB/T 39734-2020 《政务服务“好差评”评价指标体系》."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

MAX_COMMENT = 500
MAX_TAGS = 5
UNREACHED_CALLS = 3
"""After so many calls that nobody answered, a task may be finished without a talk."""


class Level(IntEnum):
    VERY_SATISFIED = 5
    SATISFIED = 4
    FAIR = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1


LEVEL_NAMES: Mapping[Level, str] = {
    Level.VERY_SATISFIED: "非常满意",
    Level.SATISFIED: "满意",
    Level.FAIR: "基本满意",
    Level.DISSATISFIED: "不满意",
    Level.VERY_DISSATISFIED: "非常不满意",
}

GOOD_TAGS: Mapping[str, str] = {
    "no_trip": "一次都没跑",
    "fast": "办得快",
    "clear_guide": "指南清楚",
    "few_materials": "材料少",
    "kind": "态度好",
    "easy_to_use": "手机好操作",
}
BAD_TAGS: Mapping[str, str] = {
    "extra_trip": "多跑了路",
    "late": "超过承诺时限",
    "guide_differs": "要求与指南不一致",
    "extra_materials": "额外要材料",
    "asked_twice": "没有一次告知清楚",
    "unkind": "态度不好",
    "hard_to_use": "手机不好操作",
    "charged": "乱收费",
}


def is_bad(level: Level) -> bool:
    """不满意 and 非常不满意 must be followed up."""
    return level <= Level.DISSATISFIED


def tags_of(level: Level) -> Mapping[str, str]:
    """What may be ticked at a level; the middle one may tick both kinds."""
    if level is Level.FAIR:
        return {**GOOD_TAGS, **BAD_TAGS}
    return BAD_TAGS if is_bad(level) else GOOD_TAGS


def rating_problems(level: int, tags: Sequence[str], comment: str) -> dict[str, str]:
    """Field to what is wrong with it."""
    if level not in set(Level):
        return {"level": "请从五个等级中选择一个。"}
    found: dict[str, str] = {}
    allowed = tags_of(Level(level))
    if len(tags) > MAX_TAGS or len(set(tags)) != len(tags) or any(tag not in allowed for tag in tags):
        found["tags"] = f"请从给出的选项中选择，最多 {MAX_TAGS} 个。"
    if len(comment) > MAX_COMMENT:
        found["comment"] = f"最多写 {MAX_COMMENT} 个字。"
    if any(ord(char) < 32 and char not in "\n\t" for char in comment):
        found["comment"] = "内容里有不能保存的字符。"
    return found


def was_contacted(reached: int, unreached: int) -> bool:
    """Whether the person has been talked to, or honestly tried."""
    return reached > 0 or unreached >= UNREACHED_CALLS


def satisfaction_percent(counts: Mapping[Level, int]) -> float | None:
    """Share of 基本满意 and better, in per cent with one digit; None without ratings."""
    total = sum(counts.values())
    good = sum(number for level, number in counts.items() if not is_bad(level))
    return None if total == 0 else round(good * 1000 / total) / 10
