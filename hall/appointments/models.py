"""Tables of appointments. No personal data: an account id, a case id, times."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class SlotPlan(Model):
    """How slots of one office and purpose come about; `plan_json` is the whole plan (`rules.Plan`)."""

    id = fields.CharField(48, primary_key=True)
    office_id = fields.CharField(48)
    purpose = fields.CharField(32)
    plan_json = fields.TextField()
    is_active = fields.BooleanField(default=True)

    class Meta:
        table = "hall_slot_plan"
        indexes = (Index(fields=("office_id", "purpose")),)


class Slot(Model):
    """Made on demand, once (unique key). `taken` moves only by `UPDATE … WHERE taken < capacity`."""

    id = fields.CharField(48, primary_key=True)
    plan_id = fields.CharField(48)
    office_id = fields.CharField(48)
    purpose = fields.CharField(32)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    capacity = fields.IntField()
    taken = fields.IntField(default=0)

    class Meta:
        table = "hall_slot"
        unique_together = (("plan_id", "starts_at"),)
        indexes = (Index(fields=("office_id", "purpose", "starts_at")),)


class Appointment(Model):
    """`active_key` (person, purpose, case) and `code_key` (office, day, code) are unique while the appointment is alive, then null."""

    id = fields.CharField(48, primary_key=True)
    slot_id = fields.CharField(48)
    office_id = fields.CharField(48)
    purpose = fields.CharField(32)
    account_id = fields.CharField(48)
    case_id = fields.CharField(48, null=True)
    state = fields.CharField(16)
    version = fields.IntField(default=0)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    held_until = fields.DatetimeField()
    active_key = fields.CharField(160, null=True, unique=True)
    code = fields.CharField(6, null=True)
    code_key = fields.CharField(80, null=True, unique=True)
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    checked_in_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    clerk_id = fields.CharField(48, null=True)

    class Meta:
        table = "hall_appointment"
        indexes = (
            Index(fields=("account_id", "created_at")),
            Index(fields=("office_id", "starts_at")),
            Index(fields=("state", "held_until")),
        )
