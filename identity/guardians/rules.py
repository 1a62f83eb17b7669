"""Who may be whose guardian, and what a refusal means to the guardian who reads it. Pure."""

from __future__ import annotations

from datetime import date

OF_AGE = 18
OWN_DECISION = 14
"""From this age on a person decides about the own face."""
REFUSALS = {
    "document_doubtful": "材料看不清，或者没能确认是真的。请带上材料的原件。",
    "relation_not_shown": "带来的材料看不出您和孩子的监护关系。请带上户口本、出生医学证明、法院判决书或指定监护的证明，有一样就行。",
    "facts_differ": "登记的姓名或号码和证件对不上。请照着孩子证件上的姓名和号码登记，来的时候带上孩子的证件或户口本。",
    "declared_by_mistake": "到窗口的人说这次登记错了。",
}
OTHER_REFUSAL = "工作人员这次没能核实。请带上您的身份证、孩子的证件和能证明关系的材料原件。"


def birthday(born_on: date, age: int) -> date:
    """The day on which somebody is that old; born on 29 February, that is 1 March in common years."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def is_ward(born_on: date, today: date) -> bool:
    return today < birthday(born_on, OWN_DECISION)


def may_be_guardian(born_on: date, today: date) -> bool:
    return today >= birthday(born_on, OF_AGE)


def refusal_text(reason: object) -> str:
    """What the clerk wrote down, as the guardian is told, and what to bring."""
    return REFUSALS.get(str(reason), OTHER_REFUSAL)
