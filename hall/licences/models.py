"""The licence store."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Licence(Model):
    """`claims` and `credential` hold personal data and are sealed; the PDF is in the vault. One case, one licence.

    `proof_ends_at`: the certificate of the PDF's last timestamp expires then; before that another timestamp is put over it.
    """

    id = fields.CharField(48, primary_key=True)
    case_id = fields.CharField(48, unique=True)
    number = fields.CharField(48, unique=True)
    identifier = fields.CharField(96, unique=True)
    holder_id = fields.CharField(48)
    office_id = fields.CharField(48)
    title = fields.CharField(80)
    document_class = fields.CharField(48)
    authority_code = fields.CharField(48)
    authority_name = fields.CharField(80)
    state = fields.CharField(16)
    version = fields.IntField(default=0)
    claims = fields.BinaryField()
    credential = fields.BinaryField(null=True)
    pdf_sha256 = fields.CharField(64, null=True)
    proof_ends_at = fields.DatetimeField(null=True)
    issued_on = fields.DateField()
    valid_until = fields.DateField(null=True)
    created_at = fields.DatetimeField()
    issued_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField(null=True)
    change_reason = fields.BinaryField(null=True)

    class Meta:
        table = "hall_licence"
        indexes = (Index(fields=("holder_id", "created_at")), Index(fields=("proof_ends_at",)))
