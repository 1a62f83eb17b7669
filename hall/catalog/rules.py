"""From an item and a person's answers to one complete, deterministic checklist. Pure.

行政许可法 第三十二条: everything is told at once. 优化营商环境条例 第三十六条 and 国务院令第716号: what is shared is not asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from hall.catalog.checklist import (
    Answered,
    Checklist,
    FeeLine,
    Limits,
    Place,
    Refusal,
    RequiredMaterial,
    SignerLine,
    StepLine,
)
from hall.catalog.forms import is_shown, read_values, validate_form
from hall.catalog.item import FormField, Item, Material
from hall.catalog.predicates import holds

ALTERNATIVE_FORMS = "或"


def read_answers(item: Item, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that count, in the order of the questions: an answer to a question that was not to be asked is dropped."""
    given = read_values(item.scenario, answers)
    kept: dict[str, Any] = {}
    for question in item.scenario:
        value = given.get(question.name)
        if value not in (None, "") and is_shown(question, kept):
            kept[question.name] = value
    return kept


def answer_problems(item: Item, answers: Mapping[str, Any]) -> dict[str, str]:
    """Question name to what is wrong with its answer; an unanswered required question counts, a stray hidden answer does not."""
    counted = read_answers(item, answers)
    names = {question.name for question in item.scenario}
    strays = {name for name in names if name in answers and name not in counted and answers[name] not in (None, "")}
    return validate_form(item.scenario, {name: value for name, value in answers.items() if name not in strays})


def carried_over(item: Item, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the scenario already told of the form: a field named as a question starts with its answer, so that nobody is asked twice."""
    fields = {field.name: field for field in item.form}
    known = {name: answers[name] for name in read_answers(item, answers) if name in fields}
    return {name: value for name, value in known.items() if not validate_form((fields[name],), {name: value}, partial=True)}


def next_question(item: Item, answers: Mapping[str, Any]) -> tuple[FormField | None, int, int]:
    """The first question that is to be asked and has no answer yet, its place, and how many there are by the answers so far.

    An optional question counts as answered when its name is there, even with null: somebody left it out on purpose.
    """
    counted = read_answers(item, answers)
    asked = [question for question in item.scenario if is_shown(question, counted)]
    for number, question in enumerate(asked, 1):
        is_left_out = not question.is_required and question.name in answers
        if question.name not in counted and not is_left_out:
            return question, number, len(asked)
    return None, len(asked), len(asked)


def refusals(item: Item, answers: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Every reason why this is the wrong item."""
    return tuple(
        Refusal(rule.because, rule.instead, rule.instead_code, rule.basis) for rule in item.not_applicable if holds(rule.when, answers)
    )


def required_materials(item: Item, answers: Mapping[str, Any], held: Collection[str] = ()) -> tuple[RequiredMaterial, ...]:
    """The papers these answers make necessary, in the order of the guide; `held` has the licence classes the hall already has."""
    return tuple(_required(material, held) for material in item.materials if holds(material.required_if, answers))


def _required(material: Material, held: Collection[str]) -> RequiredMaterial:
    is_exempt = material.obtained_by == "sharing" or (material.shared_from is not None and material.shared_from in held)
    return RequiredMaterial(
        code=material.code,
        name=material.name,
        form=ALTERNATIVE_FORMS.join(material.forms),
        copies=material.copies,
        source=material.source,
        issuer=material.issuer,
        because=material.because,
        accepts=material.accepts,
        max_bytes=material.max_bytes,
        note=material.note,
        signed_by=material.signed_by,
        is_core=material.is_core,
        is_generated=material.obtained_by == "system",
        is_exempt=is_exempt,
        is_required=material.obtained_by == "applicant" and not is_exempt,
    )


def reduction_percent(statutory: int, promised: int) -> int:
    """How much shorter the promise is, in whole per cent, never rounded up."""
    return (statutory - promised) * 100 // statutory if statutory > 0 else 0


def limits(item: Item) -> Limits:
    return Limits(
        item.statutory_days,
        item.promised_days,
        reduction_percent(item.statutory_days, item.promised_days),
        _days(item.statutory_days),
        _days(item.promised_days),
        item.limit_note,
    )


def _days(days: int) -> str:
    return "当场办结" if days == 0 else f"{days} 个工作日"


def fee_text(item: Item) -> str:
    if not item.fees:
        return "不收费"
    return "；".join(f"{fee.name} {fee.amount_fen // 100}.{fee.amount_fen % 100:02d} 元" for fee in item.fees)


def answer_text(question: FormField, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if question.type == "choice":
        return next((choice.label for choice in question.choices if choice.value == value), str(value))
    if question.type == "money":
        return f"{value // 100}.{value % 100:02d} 元"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {question.unit}".strip()


def personal_checklist(
    item: Item,
    answers: Mapping[str, Any],
    *,
    places: Sequence[Place] = (),
    held: Collection[str] = (),
) -> Checklist:
    """All that this person needs to know, in one piece (R24). The answers must have passed `answer_problems`.

    When the item does not apply, `refusals` says why and the list of materials is empty: nobody should collect papers for the wrong matter.
    """
    counted = read_answers(item, answers)
    wrong = refusals(item, counted)
    signers = [signer for signer in item.signers if holds(signer.required_if, counted)]
    checklist = Checklist(
        item_code=item.code,
        item_version=item.version,
        item_name=item.name,
        department_id=item.department_id,
        department=item.department,
        is_applicable=not wrong,
        not_applicable_reason=" ".join(f"{one.because}。{one.instead}。" for one in wrong),
        refusals=wrong,
        answers=tuple(
            Answered(question.name, question.label, answer_text(question, counted[question.name]))
            for question in item.scenario
            if question.name in counted
        ),
        materials=() if wrong else required_materials(item, counted, held),
        conditions=item.conditions,
        limits=limits(item),
        fees=tuple(FeeLine(fee.name, fee.amount_fen, fee.basis) for fee in item.fees),
        fee_text=fee_text(item),
        legal_basis=tuple(legal_basis(item)),
        signers=tuple(signer.role for signer in signers),
        signing=tuple(SignerLine(signer.role, signer.label, signer.signs) for signer in signers),
        commitment=item.commitment,
        commitment_consequences=item.commitment_consequences,
        next_steps=tuple(StepLine(step.name, step.who, step.does, step.working_days) for step in item.steps),
        channels=item.channels,
        deliveries=item.deliveries,
        results=tuple(result.name for result in item.results),
        places=tuple(places),
        max_trips=item.max_trips,
        supervision_phone=item.supervision_phone,
        remedies=item.remedies,
        remarks=tuple(remark.text for remark in item.remarks if holds(remark.when, counted)),
    )
    return msgspec.structs.replace(checklist, digest=digest_of(checklist))


def legal_basis(item: Item) -> list[str]:
    return [
        f"《{basis.title}》{f'（{basis.document_number}）' if basis.document_number else ''}{basis.article}" for basis in item.legal_bases
    ]


def digest_of(checklist: Checklist) -> str:
    """SHA-256, hexadecimal, of the checklist without its own digest."""
    plain = msgspec.structs.replace(checklist, digest="")
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


def form_problems(item: Item, values: Mapping[str, Any], *, partial: bool = False) -> dict[str, str]:
    """`validate_form` with the item's own form."""
    return validate_form(item.form, values, partial=partial)
