"""States of an envelope and of each signer in it."""

from __future__ import annotations

from core.flow import Flow, Transition

ENVELOPE = Flow(
    name="envelope",
    title="签署文件",
    initial="open",
    states={"open": "签署中", "complete": "全部签完", "void": "已作废"},
    final=frozenset({"complete", "void"}),
    transitions=(
        Transition("sign", ("open",), "open", ("system",), "写入一位签署人的签名", emits="envelope.signed"),
        Transition("complete", ("open",), "complete", ("system",), "最后一位签完", emits="envelope.signed"),
        Transition("void", ("open", "complete"), "void", ("citizen", "system"), "申请人回去修改"),
    ),
)

SIGNER = Flow(
    name="envelope_signer",
    title="签署人",
    initial="waiting",
    states={"waiting": "待签署", "requested": "已提交签名，处理中", "signed": "已签署"},
    final=frozenset({"signed"}),
    transitions=(
        Transition("request", ("waiting",), "requested", ("citizen",), "手写签名并确认", emits="envelope.signature_requested"),
        Transition("sign", ("requested",), "signed", ("system",), "签名写入文件"),
    ),
)
