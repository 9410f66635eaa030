"""Leaves, their order, checkpoints and cosignatures only grow; content goes only by a logged erasure."""

from django.db import migrations

from lienmach.kernel.evidence import append_only

EVENTS = "evidence_eventrecord"
NEW = (
    "evidence_opening",
    "evidence_leaf",
    "evidence_leafposition",
    "evidence_erasure",
    "evidence_authorkey",
    "evidence_logcheckpoint",
    "evidence_cosignature",
)


def install(apps: object, schema_editor: object) -> None:
    append_only.remove(schema_editor, EVENTS)  # type: ignore[arg-type]
    append_only.install(schema_editor, EVENTS, *NEW)  # type: ignore[arg-type]


def remove(apps: object, schema_editor: object) -> None:
    append_only.remove(schema_editor, EVENTS, *NEW)  # type: ignore[arg-type]
    append_only.install(schema_editor, EVENTS, erasable=False)  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_logs")]
    operations = [migrations.RunPython(install, remove)]
