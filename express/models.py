from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Parcel(Model):
    """One licence on its way to one person. `recipient` is sealed; `custody_*` is the head of the custody chain."""

    id = fields.CharField(48, primary_key=True)
    case_id = fields.CharField(48)
    licence_id = fields.CharField(48, unique=True)
    citizen_id = fields.CharField(48)
    office_id = fields.CharField(48, null=True)
    document_class = fields.CharField(16)
    carrier = fields.CharField(16)
    order_no = fields.CharField(50, unique=True)
    waybill_no = fields.CharField(32, null=True)
    state = fields.CharField(24)
    version = fields.IntField(default=0)
    recipient = fields.BinaryField()
    courier_id = fields.CharField(48, null=True)
    handoff_step_last = fields.IntField(default=0)
    pickup_salt = fields.CharField(32)
    pickup_tries = fields.IntField(default=0)
    pickup_locked_at = fields.DatetimeField(null=True)
    carrier_status = fields.CharField(24, default="pending")
    carrier_status_at = fields.DatetimeField(null=True)
    custody_seq = fields.IntField(default=0)
    custody_head = fields.CharField(64)
    created_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "express_parcel"
        indexes = (
            Index(fields=("citizen_id", "created_at")),
            Index(fields=("courier_id", "state")),
            Index(fields=("case_id",)),
            Index(fields=("state", "created_at")),
            Index(fields=("waybill_no",)),
        )


class CustodyEvent(Model):
    """A link of a parcel's custody chain. `grade` says how good the evidence is; `data` is canonical JSON without personal data."""

    id = fields.CharField(48, primary_key=True)
    parcel_id = fields.CharField(48)
    seq = fields.IntField()
    kind = fields.CharField(32)
    grade = fields.CharField(16)
    at = fields.CharField(32)
    actor_kind = fields.CharField(16)
    actor_id = fields.CharField(48)
    data = fields.TextField()
    prev_hash = fields.CharField(64)
    hash = fields.CharField(64)

    class Meta:
        table = "express_custody_event"
        unique_together = (("parcel_id", "seq"),)


class CarrierPush(Model):
    """One event from a carrier, pushed or polled, kept once. `body` is sealed: carriers write names and numbers into their texts."""

    id = fields.CharField(48, primary_key=True)
    dedupe = fields.CharField(64, unique=True)
    carrier = fields.CharField(16)
    waybill_no = fields.CharField(32)
    parcel_id = fields.CharField(48, null=True)
    code = fields.CharField(32)
    status = fields.CharField(24)
    place = fields.CharField(32, default="")
    occurred_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    body = fields.BinaryField(null=True)

    class Meta:
        table = "express_carrier_push"
        indexes = (Index(fields=("parcel_id", "occurred_at")), Index(fields=("waybill_no",)))
