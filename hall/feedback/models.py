"""Tables of feedback. What people wrote is sealed: it may name persons."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Rating(Model):
    """One per case, for ever (R65)."""

    id = fields.CharField(48, primary_key=True)
    case_id = fields.CharField(48, unique=True)
    account_id = fields.CharField(48)
    item_code = fields.CharField(31)
    office_id = fields.CharField(48)
    level = fields.SmallIntField()
    tags = fields.TextField()
    comment = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "hall_rating"
        indexes = (Index(fields=("item_code", "level")), Index(fields=("office_id", "level")), Index(fields=("account_id", "created_at")))


class RectificationTask(Model):
    id = fields.CharField(48, primary_key=True)
    rating: fields.OneToOneRelation[Rating] = fields.OneToOneField("zerotrip.Rating", related_name="task", on_delete=fields.RESTRICT)
    case_id = fields.CharField(48)
    office_id = fields.CharField(48)
    state = fields.CharField(16)
    version = fields.IntField(default=0)
    clerk_id = fields.CharField(48, null=True)
    call_back_on = fields.DateField()
    due_on = fields.DateField()
    is_deadline_provisional = fields.BooleanField(default=False)
    outcome = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    contacted_at = fields.DatetimeField(null=True)
    rectified_at = fields.DatetimeField(null=True)

    calls: fields.ReverseRelation[CallBack]

    class Meta:
        table = "hall_rectification"
        indexes = (Index(fields=("office_id", "state", "due_on")),)


class CallBack(Model):
    """One telephone call to the person who rated (R67)."""

    id = fields.CharField(48, primary_key=True)
    task: fields.ForeignKeyRelation[RectificationTask] = fields.ForeignKeyField(
        "zerotrip.RectificationTask", related_name="calls", on_delete=fields.RESTRICT
    )
    clerk_id = fields.CharField(48)
    was_reached = fields.BooleanField()
    note = fields.BinaryField()
    called_at = fields.DatetimeField()

    class Meta:
        table = "hall_call_back"
