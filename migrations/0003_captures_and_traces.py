from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0002_case_licence_and_signature')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SeenCapture',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=52)),
                ('account_id', fields.CharField(max_length=48)),
                ('traces', fields.TextField(unique=False)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_seen_capture', 'app': 'zerotrip', 'indexes': [Index(fields=['account_id', 'seen_at']), Index(fields=['seen_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Verification',
            name='capture',
            field=fields.CharField(null=True, max_length=8),
        ),
        ops.AddField(
            model_name='Verification',
            name='challenge',
            field=fields.TextField(default='[]', unique=False),
        ),
        ops.AddField(
            model_name='Verification',
            name='clip_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
