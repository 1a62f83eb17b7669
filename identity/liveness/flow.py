"""The life of a verification. Facts: `outcome`, `is_usable` (decided recently enough), `is_locked` (too many failed face checks),
`is_lease_over` (whoever was judging has not answered in time), `has_provider` (an outside verification service is connected), `has_ticket`
(a session there was begun)."""

from __future__ import annotations

from core.flow import Facts, Flow, Transition

CREATED, CAPTURING, DECIDED, CONSUMED, EXPIRED = "created", "capturing", "decided", "consumed", "expired"


def _is_accepted(facts: Facts) -> bool:
    return facts.get("outcome") == "accept" and bool(facts.get("is_usable"))


def _is_not_accepted(facts: Facts) -> bool:
    return facts.get("outcome") != "accept"


def _is_lease_over(facts: Facts) -> bool:
    return bool(facts.get("is_lease_over"))


def _is_unlocked(facts: Facts) -> bool:
    return not facts.get("is_locked")


def _may_begin_provider(facts: Facts) -> bool:
    return bool(facts.get("has_provider")) and not facts.get("is_locked")


def _may_begin_provider_anew(facts: Facts) -> bool:
    return _may_begin_provider(facts) and bool(facts.get("is_lease_over"))


def _may_ask_provider(facts: Facts) -> bool:
    return _may_begin_provider(facts) and bool(facts.get("has_ticket"))


def _may_ask_provider_again(facts: Facts) -> bool:
    return _may_ask_provider(facts) and bool(facts.get("is_lease_over"))


def _may_start_again(facts: Facts) -> bool:
    return facts.get("outcome") == "reject" and not facts.get("is_locked")


FLOW = Flow(
    name="verification",
    title="身份核验",
    initial=CREATED,
    states={
        CREATED: "等待拍摄",
        CAPTURING: "正在核验",
        DECIDED: "已有结论",
        CONSUMED: "已用于办理",
        EXPIRED: "已过期",
    },
    transitions=(
        Transition("capture", (CREATED,), CAPTURING, ("citizen",), "开始拍摄", guard="is_unlocked"),
        Transition("capture", (CAPTURING,), CAPTURING, ("citizen",), "再次拍摄", guard="is_lease_over"),
        Transition("begin_provider", (CREATED,), CREATED, ("citizen",), "使用外部人脸核身", guard="may_begin_provider"),
        Transition("begin_provider", (CAPTURING,), CREATED, ("citizen",), "重新使用外部人脸核身", guard="may_begin_provider_anew"),
        Transition("ask_provider", (CREATED,), CAPTURING, ("citizen",), "查询外部核身结果", guard="may_ask_provider"),
        Transition("ask_provider", (CAPTURING,), CAPTURING, ("citizen",), "再次查询外部核身结果", guard="may_ask_provider_again"),
        Transition("give_back", (CAPTURING,), CREATED, ("system",), "核验服务没有响应，退回重拍"),
        Transition("ask_again", (CAPTURING,), CREATED, ("system",), "画面不合格，请重拍"),
        Transition("decide", (CAPTURING,), DECIDED, ("system",), "作出结论", emits="identity.verification_decided"),
        Transition(
            "identify_at_counter", (CREATED,), DECIDED, ("identity.counter",), "窗口人工核验", emits="identity.verification_decided"
        ),
        Transition("identify_by_video", (CREATED,), DECIDED, ("identity.counter",), "视频人工核验", emits="identity.verification_decided"),
        Transition("identify_by_ukey", (CREATED,), DECIDED, ("system",), "U 盾核验", emits="identity.verification_decided"),
        Transition("assert", (DECIDED,), DECIDED, ("citizen",), "取得身份凭据", guard="is_accepted"),
        Transition("consume", (DECIDED,), CONSUMED, ("system",), "用于签署或提交", guard="is_accepted"),
        Transition("start_again", (DECIDED,), DECIDED, ("citizen",), "重新核验", guard="may_start_again"),
        Transition("start_again", (EXPIRED,), EXPIRED, ("citizen",), "重新核验", guard="is_unlocked"),
        Transition("book_counter", (DECIDED,), DECIDED, ("citizen",), "预约窗口核验", guard="is_not_accepted"),
        Transition("book_counter", (CREATED,), CREATED, ("citizen",), "改为窗口核验"),
        Transition("book_counter", (EXPIRED,), EXPIRED, ("citizen",), "改为窗口核验"),
        Transition("expire", (CREATED, CAPTURING, DECIDED), EXPIRED, ("system",), "超过时限"),
    ),
    final=frozenset({DECIDED, CONSUMED, EXPIRED}),
    guards={
        "is_accepted": _is_accepted,
        "is_not_accepted": _is_not_accepted,
        "is_lease_over": _is_lease_over,
        "is_unlocked": _is_unlocked,
        "may_begin_provider": _may_begin_provider,
        "may_begin_provider_anew": _may_begin_provider_anew,
        "may_ask_provider": _may_ask_provider,
        "may_ask_provider_again": _may_ask_provider_again,
        "may_start_again": _may_start_again,
    },
)
