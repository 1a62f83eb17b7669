"""Tables of kept pictures: what is held until when, and who looked. The pictures themselves are in a store of their own."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class AuditImage(Model):
    """One picture of one verification. The row is written before the picture and goes after it, so that none is ever forgotten."""

    id = fields.CharField(48, primary_key=True)
    account_id = fields.CharField(48)
    verification_id = fields.CharField(48, unique=True)
    consent_id = fields.CharField(48)
    sha256 = fields.CharField(64)
    kept_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "identity_audit_image"
        indexes = (Index(fields=("account_id",)), Index(fields=("expires_at",)))


class AuditImageLook(Model):
    """Somebody looked at a kept picture. Stays when the picture has gone."""

    id = fields.CharField(48, primary_key=True)
    image_id = fields.CharField(48)
    account_id = fields.CharField(48)
    viewer_kind = fields.CharField(16)
    viewer_id = fields.CharField(48)
    reason = fields.CharField(32)
    looked_at = fields.DatetimeField()

    class Meta:
        table = "identity_audit_image_look"
        indexes = (Index(fields=("account_id", "looked_at")),)
