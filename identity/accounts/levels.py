"""How a real-name level rises and falls. Pure: the level is what the evidence is worth today, not what it was worth once.

L0 a WeChat login, L1 a phone number, L2 a document that its authority confirmed and that has not run out, L3 a face or a clerk's eyes on
top of such a document, not longer ago than the proof lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.clock import BEIJING
from identity.accounts.rules import Level

TITLES: dict[Level, str] = {
    Level.WECHAT: "微信登录",
    Level.PHONE: "已绑定手机号",
    Level.DOCUMENT: "证件已核验",
    Level.IN_PERSON: "本人已核验",
}
LETS: dict[Level, tuple[str, ...]] = {
    Level.WECHAT: ("查办事指南、问问自己能办什么", "预约窗口", "验证别人出示的证照"),
    Level.PHONE: ("大厅有您的手机号，有事联系得上您",),
    Level.DOCUMENT: ("填申请、传材料、提交申请", "接受别人的签署邀请", "把办好的证照放在手机里"),
    Level.IN_PERSON: ("登记孩子，做孩子的监护人",),
}
"""What each level adds to those below."""
NEXT_STEPS: dict[str, str] = {
    "bind_phone": "绑定手机号",
    "declare_identity": "填写姓名和证件号码",
    "renew_document": "证件已过有效期，请填写新证件",
    "prove_in_person": "刷脸、到窗口、视频或用 U 盾核验，任选一种",
}


@dataclass(frozen=True)
class Evidence:
    """What is known of an account. `document_until`: last day of the document, None for one without an end or of unknown end."""

    has_phone: bool = False
    has_document: bool = False
    document_until: date | None = None
    proven_at: datetime | None = None


@dataclass(frozen=True)
class Assurance:
    """`falls_on`: the first day on which the level is lower if nothing happens."""

    level: Level
    next_steps: tuple[str, ...]
    falls_on: date | None


@dataclass(frozen=True)
class Rung:
    """One level of the ladder for an account. `step`: the code of what reaches it, None where it is reached."""

    level: Level
    step: str | None


def ladder(assurance: Assurance) -> list[Rung]:
    """Every level, lowest first. A document lifts over a missing phone number, which stays to be added."""
    kinds = {Level.PHONE: ("bind_phone",), Level.DOCUMENT: ("declare_identity", "renew_document"), Level.IN_PERSON: ("prove_in_person",)}
    known = assurance.next_steps
    open_steps = {level: next((code for code in codes if code in known), None) for level, codes in kinds.items()}
    if open_steps[Level.DOCUMENT]:
        open_steps[Level.IN_PERSON] = "prove_in_person"
    return [Rung(level, open_steps.get(level)) for level in Level]


def assess(evidence: Evidence, now: datetime, proof_life: timedelta) -> Assurance:
    """The level of this evidence at `now`."""
    today = now.astimezone(BEIJING).date()
    is_valid = evidence.has_document and (evidence.document_until is None or today <= evidence.document_until)
    proof_until = evidence.proven_at + proof_life if evidence.proven_at is not None else None
    is_proven = is_valid and proof_until is not None and now < proof_until
    steps = [] if evidence.has_phone else ["bind_phone"]
    if is_proven and proof_until is not None:
        ends = [proof_until.astimezone(BEIJING).date()]
        return Assurance(Level.IN_PERSON, tuple(steps), min([*ends, *_after(evidence.document_until)]))
    if is_valid:
        return Assurance(Level.DOCUMENT, (*steps, "prove_in_person"), next(iter(_after(evidence.document_until)), None))
    steps.append("renew_document" if evidence.has_document else "declare_identity")
    return Assurance(Level.PHONE if evidence.has_phone else Level.WECHAT, tuple(steps), None)


def _after(day: date | None) -> list[date]:
    return [] if day is None or day == date.max else [day + timedelta(days=1)]
