from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class CallbackReceipt(Model):
    """A genuine push, once. `dedupe` is a digest of its MsgId or of (sender, time, event); the message is sealed, it names a person."""

    id = fields.CharField(48, primary_key=True)
    dedupe = fields.CharField(64, unique=True)
    kind = fields.CharField(64)
    message = fields.BinaryField()
    received_at = fields.DatetimeField()

    class Meta:
        table = "wechat_callback_receipt"
