"""Events, their positions and read records only grow, whatever the application does."""

from django.db import migrations

from lienmach.kernel.evidence import append_only

TABLES = ("evidence_eventrecord", "evidence_sequencedevent", "evidence_readrecord")


def install(apps: object, schema_editor: object) -> None:
    append_only.install(schema_editor, *TABLES, erasable=False)  # type: ignore[arg-type]


def remove(apps: object, schema_editor: object) -> None:
    append_only.remove(schema_editor, *TABLES)  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
