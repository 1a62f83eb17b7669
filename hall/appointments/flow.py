"""States of an appointment. A hold takes the place for ten minutes; only a confirmed one can be checked in."""

from __future__ import annotations

from core.flow import Flow, Transition

SERVE = "appointment.serve"
"""The permission of clerks who receive people at a counter."""

ACTIVE = ("held", "confirmed", "checked_in")

FLOW = Flow(
    name="appointment",
    title="预约",
    initial="held",
    states={
        "held": "已占号，待确认",
        "confirmed": "已预约",
        "checked_in": "已签到",
        "done": "已办理",
        "cancelled": "已取消",
        "expired": "超时未确认",
        "no_show": "爽约",
    },
    final=frozenset({"done", "cancelled", "expired", "no_show"}),
    guards={
        "is_live": lambda facts: bool(facts.get("is_live")),
        "is_the_day": lambda facts: bool(facts.get("is_the_day")),
        "is_over": lambda facts: bool(facts.get("is_over")),
    },
    transitions=(
        Transition("confirm", ("held",), "confirmed", ("citizen",), "确认预约", guard="is_live", emits="appointment.confirmed"),
        Transition("cancel", ("held", "confirmed"), "cancelled", ("citizen", SERVE), "取消预约", emits="appointment.cancelled"),
        Transition("check_in", ("confirmed",), "checked_in", (SERVE,), "签到", guard="is_the_day", emits="appointment.checked_in"),
        Transition("complete", ("checked_in",), "done", (SERVE,), "办理完毕", emits="appointment.completed"),
        Transition("send_away", ("checked_in",), "cancelled", (SERVE,), "未能办理", emits="appointment.cancelled"),
        Transition("expire", ("held",), "expired", ("system",), "超时释放"),
        Transition("miss", ("confirmed",), "no_show", ("system", SERVE), "未到", guard="is_over", emits="appointment.missed"),
    ),
)
