"""Tables of login sessions."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Session(Model):
    """A login. Only the keyed digest of its token is stored, so a copy of this table logs nobody in."""

    id = fields.CharField(48, primary_key=True)
    digest = fields.CharField(64, unique=True)
    kind = fields.CharField(16)
    account_id = fields.CharField(48)
    opened_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    device_id = fields.CharField(48, null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_session"
        indexes = (Index(fields=("kind", "account_id")), Index(fields=("expires_at",)))
