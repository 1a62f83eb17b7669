"""Signing keys, their certificates and their standing."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SigningKey(Model):
    """One key of one authority for one purpose. Its standing follows from the times: compromised, retired, otherwise active.

    `id` is the kid (hexadecimal); `private_key` is PKCS#8 sealed by a key that is not in this database. The unique generation lets two
    processes that set up or rotate the same key at once agree on one.
    """

    id = fields.CharField(48, primary_key=True)
    purpose = fields.CharField(16)
    authority_code = fields.CharField(48)
    authority_name = fields.CharField(120)
    generation = fields.IntField()
    certificate = fields.BinaryField()
    private_key = fields.BinaryField()
    not_before = fields.DatetimeField()
    not_after = fields.DatetimeField()
    signs_from_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)
    compromised_at = fields.DatetimeField(null=True)

    class Meta:
        table = "esign_signing_key"
        unique_together = (("authority_code", "purpose", "generation"),)
