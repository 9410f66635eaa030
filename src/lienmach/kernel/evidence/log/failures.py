"""Witnesses that do not cosign: since when and why not, for whoever looks from another process.

Who cosigns stands under the checkpoints; here stands only what would otherwise be a line in the worker's
messages.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import models

from lienmach.engines.ledger.errors import LedgerError


class WitnessFailure(models.Model):
    """A witness that did not cosign a log when last asked; the row goes when it does again."""

    log = models.ForeignKey("evidence.Log", on_delete=models.DO_NOTHING, db_index=False)
    witness = models.CharField(max_length=200)
    since = models.DateTimeField()
    last_at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        app_label = "evidence"
        constraints = [models.UniqueConstraint(fields=["log", "witness"], name="witness_failure_once")]


def answers_keep(log: int, answers: Mapping[str, object], *, at: datetime) -> None:
    """Keep which of a log's missing witnesses failed this time; what is kept of all others is over.

    Parameters
    ----------
    answers
        By the witness's name: its answer, or the error in its place.
    """
    failed = {name: str(answer) for name, answer in answers.items() if isinstance(answer, LedgerError)}
    over = WitnessFailure.objects.filter(log_id=log).exclude(witness__in=failed)
    if over.exists():  # a look takes no lock, and there is hardly ever any
        over.delete()
    WitnessFailure.objects.bulk_create(
        [
            WitnessFailure(log_id=log, witness=name, since=at, last_at=at, reason=reason)
            for name, reason in failed.items()
        ],
        update_conflicts=True,
        unique_fields=["log", "witness"],
        update_fields=["last_at", "reason"],
    )
