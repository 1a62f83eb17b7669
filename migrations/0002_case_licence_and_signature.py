from core import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('zerotrip', '0001_initial')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Case',
            name='decision_signature_sha256',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Case',
            name='licence_id',
            field=fields.CharField(null=True, max_length=48),
        ),
        ops.AddField(
            model_name='CaseMaterial',
            name='upload_key',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.RunSQL(
            "UPDATE hall_case SET licence_id = "
            "(SELECT id FROM hall_licence WHERE hall_licence.case_id = hall_case.id AND hall_licence.state <> 'drafted')",
            reverse_sql=ops.RunSQL.noop,
        ),
    ]
