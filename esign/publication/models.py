"""Tables of published lists."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class StatusListHead(Model):
    """One list of one issuer. `revision` counts changes; `content` is the list signed for `content_revision`."""

    id = fields.CharField(64, primary_key=True)
    issuer = fields.CharField(48)
    revision = fields.IntField(default=0)
    content_revision = fields.IntField(default=-1)
    content = fields.BinaryField(null=True)
    issued_at = fields.DatetimeField(null=True)

    class Meta:
        table = "esign_status_list"


class StatusEntry(Model):
    """Where a credential stands in its issuer's list. Indices are random, so that a list does not tell when its licences were issued."""

    id = fields.CharField(48, primary_key=True)
    list_id = fields.CharField(64)
    idx = fields.IntField()
    status = fields.IntField(default=0)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "esign_status_entry"
        unique_together = (("list_id", "idx"),)


class PublishedTrustList(Model):
    """Every version of the trust list that was ever published."""

    id = fields.IntField(primary_key=True)
    fingerprint = fields.CharField(64)
    content = fields.BinaryField()
    issued_at = fields.DatetimeField()

    class Meta:
        table = "esign_trust_list"
