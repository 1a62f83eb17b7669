"""Tables of the enterprise API. Keys and invitation tokens are stored as keyed digests only; names and numbers are sealed for their row."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class RelyingParty(Model):
    """An organisation, registered by one enterprise account. `uscc_held` is NULL after a refusal, so that nobody blocks another's code."""

    id = fields.CharField(48, primary_key=True)
    owner_id = fields.CharField(48, unique=True)
    name = fields.CharField(128)
    uscc = fields.CharField(18)
    uscc_held = fields.CharField(18, null=True, unique=True)
    state = fields.CharField(12)
    version = fields.IntField(default=0)
    monthly_quota = fields.IntField()
    reason = fields.CharField(200, null=True)
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_relying_party"
        indexes = (Index(fields=("state", "id")),)


class ApiKey(Model):
    """`prefix` is what the console shows of a key; `digest` is all that is known of the rest."""

    id = fields.CharField(48, primary_key=True)
    relying_party_id = fields.CharField(48)
    name = fields.CharField(64)
    prefix = fields.CharField(12)
    digest = fields.CharField(64, unique=True)
    scopes = fields.TextField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    replaced_by = fields.CharField(48, null=True)

    class Meta:
        table = "identity_api_key"
        indexes = (Index(fields=("relying_party_id", "id")),)


class UsageMonth(Model):
    """What one relying party asked for in one month (Beijing time). `id` is relying party and month."""

    id = fields.CharField(64, primary_key=True)
    relying_party_id = fields.CharField(48)
    month = fields.CharField(7)
    created = fields.IntField(default=0)
    verified = fields.IntField(default=0)

    class Meta:
        table = "identity_usage_month"
        indexes = (Index(fields=("relying_party_id", "month")),)


class ShareholderBatch(Model):
    """A company's people asked together. `unsettled` counts those without an end; the batch is complete when it reaches zero."""

    id = fields.CharField(48, primary_key=True)
    relying_party_id = fields.CharField(48)
    reference = fields.CharField(64)
    content_digest = fields.CharField(64)
    company_name = fields.CharField(128)
    purpose = fields.CharField(120)
    total = fields.IntField()
    unsettled = fields.IntField()
    created_at = fields.DatetimeField()
    completed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_shareholder_batch"
        unique_together = (("relying_party_id", "reference"),)


class VerificationRequest(Model):
    """An enterprise asks who somebody is. `subject_index` finds it for the person whose name and number these are.

    The invitation's token is known by its digest; `invitation_used_by` is the account that opened it, once.
    """

    id = fields.CharField(48, primary_key=True)
    relying_party_id = fields.CharField(48)
    batch_id = fields.CharField(48, null=True)
    reference = fields.CharField(64)
    content_digest = fields.CharField(64)
    role = fields.CharField(16)
    purpose = fields.CharField(120)
    name_sealed = fields.BinaryField(null=True)
    number_sealed = fields.BinaryField(null=True)
    subject_index = fields.CharField(32, null=True)
    state = fields.CharField(12)
    version = fields.IntField(default=0)
    account_id = fields.CharField(48, null=True)
    consent_version = fields.CharField(16, null=True)
    consent_sha256 = fields.CharField(64, null=True)
    consented_at = fields.DatetimeField(null=True)
    verification_id = fields.CharField(48, null=True, unique=True)
    assurance = fields.CharField(4, null=True)
    verified_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    notified_at = fields.DatetimeField(null=True)
    invitation_digest = fields.CharField(64, null=True, unique=True)
    invitation_used_by = fields.CharField(48, null=True)

    class Meta:
        table = "identity_verification_request"
        unique_together = (("relying_party_id", "reference"),)
        indexes = (
            Index(fields=("relying_party_id", "id")),
            Index(fields=("subject_index",)),
            Index(fields=("batch_id", "state")),
            Index(fields=("state", "expires_at")),
        )


class WebhookEndpoint(Model):
    id = fields.CharField(48, primary_key=True)
    relying_party_id = fields.CharField(48)
    url = fields.CharField(500)
    secret_sealed = fields.BinaryField()
    old_secret_sealed = fields.BinaryField(null=True)
    old_secret_until = fields.DatetimeField(null=True)
    is_enabled = fields.BooleanField(default=True)
    failing_since = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "identity_webhook_endpoint"
        indexes = (Index(fields=("relying_party_id", "id")),)


class WebhookDelivery(Model):
    """One message for one endpoint. The payload holds ids, references and states, no personal data."""

    id = fields.CharField(48, primary_key=True)
    relying_party_id = fields.CharField(48)
    endpoint_id = fields.CharField(48)
    message_id = fields.CharField(48)
    event_type = fields.CharField(40)
    payload = fields.TextField()
    state = fields.CharField(12, default="pending")
    attempts = fields.IntField(default=0)
    attempts_in_all = fields.IntField(default=0)
    last_status = fields.IntField(null=True)
    last_error = fields.CharField(64, null=True)
    created_at = fields.DatetimeField()
    last_attempt_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_webhook_delivery"
        unique_together = (("endpoint_id", "message_id"),)
        indexes = (Index(fields=("relying_party_id", "endpoint_id", "id")),)
