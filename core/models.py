"""Tables of the ground floor."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class OutboxEvent(Model):
    """What happened, written in the transaction in which it happened. The payload holds ids, never personal data."""

    id = fields.CharField(48, primary_key=True)
    name = fields.CharField(64)
    payload = fields.TextField()
    created_at = fields.DatetimeField()
    fanned_out_at = fields.DatetimeField(null=True)

    class Meta:
        table = "core_outbox_event"
        indexes = (Index(fields=("fanned_out_at", "id")),)


class OutboxDelivery(Model):
    """One event for one handler; unique, so that each handler is done with each event once."""

    id = fields.CharField(48, primary_key=True)
    event_id = fields.CharField(48)
    handler = fields.CharField(96)
    state = fields.CharField(12, default="pending")
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    leased_by = fields.CharField(64, null=True)
    error = fields.CharField(200, null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "core_outbox_delivery"
        unique_together = (("event_id", "handler"),)
        indexes = (Index(fields=("state", "due_at")),)


class AuditHead(Model):
    """The last link of each chain; its conditional update is what makes two writers take turns."""

    chain = fields.CharField(96, primary_key=True)
    seq = fields.IntField()
    hash = fields.CharField(64)

    class Meta:
        table = "core_audit_head"


class AuditEntry(Model):
    id = fields.CharField(48, primary_key=True)
    chain = fields.CharField(96)
    seq = fields.IntField()
    at = fields.CharField(32)
    actor_kind = fields.CharField(16)
    actor_id = fields.CharField(48)
    action = fields.CharField(64)
    data = fields.TextField()
    prev_hash = fields.CharField(64)
    hash = fields.CharField(64)

    class Meta:
        table = "core_audit_entry"
        unique_together = (("chain", "seq"),)


class IdempotencyRecord(Model):
    """The answer already given to (actor, route, key); sealed, because it may hold the caller's personal data."""

    id = fields.CharField(64, primary_key=True)
    request_hash = fields.CharField(64)
    response = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "core_idempotency"
        indexes = (Index(fields=("created_at",)),)


class StoredObject(Model):
    """A file in object storage: encrypted, named by the keyed digest of its content. Attributes live here, not in the store."""

    id = fields.CharField(128, primary_key=True)
    sha256 = fields.CharField(64)
    key = fields.CharField(96, unique=True)
    size = fields.IntField()
    media_type = fields.CharField(64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "core_stored_object"


class Counter(Model):
    """Gapless numbering (case serials of a day, trust-list versions)."""

    name = fields.CharField(96, primary_key=True)
    value = fields.IntField(default=0)

    class Meta:
        table = "core_counter"
