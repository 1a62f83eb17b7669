"""Checks of an item before it may be published (R13, R14, R19, R21): 十统一 elements, codes, limits, conditions, cancelled proofs. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from hall.catalog.forms import is_uscc
from hall.catalog.item import CancelledProof, Department, FormField, Item, Predicate
from hall.catalog.predicates import fields_of, problems

MINIMUM_ELEMENTS = 20
LEVELS = {"国家级": "1", "省级": "2", "市级": "3", "县级": "4", "乡级": "5"}
_MANDATORY = {
    "name": "事项名称",
    "legal_bases": "设定依据",
    "conditions": "办理条件",
    "materials": "申请材料",
    "signers": "签名人",
    "steps": "办理流程",
    "results": "办理结果",
    "deliveries": "送达方式",
    "channels": "办理形式",
    "places": "办理地点",
    "keywords": "检索词",
    "audiences": "服务对象",
    "form": "申请表",
    "supervision_phone": "监督电话",
    "remedies": "救济途径",
}


class Finding(msgspec.Struct, frozen=True):
    """`element` is the field of the item; `message` says what to mend."""

    item_code: str
    element: str
    message: str


def lint(
    item: Item,
    *,
    departments: Mapping[str, Department],
    window_ids: Collection[str],
    cancelled: Sequence[CancelledProof] = (),
) -> list[Finding]:
    """What must be mended before publication; empty when the item is sound."""
    found = [
        *_elements(item),
        *_codes(item, departments),
        *_limits(item),
        *_conditions(item),
        *_references(item, window_ids),
        *_cancelled(item, cancelled),
    ]
    return [Finding(item.code, element, message) for element, message in found]


def element_count(item: Item) -> int:
    """How many elements are filled in (R14 asks for at least twenty)."""
    values = (getattr(item, name) for name in item.__struct_fields__)
    return sum(value is not None and value != "" and value != () for value in values)


Found = Iterator[tuple[str, str]]


def _elements(item: Item) -> Found:
    for name, label in _MANDATORY.items():
        if not getattr(item, name):
            yield name, f"缺少“{label}”"
    if element_count(item) < MINIMUM_ELEMENTS:
        yield "item", f"要素不足 {MINIMUM_ELEMENTS} 项"


def _codes(item: Item, departments: Mapping[str, Department]) -> Found:
    if not re.fullmatch(r"[0-9]{12}", item.basic_code):
        yield "basic_code", "基本编码应当是 12 位数字"
    if len(item.code) != 31:
        yield "code", "实施编码应当是 31 位"
        return
    if not is_uscc(item.code[:18]):
        yield "code", "实施编码的前 18 位应当是部门的统一社会信用代码"
    if item.code[18] != LEVELS[item.level]:
        yield "code", "实施编码的第 19 位与行使层级不一致"
    if item.code[19:] != item.basic_code:
        yield "code", "实施编码的后 12 位应当是基本编码"
    department = departments.get(item.department_id)
    if department is None:
        yield "department_id", "实施部门不在部门表里"
    elif department.name != item.department:
        yield "department", "实施部门的名称与部门表不一致"
    elif department.uscc != item.code[:18]:
        yield "code", "实施编码与实施部门的统一社会信用代码不一致"


def _limits(item: Item) -> Found:
    if item.promised_days > item.statutory_days:
        yield "promised_days", "承诺时限不得长于法定时限"
    if item.promised_days < 0:
        yield "promised_days", "时限不能是负数"
    if item.handling == "即办件" and item.promised_days > 1:
        yield "handling", "即办件应当在 1 个工作日以内办结"
    if sum(step.working_days for step in item.steps) > item.promised_days:
        yield "steps", "各环节的工作日之和超过承诺时限"


def _conditions(item: Item) -> Found:
    scenario: dict[str, FormField] = {}
    for question in item.scenario:
        yield from _predicate(f"scenario.{question.name}", question.shown_if, scenario)
        yield from _predicate(f"scenario.{question.name}", question.required_if, scenario)
        scenario[question.name] = question
    form = {field.name: field for field in item.form}
    for field in item.form:
        yield from _predicate(f"form.{field.name}", field.shown_if, form)
        yield from _predicate(f"form.{field.name}", field.required_if, form)
    for place, fields in (("scenario", item.scenario), ("form", item.form)):
        names = [field.name for field in fields]
        yield from ((f"{place}.{name}", "字段重名") for name in sorted({name for name in names if names.count(name) > 1}))
        yield from ((f"{place}.{field.name}", "选择题没有选项") for field in fields if field.type == "choice" and not field.choices)
    for material in item.materials:
        yield from _predicate(f"materials.{material.code}", material.required_if, scenario)
    for signer in item.signers:
        yield from _predicate(f"signers.{signer.role}", signer.required_if, scenario)
    for number, rule in enumerate(item.not_applicable):
        yield from _predicate(f"not_applicable.{number}", rule.when, scenario)
        if rule.instead_code == item.code:
            yield f"not_applicable.{number}", "不能指回本事项"
    for number, remark in enumerate(item.remarks):
        yield from _predicate(f"remarks.{number}", remark.when, scenario)


def _predicate(element: str, predicate: Predicate | None, known: Mapping[str, FormField]) -> Found:
    if predicate is None:
        return
    wrong = problems(predicate, known)
    yield from ((element, message) for message in wrong)
    if not wrong and not list(fields_of(predicate)):
        yield element, "条件没有用到任何回答"


def _references(item: Item, window_ids: Collection[str]) -> Found:
    roles = {signer.role for signer in item.signers}
    codes = [material.code for material in item.materials]
    yield from ((f"materials.{code}", "材料编码重复") for code in sorted({code for code in codes if codes.count(code) > 1}))
    for material in item.materials:
        yield from ((f"materials.{material.code}", f"没有签名人 {role}") for role in material.signed_by if role not in roles)
    steps = {step.code for step in item.steps}
    for step in item.steps:
        yield from ((f"steps.{step.code}", f"流程图没有环节 {name}") for name in step.next if name not in steps)
    if item.steps and all(step.next for step in item.steps):
        yield "steps", "流程图没有终点"
    for place in item.places:
        if place.window_id not in window_ids:
            yield "places", f"没有窗口 {place.window_id}"


def _cancelled(item: Item, cancelled: Sequence[CancelledProof]) -> Found:
    for material in item.materials:
        for proof in cancelled:
            if any(word in material.name for word in proof.words):
                yield f"materials.{material.code}", f"“{proof.name}”已经取消，不得再要求提供：{proof.instead}"
