"""Positions in the platform's sequence are the row numbers of their table."""

from django.db import migrations

from lienmach.kernel.evidence import append_only
from lienmach.kernel.evidence.fields import RowNumber


def install(apps: object, schema_editor: object) -> None:
    # SQLite makes the table anew, without its triggers.
    append_only.install(schema_editor, "evidence_sequencedevent")  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0012_witness_failures")]
    operations = [
        migrations.AlterField("SequencedEvent", "position", RowNumber(primary_key=True, serialize=False)),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
