"""States of a rectification task (差评整改): taken, the person called back, put right."""

from __future__ import annotations

from core.flow import Flow, Transition

HANDLE = "feedback.handle"
"""The permission of clerks who answer bad ratings."""

FLOW = Flow(
    name="rectification",
    title="差评整改",
    initial="open",
    states={"open": "待处理", "handling": "处理中", "contacted": "已回访", "rectified": "已整改"},
    final=frozenset({"rectified"}),
    guards={
        "is_mine": lambda facts: bool(facts.get("is_mine")),
        "was_contacted": lambda facts: bool(facts.get("is_mine") and facts.get("was_contacted")),
    },
    transitions=(
        Transition("take", ("open",), "handling", (HANDLE,), "接手"),
        Transition("call_back", ("handling", "contacted"), "contacted", (HANDLE,), "登记回访", guard="is_mine"),
        Transition("rectify", ("contacted",), "rectified", (HANDLE,), "整改完毕", guard="was_contacted", emits="feedback.rectified"),
        Transition("hand_over", ("handling", "contacted"), "open", (HANDLE,), "转交", guard="is_mine"),
    ),
)
