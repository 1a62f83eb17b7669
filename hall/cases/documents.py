"""The papers of a case: the personal one-time notice and the commitment that everybody signs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.clock import BEIJING
from esign.service import COMMITMENT, NOTICE, CommitmentData, Line, MaterialRow, NoticeData, Party, Rendered, render, render_document
from hall.cases.ports import SignerPlan
from hall.catalog.service import Checklist, FormField, shown_fields


def chinese_date(at: datetime) -> str:
    day = at.astimezone(BEIJING)
    return f"{day.year}年{day.month}月{day.day}日"


def shown(field: FormField, value: Any) -> str:
    """A form value as people read it."""
    if field.type == "bool":
        return "是" if value else "否"
    if field.type == "choice":
        return next((choice.label for choice in field.choices if choice.value == value), str(value))
    if field.type == "money" and isinstance(value, int):
        return f"{value / 100:,.2f} 元"
    if field.type == "id_number" and isinstance(value, str):
        return f"{value[:6]}********{value[-4:]}"
    if field.type == "date" and isinstance(value, str):
        return _date_text(value)
    return f"{value} {field.unit}".strip()


def _date_text(value: str) -> str:
    """2028年12月31日; a draft's half-written date stays as it is."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.year}年{day.month}月{day.day}日"


class TypstDocuments:
    """`is_test` marks every page 测试: true while certificates come from the local authority."""

    def __init__(self, *, is_test: bool) -> None:
        self._is_test = is_test

    async def notice(self, number: str, person: str, checklist: Checklist, at: datetime) -> bytes:
        place = checklist.places[0]
        data = NoticeData(
            receipt_number=number,
            item_name=checklist.item_name,
            item_code=checklist.item_code,
            authority=checklist.department,
            person_name=person,
            issued_on=chinese_date(at),
            answers=tuple(Line(answer.label, answer.text) for answer in checklist.answers),
            materials=tuple(
                MaterialRow(
                    material.name,
                    "系统生成" if material.is_generated else material.form,
                    f"{material.copies} 份",
                    material.issuer or material.source,
                    material.note,
                    material.is_exempt,
                )
                for material in checklist.materials
            ),
            legal_limit=checklist.limits.statutory_text,
            promised_limit=checklist.limits.promised_text,
            fee=checklist.fee_text,
            legal_basis=checklist.legal_basis,
            channels=checklist.channels,
            help=(
                Line("咨询电话", place.phone),
                Line("办事窗口", f"{place.office} {place.window}"),
                Line("地址", place.address),
                Line("开放时间", place.opening_hours),
                Line("监督电话", checklist.supervision_phone),
            ),
            remarks=checklist.remarks,
            is_test=self._is_test,
        )
        return await asyncio.to_thread(render, NOTICE, data, created_at=at)

    async def commitment(
        self,
        number: str,
        checklist: Checklist,
        form: Mapping[str, Any],
        fields: Sequence[FormField],
        signers: Sequence[SignerPlan],
        at: datetime,
    ) -> Rendered:
        data = CommitmentData(
            number=number,
            item_name=checklist.item_name,
            authority=checklist.department,
            business=tuple(Line(field.label, shown(field, form[field.name])) for field in shown_fields(fields, form) if field.name in form),
            parties=tuple(Party(plan.role, plan.name, plan.id_number_masked, plan.field) for plan in signers),
            promises=checklist.commitment,
            consequences=checklist.commitment_consequences,
            issued_on=chinese_date(at),
            is_test=self._is_test,
        )
        return await asyncio.to_thread(render_document, COMMITMENT, data, created_at=at)
