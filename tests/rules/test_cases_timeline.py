"""The dated story of a case, from its audit chain and its state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from express.flow import PARCEL_FLOW
from hall.cases.flow import FLOW
from hall.cases.timeline import _TOLD, Milestone, Recorded, milestones

START = datetime(2026, 11, 23, 1, tzinfo=UTC)


def lines(*actions: str | tuple[str, dict[str, Any]]) -> list[Recorded]:
    pairs = [(action, {}) if isinstance(action, str) else action for action in actions]
    return [Recorded(START + timedelta(hours=number), action, data) for number, (action, data) in enumerate(pairs)]


def test_the_whole_way_is_told_in_order() -> None:
    """R82: every step has its day; what is not yet there has none."""
    recorded = lines(
        "case.started",
        "case.material_added",
        "case.material_viewed",
        ("case.submitted", {"round": 1}),
        ("case.returned", {"subjects": ["form.seats", "materials.M06"]}),
        ("case.submitted", {"round": 2}),
        "case.prereviewed",
        ("case.accepted", {"promised_on": "2026-12-01"}),
        ("case.paused", {"reason": "survey"}),
        ("case.resumed", {"promised_on": "2026-12-04"}),
        "case.granted",
        "case.licensed",
        "parcel.open",
        "parcel.record_order",
        "parcel.accept_handoff",
        "parcel.start_delivery",
        "parcel.deliver",
        ("case.closed", {"trips": 0}),
    )
    found = milestones(recorded, "closed")
    assert [(one.title, one.note) for one in found] == [
        ("开始办理", "一次性告知书已生成"),
        ("提交申请", ""),
        ("需要修改", "一次性列出了 2 处"),
        ("修改后再次提交", ""),
        ("预审通过", "材料齐全"),
        ("正式受理", "承诺最晚12月1日办好"),
        ("计时暂停", "现场踏勘，这段时间不算在期限里"),
        ("恢复办理", "新的期限是12月4日"),
        ("审查通过", ""),
        ("证照已签发", "电子证照已放进“我的证照”"),
        ("已通知快递", "快递员会到大厅取件"),
        ("快递员已取走证照", "扫码交接，全程可查"),
        ("正在派送", "请留意电话，准备好取件码"),
        ("证照已送到", "凭取件码当面交付"),
        ("办结", "全程没有跑一趟"),
    ]
    assert all(one.at is not None and one.state in {"done", "attention"} for one in found)
    assert [one.at for one in found] == sorted(one.at for one in found if one.at)
    assert milestones(lines(("case.closed", {"trips": 1})), "closed")[0].note == "一共到窗口 1 次"


@pytest.mark.parametrize("state", list(FLOW.states))
def test_what_is_to_come_ends_with_the_door(state: str) -> None:
    found = milestones([], state, reply_by=date(2026, 11, 30), promised_on=date(2026, 12, 1))
    assert all(one.at is None for one in found)
    if state in FLOW.final:
        assert found == []
        return
    assert [one.state for one in found] == ["current", *["expected"] * (len(found) - 1)]
    assert found[-1].title == "寄送到手"
    assert len(milestones([], state, is_sent=False)) == max(1, len(found) - 1)


def test_the_current_step_names_its_last_day() -> None:
    days: dict[str, Any] = {"reply_by": date(2026, 11, 30), "promised_on": date(2026, 12, 1)}
    assert milestones([], "prereview", **days)[0] == Milestone(None, "预审材料", "最晚11月30日答复", "current")
    assert milestones([], "accepted", **days)[0].note == "最晚12月1日答复"
    assert milestones([], "special", **days)[0] == Milestone(None, "特别程序，计时暂停", "", "current")
    assert milestones([], "draft")[0].note == ""


def test_every_recorded_move_that_people_should_know_has_its_words() -> None:
    """A new row of the tables of cases or parcels is either told or listed here as not worth telling."""
    quiet = {"edit", "prepare_signing", "sign", "reopen", "offer_handoff"}
    named = {"submit": "case.submitted", "pass": "case.prereviewed", "close": "case.closed", "license": "case.licensed"}
    by_target = {"decline_not_required", "decline_wrong_authority", "grant", "refuse", "withdraw"}
    past = {"return": "case.returned", "accept": "case.accepted", "pause": "case.paused", "resume": "case.resumed"}
    for row in FLOW.transitions:
        if row.action not in quiet:
            action = f"case.{row.target}" if row.action in by_target else (named | past)[row.action]
            assert action in _TOLD, row.action
    assert [row.action for row in PARCEL_FLOW.transitions if row.action not in quiet and f"parcel.{row.action}" not in _TOLD] == []
