"""Which witnesses do not cosign, since when and why not."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0010_signed_before_checkpoints")]
    operations = [
        migrations.CreateModel(
            name="WitnessFailure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("witness", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("reason", models.TextField()),
                (
                    "log",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="evidence.log",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["log", "witness"], name="witness_failure_once")
                ],
            },
        ),
    ]
