"""The states of a parcel on its way from the hall to the citizen."""

from __future__ import annotations

from enum import StrEnum

from core.flow import Flow, Transition


class ParcelState(StrEnum):
    READY = "ready"
    ORDERED = "ordered"
    WAITING_HANDOFF = "waiting_handoff"
    WITH_COURIER = "with_courier"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    DELIVERED_UNPROVEN = "delivered_unproven"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"


HAND_OVER = "parcel.hand_over"
"""The permission of the hand-out desk."""

S = ParcelState
_LEFT = (S.WITH_COURIER, S.OUT_FOR_DELIVERY, S.DELIVERY_FAILED)
_AT_HALL = (S.ORDERED, S.WAITING_HANDOFF)

PARCEL_FLOW = Flow(
    name="parcel",
    title="快件",
    initial=S.READY,
    states={
        S.READY: "待下单",
        S.ORDERED: "已下单",
        S.WAITING_HANDOFF: "待交接",
        S.WITH_COURIER: "快递员已接收",
        S.OUT_FOR_DELIVERY: "派送中",
        S.DELIVERY_FAILED: "未送达",
        S.DELIVERED: "已送达",
        S.DELIVERED_UNPROVEN: "快递称已送达，待本人确认",
        S.RETURNED: "已退回",
        S.LOST: "已丢失",
        S.CANCELLED: "已取消",
    },
    transitions=(
        Transition("record_order", (S.READY,), S.ORDERED, ("system",), "快递公司接单", emits="express.parcel_ordered"),
        Transition("cancel", (S.READY,), S.CANCELLED, (HAND_OVER,), "取消寄送"),
        Transition("offer_handoff", (S.ORDERED, S.WAITING_HANDOFF), S.WAITING_HANDOFF, (HAND_OVER,), "出示交接码"),
        Transition("accept_handoff", (S.WAITING_HANDOFF,), S.WITH_COURIER, ("courier",), "扫码接收", emits="express.parcel_handed_over"),
        Transition(
            "start_delivery",
            (S.WITH_COURIER, S.DELIVERY_FAILED),
            S.OUT_FOR_DELIVERY,
            ("courier", "system"),
            "开始派送",
            emits="express.parcel_out_for_delivery",
        ),
        Transition("deliver", (*_LEFT, S.DELIVERED_UNPROVEN), S.DELIVERED, ("courier",), "凭取件码交付", emits="express.parcel_delivered"),
        Transition("report_failure", (S.WITH_COURIER, S.OUT_FOR_DELIVERY), S.DELIVERY_FAILED, ("courier", "system"), "未能交付"),
        Transition(
            "carrier_delivered",
            (*_AT_HALL, *_LEFT),
            S.DELIVERED_UNPROVEN,
            ("system",),
            "快递公司报告送达",
            emits="express.parcel_delivered_unproven",
        ),
        Transition("confirm_receipt", (S.DELIVERED_UNPROVEN,), S.DELIVERED, ("citizen",), "本人确认收到", emits="express.parcel_delivered"),
        Transition("carrier_returned", (*_AT_HALL, *_LEFT), S.RETURNED, ("system",), "快递公司退回", emits="express.parcel_returned"),
        Transition("record_loss", (*_LEFT, S.DELIVERED_UNPROVEN), S.LOST, (HAND_OVER,), "登记丢失", emits="express.parcel_lost"),
    ),
    final=frozenset({S.DELIVERED, S.RETURNED, S.LOST, S.CANCELLED}),
)

HAS_PICKUP_CODE = frozenset({*_LEFT, S.DELIVERED_UNPROVEN})
"""States in which the citizen sees a pick-up code."""
