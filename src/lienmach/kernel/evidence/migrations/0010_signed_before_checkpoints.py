"""Leaves are signed before a checkpoint and no longer in every pass: a log says how far it is signed."""

import django.db.models.deletion
from django.db import migrations, models

from lienmach.kernel.evidence import append_only


def install(apps: object, schema_editor: object) -> None:
    # SQLite makes the table anew, without its triggers.
    append_only.install(schema_editor, "evidence_sequencedevent")  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0009_gathered_checkpoints")]
    operations = [
        migrations.AddField("Log", "signed", models.BigIntegerField(default=0)),
        migrations.RunSQL("UPDATE evidence_log SET signed = size", migrations.RunSQL.noop),
        migrations.AlterField(
            "SequencedEvent",
            "event",
            models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="sequenced",
                to="evidence.eventrecord",
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
