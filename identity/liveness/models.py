"""Tables of identity verifications. No frame, no embedding and no score is stored."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Verification(Model):
    """One attempt to prove who somebody is, for one application and, if given, one document. `method`: face, counter, video, ukey.

    `challenge` are the actions asked of a clip, which must have come by `clip_until`; those of a stream are drawn when it begins.
    `capture`: how the last one came, stream or clip.
    `provider_ticket` is sealed for this row and gone when it has served.
    `open_for` is the account while a face check is open and NULL afterwards: the unique key keeps it to one at a time.
    """

    id = fields.CharField(48, primary_key=True)
    account_id = fields.CharField(48)
    open_for = fields.CharField(48, null=True, unique=True)
    method = fields.CharField(8)
    purpose = fields.CharField(32)
    application_id = fields.CharField(48)
    document_sha256 = fields.CharField(64, null=True)
    consent_id = fields.CharField(48, null=True)
    guardian_consent_id = fields.CharField(48, null=True)
    device_id = fields.CharField(48, null=True)
    state = fields.CharField(12)
    version = fields.IntField(default=0)
    nonce = fields.CharField(43)
    challenge = fields.TextField(default="[]")
    capture = fields.CharField(8, null=True)
    clip_until = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    lease_until = fields.DatetimeField(null=True)
    outcome = fields.CharField(16, null=True)
    reasons = fields.TextField(default="[]")
    coaching = fields.TextField(default="[]")
    engine = fields.CharField(64, null=True)
    model_sha256 = fields.CharField(64, null=True)
    threshold = fields.FloatField(null=True)
    policy_version = fields.CharField(32, null=True)
    decided_at = fields.DatetimeField(null=True)
    clerk_id = fields.CharField(48, null=True)
    evidence = fields.TextField(null=True)
    provider = fields.CharField(16, null=True)
    provider_ticket = fields.BinaryField(null=True)

    class Meta:
        table = "identity_verification"
        indexes = (
            Index(fields=("account_id", "application_id", "created_at")),
            Index(fields=("account_id", "state")),
            Index(fields=("created_at", "method")),
        )


class FaceConsent(Model):
    """A citizen's separate consent, for one version of its text. `kind`: face (recognition) or audit_image (one picture is kept)."""

    id = fields.CharField(48, primary_key=True)
    account_id = fields.CharField(48)
    kind = fields.CharField(16, default="face")
    version = fields.CharField(16)
    text_sha256 = fields.CharField(64)
    granted_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_face_consent"
        indexes = (Index(fields=("account_id", "version")),)


class FaceTally(Model):
    """Failed face checks of one account, and the lock they lead to."""

    account_id = fields.CharField(48, primary_key=True)
    failures = fields.IntField(default=0)
    lockouts = fields.IntField(default=0)
    locked_until = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_face_tally"


class DeviceTally(Model):
    """The same of one phone, whoever is logged in there."""

    device_id = fields.CharField(48, primary_key=True)
    failures = fields.IntField(default=0)
    lockouts = fields.IntField(default=0)
    locked_until = fields.DatetimeField(null=True)
    failed_at = fields.DatetimeField()

    class Meta:
        table = "identity_device_tally"
        indexes = (Index(fields=("failed_at",)),)


class SeenFrame(Model):
    """The digest of a frame that was judged; the same bytes a second time are a recording, not a face."""

    sha256 = fields.CharField(64, primary_key=True)
    verification_id = fields.CharField(48)
    seen_at = fields.DatetimeField()

    class Meta:
        table = "identity_seen_frame"
        indexes = (Index(fields=("seen_at",)),)


class SeenCapture(Model):
    """What moved in a judged capture, as hashes that show nobody (`motion.traces`): the same film played again has the same ones."""

    id = fields.CharField(52, primary_key=True)
    account_id = fields.CharField(48)
    traces = fields.TextField()
    seen_at = fields.DatetimeField()

    class Meta:
        table = "identity_seen_capture"
        indexes = (Index(fields=("account_id", "seen_at")), Index(fields=("seen_at",)))


class UsedAssertion(Model):
    """The unique insert that lets an assertion be used once."""

    jti = fields.CharField(48, primary_key=True)
    used_at = fields.DatetimeField()

    class Meta:
        table = "identity_used_assertion"
