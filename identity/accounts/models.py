"""Tables of accounts. Citizens, staff and couriers are three tables, so that no login can end up in an account of another kind."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Account(Model):
    """A citizen. Personal fields are sealed for (field, id); the indexes are keyed digests for equality look-ups.

    `level` is the one reached at the last change; what it is worth today is worked out from the evidence (`levels`).
    """

    id = fields.CharField(48, primary_key=True)
    openid_index = fields.CharField(32, unique=True)
    openid_sealed = fields.BinaryField()
    unionid_sealed = fields.BinaryField(null=True)
    name_sealed = fields.BinaryField(null=True)
    id_number_sealed = fields.BinaryField(null=True)
    id_number_index = fields.CharField(32, null=True, unique=True)
    phone_sealed = fields.BinaryField(null=True)
    level = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    declared_at = fields.DatetimeField(null=True)
    document_until = fields.DateField(null=True)
    proven_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_account"


class StaffAccount(Model):
    """A clerk, supervisor or admin. `id_number_index` is comparable with a citizen's, so that nobody serves himself."""

    id = fields.CharField(48, primary_key=True)
    username = fields.CharField(32, unique=True)
    password_hash = fields.CharField(200)
    totp_sealed = fields.BinaryField()
    last_totp_step = fields.BigIntField(default=0)
    role = fields.CharField(16)
    name = fields.CharField(64)
    office_id = fields.CharField(48, null=True)
    department = fields.CharField(64)
    permissions = fields.TextField(default="[]")
    id_number_index = fields.CharField(32, null=True, unique=True)
    is_active = fields.BooleanField(default=True)
    failures = fields.IntField(default=0)
    locked_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "identity_staff"
        indexes = (Index(fields=("role", "created_at")),)


class Courier(Model):
    """A carrier's courier; bound to an openid once, by an activation code."""

    id = fields.CharField(48, primary_key=True)
    carrier = fields.CharField(32)
    employee_no = fields.CharField(32)
    name_sealed = fields.BinaryField()
    openid_index = fields.CharField(32, null=True, unique=True)
    openid_sealed = fields.BinaryField(null=True)
    activation_digest = fields.CharField(64, null=True, unique=True)
    activation_expires_at = fields.DatetimeField(null=True)
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "identity_courier"
        unique_together = (("carrier", "employee_no"),)
