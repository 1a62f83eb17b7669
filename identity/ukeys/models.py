"""Challenges for U-keys. Neither certificates nor numbers are stored."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class UkeyChallenge(Model):
    """What a key has to sign, once, for one account, application and document."""

    id = fields.CharField(48, primary_key=True)
    account_id = fields.CharField(48)
    application_id = fields.CharField(48)
    document_sha256 = fields.CharField(64, null=True)
    nonce = fields.CharField(43)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    is_passed = fields.BooleanField(default=False)

    class Meta:
        table = "identity_ukey_challenge"
        indexes = (Index(fields=("expires_at",)), Index(fields=("account_id", "created_at")))
