"""Messages to citizens."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Notice(Model):
    """One message for one transition (R60); `id` derives from the delivery that caused it. Texts are templates: nothing personal."""

    id = fields.CharField(64, primary_key=True)
    account_id = fields.CharField(48)
    case_id = fields.CharField(48)
    kind = fields.CharField(48)
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)
    wechat_state = fields.CharField(16, default="pending")

    class Meta:
        table = "hall_notice"
        indexes = (Index(fields=("account_id", "created_at")),)
