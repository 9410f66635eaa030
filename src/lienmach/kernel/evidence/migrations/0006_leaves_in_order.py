"""One row per leaf, keyed by log and index; leaves without an index wait in the outbox with their bytes."""

from django.db import migrations, models

from lienmach.kernel.evidence import append_only

# What is there is copied aside by the first statement and put into its new tables by the others.
SET_ASIDE = """
    CREATE TABLE evidence_leaf_before AS
    SELECT l.event_id, l.organisation, l.data, p.log_id, p."index" AS at
    FROM evidence_leaf l LEFT JOIN evidence_leafposition p ON p.leaf_id = l.event_id
"""
WAITING = """
    CREATE TABLE evidence_outbox_before AS
    SELECT b.event_id, b.organisation, b.data FROM evidence_outboxentry o
    JOIN evidence_leaf_before b ON b.event_id = o.event_id
"""
PUT_BACK = [
    """
    INSERT INTO evidence_leaf (place, event_id, data)
    SELECT log_id * 1099511627776 + at, event_id, data FROM evidence_leaf_before WHERE at IS NOT NULL
    """,
    """
    INSERT INTO evidence_outboxentry (event_id, organisation, data)
    SELECT event_id, organisation, data FROM evidence_outbox_before
    """,
    """
    INSERT INTO evidence_heldleaf (event_id, organisation, data)
    SELECT event_id, organisation, data FROM evidence_leaf_before b
    WHERE at IS NULL AND NOT EXISTS (SELECT 1 FROM evidence_outbox_before o WHERE o.event_id = b.event_id)
    """,
    "DROP TABLE evidence_outbox_before",
    "DROP TABLE evidence_leaf_before",
]


def install(apps: object, schema_editor: object) -> None:
    append_only.install(schema_editor, "evidence_leaf")  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0005_leaves_without_index")]

    operations = [
        migrations.RunSQL([SET_ASIDE, WAITING]),
        migrations.DeleteModel(name="LeafPosition"),
        migrations.DeleteModel(name="Leaf"),
        migrations.DeleteModel(name="OutboxEntry"),
        migrations.CreateModel(
            name="OutboxEntry",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=models.DO_NOTHING,
                        primary_key=True,
                        serialize=False,
                        to="evidence.eventrecord",
                    ),
                ),
                ("organisation", models.UUIDField()),
                ("data", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("data", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="HeldLeaf",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("organisation", models.UUIDField()),
                ("data", models.BinaryField()),
            ],
        ),
        migrations.AddField("Log", "released", models.BigIntegerField(default=0)),
        migrations.AddIndex(
            "Log",
            models.Index(
                condition=models.Q(size__gt=models.F("released"), held=""),
                fields=["id"],
                name="log_to_publish",
            ),
        ),
        migrations.RunPython(install),
        migrations.RunSQL(PUT_BACK),
    ]
