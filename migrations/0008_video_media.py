from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0007_guardians_ukeys_and_video')]

    initial = False

    operations = [
        ops.AddField(
            model_name='VideoCheck',
            name='answer_sealed',
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name='VideoCheck',
            name='media_round',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='VideoCheck',
            name='offer_sealed',
            field=fields.BinaryField(null=True),
        ),
        ops.RemoveField(model_name='VideoCheck', name='room'),
    ]
