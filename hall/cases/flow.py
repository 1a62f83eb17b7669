"""States of a case. Pre-review runs no statutory clock; acceptance starts it; special procedures stop it (行政许可法 art. 32, 42, 45)."""

from __future__ import annotations

from core.flow import Flow, Transition

PREREVIEW = "case.prereview"
ACCEPT = "case.accept"
DECIDE = "case.decide"

FLOW = Flow(
    name="case",
    title="办件",
    initial="draft",
    states={
        "draft": "草稿",
        "signing": "待签署",
        "prereview": "预审中",
        "returned": "预审退回（一次性告知）",
        "prereviewed": "预审通过",
        "not_required": "不受理（无需办理）",
        "wrong_authority": "不予受理（不属本机关）",
        "accepted": "受理审查",
        "special": "特别程序（计时暂停）",
        "granted": "准予，制证中",
        "refused": "不予备案",
        "delivering": "送达中",
        "closed": "办结",
        "withdrawn": "已撤回",
    },
    final=frozenset({"closed", "refused", "withdrawn", "not_required", "wrong_authority"}),
    guards={
        "is_complete": lambda facts: bool(facts.get("is_complete")),
        "is_signed": lambda facts: bool(facts.get("is_signed")),
        "is_another_person": lambda facts: bool(facts.get("is_another_person")),
        "is_owner": lambda facts: bool(facts.get("is_owner")),
    },
    transitions=(
        Transition("edit", ("draft",), "draft", ("citizen",), "填写", guard="is_owner"),
        Transition("prepare_signing", ("draft",), "signing", ("citizen",), "填写完成，去签署", guard="is_complete"),
        Transition("sign", ("signing",), "signing", ("citizen",), "签署承诺书"),
        Transition("reopen", ("signing", "returned"), "draft", ("citizen",), "回去修改", guard="is_owner"),
        Transition("submit", ("signing",), "prereview", ("citizen",), "提交", guard="is_signed", emits="case.submitted"),
        Transition(
            "withdraw",
            ("draft", "signing", "returned", "prereview", "prereviewed", "accepted"),
            "withdrawn",
            ("citizen",),
            "撤回",
            guard="is_owner",
            emits="case.withdrawn",
        ),
        Transition("pass", ("prereview",), "prereviewed", (PREREVIEW,), "预审通过"),
        Transition("return", ("prereview",), "returned", (PREREVIEW,), "一次性告知补正", emits="case.returned"),
        Transition(
            "decline_not_required", ("prereview", "prereviewed"), "not_required", (ACCEPT,), "不受理：无需办理", emits="case.not_accepted"
        ),
        Transition(
            "decline_wrong_authority",
            ("prereview", "prereviewed"),
            "wrong_authority",
            (ACCEPT,),
            "不予受理：告知主管机关",
            emits="case.not_accepted",
        ),
        Transition("accept", ("prereviewed",), "accepted", (ACCEPT,), "受理", emits="case.accepted"),
        Transition("pause", ("accepted",), "special", (ACCEPT,), "转特别程序", emits="case.paused"),
        Transition("resume", ("special",), "accepted", (ACCEPT,), "恢复计时", emits="case.resumed"),
        Transition("grant", ("accepted",), "granted", (DECIDE,), "准予", guard="is_another_person", emits="case.granted"),
        Transition("refuse", ("accepted",), "refused", (DECIDE,), "不予", guard="is_another_person", emits="case.refused"),
        Transition("license", ("granted",), "delivering", ("system",), "证照制成", emits="case.licensed"),
        Transition("close", ("delivering",), "closed", ("system",), "送达办结", emits="case.closed"),
    ),
)
