from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0008_video_media')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Envelope',
            name='proof_ends_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Envelope',
            index=Index(fields=['state', 'proof_ends_at']),
        ),
        ops.AddField(
            model_name='Licence',
            name='proof_ends_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Licence',
            index=Index(fields=['proof_ends_at']),
        ),
    ]
