"""Which checkpoints stand in the provincial log."""

import django.db.models.deletion
from django.db import migrations, models

from lienmach.kernel.evidence import append_only


def install(apps: object, schema_editor: object) -> None:
    append_only.install(schema_editor, "evidence_gatheredcheckpoint")  # type: ignore[arg-type]


def remove(apps: object, schema_editor: object) -> None:
    append_only.remove(schema_editor, "evidence_gatheredcheckpoint")  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0008_segments")]
    operations = [
        migrations.CreateModel(
            name="GatheredCheckpoint",
            fields=[
                ("leaf", models.UUIDField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
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
                "constraints": [models.UniqueConstraint(fields=["log", "size"], name="gathered_once")],
            },
        ),
        migrations.RunPython(install, remove),
    ]
