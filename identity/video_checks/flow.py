"""The life of a video check: wait, talk, be decided; or go."""

from __future__ import annotations

from core.flow import Flow, Transition

WAITING, TALKING, DECIDED, ABANDONED = "waiting", "talking", "decided", "abandoned"

FLOW = Flow(
    name="video_check",
    title="视频核验",
    initial=WAITING,
    states={WAITING: "排队中", TALKING: "通话中", DECIDED: "已有结论", ABANDONED: "已离开或超时"},
    transitions=(
        Transition("take", (WAITING,), TALKING, ("identity.counter",), "接听"),
        Transition("decide", (TALKING,), DECIDED, ("identity.counter",), "作出结论", emits="identity.verification_decided"),
        Transition("put_back", (TALKING,), WAITING, ("identity.counter",), "放回队列"),
        Transition("leave", (WAITING, TALKING), ABANDONED, ("citizen",), "离开"),
        Transition("expire", (WAITING, TALKING), ABANDONED, ("system",), "超过时限"),
    ),
    final=frozenset({DECIDED, ABANDONED}),
)
