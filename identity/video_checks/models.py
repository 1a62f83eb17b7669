"""The video queue."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class VideoCheck(Model):
    """One wish to be identified over video.

    `open_for` is the account and `held_by` the clerk while it is not over: the unique keys keep both to one at a time.
    `offer_sealed` and `answer_sealed` are what the two browsers tell each other to connect, with their network addresses: they are
    there during the call only. `media_round` counts the offers, and never backwards.
    """

    id = fields.CharField(48, primary_key=True)
    account_id = fields.CharField(48)
    open_for = fields.CharField(48, null=True, unique=True)
    held_by = fields.CharField(48, null=True, unique=True)
    application_id = fields.CharField(48)
    document_sha256 = fields.CharField(64, null=True)
    state = fields.CharField(12)
    version = fields.IntField(default=0)
    media_round = fields.IntField(default=0, db_default=0)
    offer_sealed = fields.BinaryField(null=True)
    answer_sealed = fields.BinaryField(null=True)
    joined_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    taken_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    clerk_id = fields.CharField(48, null=True)
    outcome = fields.CharField(16, null=True)
    verification_id = fields.CharField(48, null=True)

    class Meta:
        table = "identity_video_check"
        indexes = (Index(fields=("state", "joined_at")), Index(fields=("joined_at",)))
