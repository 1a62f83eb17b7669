from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0003_captures_and_traces')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Verification',
            name='provider',
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name='Verification',
            name='provider_ticket',
            field=fields.BinaryField(null=True),
        ),
    ]
