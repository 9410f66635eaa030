"""The table of what the provincial log holds: which checkpoint of which log is which of its leaves."""

from django.db import models


class GatheredCheckpoint(models.Model):
    """A checkpoint of somebody's log that stands, as that log signed it, as a leaf in the provincial log."""

    leaf = models.UUIDField(primary_key=True)
    log = models.ForeignKey("evidence.Log", on_delete=models.DO_NOTHING, db_index=False)
    size = models.BigIntegerField()

    class Meta:
        app_label = "evidence"
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="gathered_once")]
