"""Tables of guardianships and of what guardians consented to. Names and numbers stay with the two accounts."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Guardianship(Model):
    """`open_key` is guardian and ward while it is not ended: one open guardianship for each pair. `ends_on`: the ward's 14th birthday.

    `evidence`: JSON of what the clerk saw, or of the reason why the clerk refused.
    """

    id = fields.CharField(48, primary_key=True)
    guardian_id = fields.CharField(48)
    ward_id = fields.CharField(48)
    open_key = fields.CharField(100, null=True, unique=True)
    relation = fields.CharField(16)
    state = fields.CharField(12)
    version = fields.IntField(default=0)
    ends_on = fields.DateField()
    declared_at = fields.DatetimeField()
    proven_at = fields.DatetimeField(null=True)
    clerk_id = fields.CharField(48, null=True)
    evidence = fields.TextField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_why = fields.CharField(16, null=True)

    class Meta:
        table = "identity_guardianship"
        indexes = (Index(fields=("guardian_id", "declared_at")), Index(fields=("ward_id", "state")), Index(fields=("state", "ends_on")))


class GuardianConsent(Model):
    """A guardian's consent to face checks of one ward, for one version of its text."""

    id = fields.CharField(48, primary_key=True)
    guardianship_id = fields.CharField(48)
    ward_id = fields.CharField(48)
    guardian_id = fields.CharField(48)
    version = fields.CharField(16)
    text_sha256 = fields.CharField(64)
    granted_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_guardian_consent"
        indexes = (Index(fields=("ward_id",)), Index(fields=("guardianship_id",)))
