"""Tables of cases. Personal values are sealed; what is searched for has a blind index."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Case(Model):
    id = fields.CharField(48, primary_key=True)
    number = fields.CharField(43, null=True, unique=True)
    item_code = fields.CharField(31)
    item_version = fields.IntField()
    title = fields.CharField(120)
    owner_id = fields.CharField(48)
    office_id = fields.CharField(48)
    department = fields.CharField(64)
    state = fields.CharField(24)
    version = fields.IntField(default=0)
    answers = fields.TextField()
    checklist = fields.TextField()
    notice_sha256 = fields.CharField(64, null=True)
    form = fields.BinaryField()
    delivery = fields.BinaryField(null=True)
    envelope_id = fields.CharField(48, null=True)
    commitment_sha256 = fields.CharField(64, null=True)
    is_signed = fields.BooleanField(default=False)
    review_round = fields.IntField(default=0)
    prereviewer_id = fields.CharField(48, null=True)
    acceptor_id = fields.CharField(48, null=True)
    decider_id = fields.CharField(48, null=True)
    decision_reason = fields.BinaryField(null=True)
    decision_signature_sha256 = fields.CharField(64, null=True)
    licence_id = fields.CharField(48, null=True)
    trips = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    promised_on = fields.DateField(null=True)
    statutory_on = fields.DateField(null=True)
    is_deadline_provisional = fields.BooleanField(default=False)

    parties: fields.ReverseRelation[CaseParty]

    class Meta:
        table = "hall_case"
        indexes = (Index(fields=("owner_id", "created_at")), Index(fields=("office_id", "state", "updated_at")))


class CaseParty(Model):
    """A person who must sign: the owner as legal person, and everybody invited. Found by the blind index of the ID number."""

    id = fields.CharField(48, primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("zerotrip.Case", related_name="parties", on_delete=fields.CASCADE)
    role = fields.CharField(24)
    account_id = fields.CharField(48, null=True)
    name = fields.BinaryField()
    id_index = fields.CharField(32)
    invitation_digest = fields.CharField(64, null=True, unique=True)
    invited_at = fields.DatetimeField(null=True)
    joined_at = fields.DatetimeField(null=True)
    signed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "hall_case_party"
        unique_together = (("case", "id_index"),)
        indexes = (Index(fields=("account_id",)),)


class CaseMaterial(Model):
    """`upload_key` is the digest of the sender's own key of that upload: the same key again is the same upload."""

    id = fields.CharField(48, primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("zerotrip.Case", related_name="materials", on_delete=fields.CASCADE)
    code = fields.CharField(32)
    sha256 = fields.CharField(64)
    media_type = fields.CharField(64)
    size = fields.IntField()
    pages = fields.IntField()
    filename = fields.BinaryField()
    added_at = fields.DatetimeField()
    upload_key = fields.CharField(64, null=True)

    class Meta:
        table = "hall_case_material"
        unique_together = (("case", "code", "sha256"),)


class CaseGap(Model):
    """A thing to mend that a reviewer named, and what it referred to then; to ask again for the same thing takes a new fact (R25)."""

    id = fields.CharField(48, primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("zerotrip.Case", related_name="gaps", on_delete=fields.CASCADE)
    round = fields.IntField()
    subject = fields.CharField(48)
    subject_digest = fields.CharField(64)
    reason = fields.BinaryField()
    raised_by = fields.CharField(48)
    raised_at = fields.DatetimeField()

    class Meta:
        table = "hall_case_gap"
        unique_together = (("case", "round", "subject"),)


class CaseSnapshot(Model):
    """Digest of each material and field at each submission: what a reviewer had in front of them."""

    id = fields.CharField(48, primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("zerotrip.Case", related_name="snapshots", on_delete=fields.CASCADE)
    round = fields.IntField()
    digests = fields.TextField()
    taken_at = fields.DatetimeField()

    class Meta:
        table = "hall_case_snapshot"
        unique_together = (("case", "round"),)


class CasePause(Model):
    """Time that does not count (行政许可法 art. 45); the applicant is told in writing."""

    id = fields.CharField(48, primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("zerotrip.Case", related_name="pauses", on_delete=fields.CASCADE)
    reason = fields.CharField(24)
    from_on = fields.DateField()
    to_on = fields.DateField(null=True)

    class Meta:
        table = "hall_case_pause"


class CaseTrip(Model):
    """The trip ledger: an appointment that somebody had to travel to for this case."""

    appointment_id = fields.CharField(48, primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("zerotrip.Case", related_name="trip_rows", on_delete=fields.CASCADE)

    class Meta:
        table = "hall_case_trip"
