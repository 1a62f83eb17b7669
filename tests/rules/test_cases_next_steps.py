"""What the citizen is told to do now: one plain sentence for every state and reader, and never a button that does not work."""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Any

import pytest

from core.actor import Actor, Role
from express.flow import ParcelState
from hall.cases.flow import FLOW
from hall.cases.next_steps import NextStep, Standing, next_step

CITIZEN = Actor(Role.CITIZEN, "account_1")
ALL_DONE = {"is_owner": True, "is_complete": True, "is_signed": True}


def told(state: str, **facts: Any) -> NextStep:
    allowed = FLOW.allowed_actions(state, CITIZEN, {**ALL_DONE, "is_signed": bool(facts.get("is_signed"))})
    return next_step(Standing(**{"state": state, "is_owner": True, "allowed": allowed, **facts}))


@pytest.mark.parametrize("state", list(FLOW.states))
@pytest.mark.parametrize("is_owner", [True, False])
def test_every_state_says_something_plain(state: str, is_owner: bool) -> None:
    """R82: whoever opens a case reads in one sentence what to do, also when that is nothing."""
    for mine, parcel in itertools.product((None, "waiting", "requested", "signed"), (None, *ParcelState)):
        step = told(state, is_owner=is_owner, my_signature=mine, parcel=parcel, corrections=2)
        assert 3 <= len(step.title) <= 45 and step.hint.endswith("。")
        assert not re.search(r"[A-Za-z_{}]", step.title + step.hint)
        assert step.action is None or is_owner or step.action == "sign"


@pytest.mark.parametrize("state", list(FLOW.states))
def test_no_action_is_offered_that_the_case_does_not_allow(state: str) -> None:
    gaps = {"form.seats": "请填写餐位数。"}
    for facts in ({}, {"gaps": gaps}, {"my_signature": "waiting"}, {"is_signed": True}):
        step = told(state, allowed=[], **facts)
        assert step.action is None
        step = told(state, **facts)
        assert step.action is None or step.action in FLOW.allowed_actions(state, CITIZEN, ALL_DONE)


def test_a_draft_is_led_from_part_to_part() -> None:
    """R24: the next thing, in the order in which it is done, with how much is left."""
    gaps = {
        "materials.M06": "请上传经营场所平面图。",
        "materials.M07": "请上传房屋租赁合同。",
        "form.seats": "请填写餐位数。",
        "parties.shareholder": "请邀请股东一起签署。",
        "parties": "还有 1 位签署人没有接受邀请。",
        "delivery": "请填写证照寄送的收件人和地址。",
    }
    names = {"M06": "经营场所平面图", "M07": "房屋租赁合同"}
    seen = []
    for done in ("form.seats", "delivery", "materials.M06", "materials.M07", "parties.shareholder", "parties", None):
        step = told("draft", gaps=gaps, material_names=names)
        seen.append((step.section, step.action))
        if step.section == "materials":
            assert all(names[code.removeprefix("materials.")] in step.hint for code in gaps if code.startswith("materials."))
        gaps.pop(done or "", None)
    assert seen == [
        ("form", "edit"),
        ("delivery", "edit"),
        ("materials", "edit"),
        ("materials", "edit"),
        ("parties", "edit"),
        ("parties", "edit"),
        ("signing", "prepare_signing"),
    ]
    assert (
        "还差 5 份：A、A、A等"
        in told("draft", gaps={f"materials.{n}": "" for n in range(5)}, material_names=dict.fromkeys("01234", "A")).hint
    )


def test_after_a_one_time_notice_the_corrections_come_first() -> None:
    """R25."""
    assert told("returned", corrections=2) == NextStep(
        "请修改 2 处内容", "要改的地方已经一次性列出来了，照着改好，再签名提交就行。", "reopen"
    )
    assert "改好" in told("draft", corrections=2).title and told("draft", corrections=2).action == "prepare_signing"


def test_signing_says_whose_turn_it_is() -> None:
    assert told("signing", my_signature="waiting", unsigned=2).action == "sign"
    assert told("signing", my_signature="waiting", unsigned=2, is_owner=False, allowed=["sign"]).action == "sign"
    assert told("signing", my_signature="requested", unsigned=1).title == "正在写入您的签名"
    assert "还有 1 位没有签" in told("signing", my_signature="signed", unsigned=1).hint
    assert told("signing", my_signature="signed", is_signed=True).action == "submit"
    assert told("signing", my_signature="signed", is_signed=True, is_owner=False).action is None


def test_who_waits_is_told_until_when() -> None:
    """R20, R27: the day of the answer stands in the sentence; a special procedure has none."""
    day = date(2026, 11, 30)
    assert told("prereview", reply_by=day).title == "不用您做什么，工作人员正在看材料，最晚11月30日答复"
    assert told("accepted", promised_on=date(2026, 12, 1), reply_by=day).title.endswith("最晚12月1日答复")
    assert told("special", promised_on=day, pause="现场踏勘").title == "不用您做什么，正在走特别程序，这段时间不算在期限里（现场踏勘）"
    assert all(told(state).title.startswith("不用您做什么") for state in ("prereview", "prereviewed", "accepted", "special", "granted"))
