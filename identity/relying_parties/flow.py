"""The lives of a relying party and of a request for verification."""

from __future__ import annotations

from typing import Final, Literal

from core.flow import Flow, Transition

APPLIED, APPROVED, REJECTED, SUSPENDED = "applied", "approved", "rejected", "suspended"
INVITED, CONSENTED, VERIFIED, FAILED = "invited", "consented", "verified", "failed"
DECLINED, CANCELLED, EXPIRED = "declined", "cancelled", "expired"
OPEN_STATES = (INVITED, CONSENTED)
Way = Literal["face", "without_face"]
FACE: Final = "face"
WITHOUT_FACE: Final = "without_face"
WAYS: dict[str, tuple[Way, ...]] = {CONSENTED: (FACE, WITHOUT_FACE), FAILED: (WITHOUT_FACE,)}
"""By which ways the person may prove who he is, by state: after too many refused faces the others remain."""

PARTY_FLOW = Flow(
    name="relying_party",
    title="企业接入",
    initial=APPLIED,
    states={APPLIED: "等待审核", APPROVED: "已开通", REJECTED: "未通过", SUSPENDED: "已暂停"},
    transitions=(
        Transition("approve", (APPLIED,), APPROVED, ("admin",), "通过"),
        Transition("reject", (APPLIED,), REJECTED, ("admin",), "不通过"),
        Transition("apply_again", (REJECTED,), APPLIED, ("enterprise",), "重新申请"),
        Transition("suspend", (APPROVED,), SUSPENDED, ("admin",), "暂停"),
        Transition("resume", (SUSPENDED,), APPROVED, ("admin",), "恢复"),
    ),
)

REQUEST_FLOW = Flow(
    name="verification_request",
    title="企业发起的身份核验",
    initial=INVITED,
    states={
        INVITED: "等待本人确认",
        CONSENTED: "本人已同意，等待核验",
        VERIFIED: "核验通过",
        FAILED: "人脸核验未通过",
        DECLINED: "本人不同意",
        CANCELLED: "企业已取消",
        EXPIRED: "已过期",
    },
    transitions=(
        Transition("consent", (INVITED,), CONSENTED, ("citizen",), "同意核验", emits="relying_parties.request_moved"),
        Transition("decline", (INVITED, CONSENTED), DECLINED, ("citizen",), "不同意", emits="relying_parties.request_moved"),
        Transition("verify", (CONSENTED,), VERIFIED, ("system",), "核验通过", emits="relying_parties.request_moved"),
        Transition("fail", (CONSENTED,), FAILED, ("system",), "多次未通过", emits="relying_parties.request_moved"),
        Transition("verify_without_face", (FAILED,), VERIFIED, ("system",), "非人脸方式核验通过", emits="relying_parties.request_moved"),
        Transition(
            "cancel", (INVITED, CONSENTED), CANCELLED, ("enterprise", "relying_party"), "取消", emits="relying_parties.request_moved"
        ),
        Transition("expire", (INVITED, CONSENTED), EXPIRED, ("system",), "超过时限", emits="relying_parties.request_moved"),
    ),
    final=frozenset({VERIFIED, FAILED, DECLINED, CANCELLED, EXPIRED}),
)
