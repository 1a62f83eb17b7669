"""The dated story of a case: what was recorded in its audit chain, then what is still to come. Pure; the wording fits every reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from hall.cases.next_steps import day_text
from hall.cases.rules import PAUSE_REASONS

StepState = Literal["done", "attention", "current", "expected"]
Data = Mapping[str, Any]


class Milestone(msgspec.Struct, frozen=True):
    """`at` is null for what goes on now (`current`) and for what is still to come (`expected`)."""

    at: datetime | None
    title: str
    note: str
    state: StepState


@dataclass(frozen=True)
class Recorded:
    """A line of the case's audit chain."""

    at: datetime
    action: str
    data: Data


def milestones(
    recorded: Iterable[Recorded], state: str, *, reply_by: date | None = None, promised_on: date | None = None, is_sent: bool = True
) -> list[Milestone]:
    """Oldest first. `is_sent`: a paper licence is sent by post."""
    return [*_past(recorded), *_ahead(state, reply_by, promised_on, is_sent)]


def _past(recorded: Iterable[Recorded]) -> list[Milestone]:
    return [
        Milestone(line.at, title, note(line.data), state)
        for line in recorded
        if (told := _TOLD.get(_key(line))) is not None
        for title, note, state in (told,)
    ]


def _key(line: Recorded) -> str:
    return "case.resubmitted" if line.action == "case.submitted" and line.data.get("round", 1) > 1 else line.action


def _ahead(state: str, reply_by: date | None, promised_on: date | None, is_sent: bool) -> list[Milestone]:
    if state not in _STAGE:
        return []
    stage, title = _STAGE[state]
    last = {1: reply_by, 2: reply_by, 3: promised_on}.get(stage) if state != "special" else None
    now = Milestone(None, title or _STAGES[stage], f"最晚{day_text(last)}答复" if last else "", "current")
    later = [Milestone(None, name, "", "expected") for name in _STAGES[stage + 1 :]]
    return [now, *(later if is_sent else later[:-1])]


_STAGES = ("填写并提交申请", "预审材料", "受理", "审查决定", "制作证照", "寄送到手")
_STAGE: dict[str, tuple[int, str]] = {
    "draft": (0, ""),
    "signing": (0, "签名并提交"),
    "returned": (0, "修改后重新提交"),
    "prereview": (1, ""),
    "prereviewed": (2, ""),
    "accepted": (3, ""),
    "special": (3, "特别程序，计时暂停"),
    "granted": (4, ""),
    "delivering": (5, ""),
}


def _says(text: str = "") -> Callable[[Data], str]:
    return lambda data: text


def _by(text: str) -> Callable[[Data], str]:
    """`text` with the promised day in it; nothing for an entry without one."""

    def note(data: Data) -> str:
        day = str(data.get("promised_on", ""))
        return text.format(day_text(date.fromisoformat(day))) if day else ""

    return note


def _pause(data: Data) -> str:
    return f"{PAUSE_REASONS.get(str(data.get('reason')), '特别程序')}，这段时间不算在期限里"


def _trips(data: Data) -> str:
    number = int(data.get("trips", 0))
    return f"一共到窗口 {number} 次" if number else "全程没有跑一趟"


_TOLD: dict[str, tuple[str, Callable[[Data], str], StepState]] = {
    "case.started": ("开始办理", _says("一次性告知书已生成"), "done"),
    "case.submitted": ("提交申请", _says(), "done"),
    "case.resubmitted": ("修改后再次提交", _says(), "done"),
    "case.prereviewed": ("预审通过", _says("材料齐全"), "done"),
    "case.returned": ("需要修改", lambda data: f"一次性列出了 {len(data.get('subjects', ()))} 处", "attention"),
    "case.accepted": ("正式受理", _by("承诺最晚{}办好"), "done"),
    "case.paused": ("计时暂停", _pause, "attention"),
    "case.resumed": ("恢复办理", _by("新的期限是{}"), "done"),
    "case.granted": ("审查通过", _says(), "done"),
    "case.refused": ("没有通过", _says("理由和救济途径写在办件里"), "attention"),
    "case.not_required": ("不用办理这件事", _says("原因写在办件里"), "attention"),
    "case.wrong_authority": ("不归本机关办理", _says("去处写在办件里"), "attention"),
    "case.licensed": ("证照已签发", _says("电子证照已放进“我的证照”"), "done"),
    "case.withdrawn": ("已撤回", _says(), "done"),
    "case.closed": ("办结", _trips, "done"),
    "parcel.record_order": ("已通知快递", _says("快递员会到大厅取件"), "done"),
    "parcel.accept_handoff": ("快递员已取走证照", _says("扫码交接，全程可查"), "done"),
    "parcel.start_delivery": ("正在派送", _says("请留意电话，准备好取件码"), "done"),
    "parcel.report_failure": ("这次没有送到", _says("快递员会再联系收件人"), "attention"),
    "parcel.deliver": ("证照已送到", _says("凭取件码当面交付"), "done"),
    "parcel.confirm_receipt": ("证照已送到", _says("本人确认收到"), "done"),
    "parcel.carrier_delivered": ("快递公司报告已送到", _says("等本人确认"), "attention"),
    "parcel.carrier_returned": ("快件退回大厅", _says("工作人员会联系收件人"), "attention"),
    "parcel.record_loss": ("快件丢失", _says("工作人员会联系收件人"), "attention"),
    "parcel.cancel": ("寄送已取消", _says("工作人员会联系收件人"), "attention"),
}
