from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0006_relying_parties')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Verification',
            name='guardian_consent_id',
            field=fields.CharField(null=True, max_length=48),
        ),
        ops.CreateModel(
            name='Guardianship',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('guardian_id', fields.CharField(max_length=48)),
                ('ward_id', fields.CharField(max_length=48)),
                ('open_key', fields.CharField(null=True, unique=True, max_length=100)),
                ('relation', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=12)),
                ('version', fields.IntField(default=0)),
                ('ends_on', fields.DateField()),
                ('declared_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('proven_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('clerk_id', fields.CharField(null=True, max_length=48)),
                ('evidence', fields.TextField(null=True, unique=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_why', fields.CharField(null=True, max_length=16)),
            ],
            options={'table': 'identity_guardianship', 'app': 'zerotrip', 'indexes': [Index(fields=['guardian_id', 'declared_at']), Index(fields=['ward_id', 'state']), Index(fields=['state', 'ends_on'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='GuardianConsent',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('guardianship_id', fields.CharField(max_length=48)),
                ('ward_id', fields.CharField(max_length=48)),
                ('guardian_id', fields.CharField(max_length=48)),
                ('version', fields.CharField(max_length=16)),
                ('text_sha256', fields.CharField(max_length=64)),
                ('granted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('withdrawn_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_guardian_consent', 'app': 'zerotrip', 'indexes': [Index(fields=['ward_id']), Index(fields=['guardianship_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UkeyChallenge',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('account_id', fields.CharField(max_length=48)),
                ('application_id', fields.CharField(max_length=48)),
                ('document_sha256', fields.CharField(null=True, max_length=64)),
                ('nonce', fields.CharField(max_length=43)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('is_passed', fields.BooleanField(default=False)),
            ],
            options={'table': 'identity_ukey_challenge', 'app': 'zerotrip', 'indexes': [Index(fields=['expires_at']), Index(fields=['account_id', 'created_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='VideoCheck',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('account_id', fields.CharField(max_length=48)),
                ('open_for', fields.CharField(null=True, unique=True, max_length=48)),
                ('held_by', fields.CharField(null=True, unique=True, max_length=48)),
                ('application_id', fields.CharField(max_length=48)),
                ('document_sha256', fields.CharField(null=True, max_length=64)),
                ('state', fields.CharField(max_length=12)),
                ('version', fields.IntField(default=0)),
                ('room', fields.CharField(max_length=48)),
                ('joined_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('taken_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('clerk_id', fields.CharField(null=True, max_length=48)),
                ('outcome', fields.CharField(null=True, max_length=16)),
                ('verification_id', fields.CharField(null=True, max_length=48)),
            ],
            options={'table': 'identity_video_check', 'app': 'zerotrip', 'indexes': [Index(fields=['state', 'joined_at']), Index(fields=['joined_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
