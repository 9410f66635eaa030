"""Sealed segments of the platform's sequence; their table only grows."""

from django.db import migrations, models

from lienmach.kernel.evidence import append_only


def install(apps: object, schema_editor: object) -> None:
    append_only.install(schema_editor, "evidence_segment")  # type: ignore[arg-type]


def remove(apps: object, schema_editor: object) -> None:
    append_only.remove(schema_editor, "evidence_segment")  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_leaves_in_order")]
    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("revision", models.PositiveSmallIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("manifest", models.CharField(max_length=64)),
                ("event", models.UUIDField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["number", "revision"], name="segment_sealed_once"),
                    models.CheckConstraint(
                        condition=models.Q(last__gte=models.F("first")), name="segment_not_empty"
                    ),
                ],
            },
        ),
        migrations.RunPython(install, remove),
    ]
