"""Tables of signing envelopes."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Envelope(Model):
    """One document and its signers. `current_sha256` moves with each signature; `original_sha256` is what everybody agreed to.

    `proof_ends_at`: the certificate of the first timestamp to end expires then; before that one more is put over the whole file.
    """

    id = fields.CharField(48, primary_key=True)
    subject = fields.CharField(48)
    state = fields.CharField(12)
    original_sha256 = fields.CharField(64)
    current_sha256 = fields.CharField(64)
    created_at = fields.DatetimeField()
    proof_ends_at = fields.DatetimeField(null=True)

    signers: fields.ReverseRelation[EnvelopeSigner]

    class Meta:
        table = "esign_envelope"
        indexes = (Index(fields=("subject",)), Index(fields=("state", "proof_ends_at")))


class EnvelopeSigner(Model):
    id = fields.CharField(48, primary_key=True)
    envelope: fields.ForeignKeyRelation[Envelope] = fields.ForeignKeyField(
        "zerotrip.Envelope", related_name="signers", on_delete=fields.CASCADE
    )
    account_id = fields.CharField(48)
    field = fields.CharField(32)
    state = fields.CharField(12)
    person = fields.BinaryField()
    request = fields.BinaryField(null=True)
    assertion_id = fields.CharField(64, null=True)
    evidence_sha256 = fields.CharField(64, null=True)
    certificate_serial = fields.CharField(64, null=True)
    requested_at = fields.DatetimeField(null=True)
    signed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "esign_envelope_signer"
        unique_together = (("envelope", "account_id"), ("envelope", "field"))
