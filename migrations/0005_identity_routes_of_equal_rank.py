from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0004_verification_providers')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Account',
            name='document_until',
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name='FaceConsent',
            name='kind',
            field=fields.CharField(default='face', max_length=16),
        ),
        ops.CreateModel(
            name='AuditImage',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('account_id', fields.CharField(max_length=48)),
                ('verification_id', fields.CharField(unique=True, max_length=48)),
                ('consent_id', fields.CharField(max_length=48)),
                ('sha256', fields.CharField(max_length=64)),
                ('kept_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_audit_image', 'app': 'zerotrip', 'indexes': [Index(fields=['account_id']), Index(fields=['expires_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AuditImageLook',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('image_id', fields.CharField(max_length=48)),
                ('account_id', fields.CharField(max_length=48)),
                ('viewer_kind', fields.CharField(max_length=16)),
                ('viewer_id', fields.CharField(max_length=48)),
                ('reason', fields.CharField(max_length=32)),
                ('looked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_audit_image_look', 'app': 'zerotrip', 'indexes': [Index(fields=['account_id', 'looked_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Session',
            name='device_id',
            field=fields.CharField(null=True, max_length=48),
        ),
        ops.AddField(
            model_name='Verification',
            name='device_id',
            field=fields.CharField(null=True, max_length=48),
        ),
        ops.CreateModel(
            name='DeviceTally',
            fields=[
                ('device_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ('failures', fields.IntField(default=0)),
                ('lockouts', fields.IntField(default=0)),
                ('locked_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('failed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_device_tally', 'app': 'zerotrip', 'indexes': [Index(fields=['failed_at'])], 'pk_attr': 'device_id'},
            bases=['Model'],
        ),
    ]
