"""States of a licence; the published status list follows them."""

from __future__ import annotations

from core.flow import Flow, Transition

REVOKE = "licence.revoke"

FLOW = Flow(
    name="licence",
    title="证照",
    initial="drafted",
    states={"drafted": "制证中", "valid": "有效", "suspended": "暂停", "revoked": "已撤销"},
    final=frozenset({"revoked"}),
    transitions=(
        Transition("issue", ("drafted",), "valid", ("system",), "盖章签发", emits="licence.issued"),
        Transition("suspend", ("valid",), "suspended", (REVOKE,), "暂停", emits="licence.status_changed"),
        Transition("restore", ("suspended",), "valid", (REVOKE,), "恢复", emits="licence.status_changed"),
        Transition("revoke", ("valid", "suspended"), "revoked", (REVOKE,), "撤销", emits="licence.status_changed"),
    ),
)
