"""The life of a guardianship: declared by the guardian, proven before a clerk, ended by either or by the 14th birthday."""

from __future__ import annotations

from core.flow import Flow, Transition

DECLARED, PROVEN, ENDED = "declared", "proven", "ended"

FLOW = Flow(
    name="guardianship",
    title="监护关系",
    initial=DECLARED,
    states={DECLARED: "等待核对材料", PROVEN: "已核实", ENDED: "已结束"},
    transitions=(
        Transition("prove", (DECLARED,), PROVEN, ("identity.counter",), "核实监护关系"),
        Transition("refuse", (DECLARED,), ENDED, ("identity.counter",), "没有核实成"),
        Transition("consent", (PROVEN,), PROVEN, ("citizen",), "同意或撤回同意孩子使用人脸核验"),
        Transition("revoke", (DECLARED, PROVEN), ENDED, ("citizen", "identity.counter"), "解除监护关系"),
        Transition("expire", (DECLARED, PROVEN), ENDED, ("system",), "孩子年满 14 周岁"),
    ),
    final=frozenset({ENDED}),
)
