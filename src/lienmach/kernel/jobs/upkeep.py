"""Work the platform gives itself: sealing what has been recorded since yesterday."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from lienmach.kernel.evidence.segments.seal import SealedMeanwhile, seal_due, segments_seal
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.jobs.services import job_enqueue_once
from lienmach.kernel.jobs.tasks import Running, task
from lienmach.kernel.scope import SystemScope

SEAL = "evidence.segments_seal"


@task(SEAL, lease_s=300)
def seal(scope: SystemScope, running: Running) -> dict[str, Any]:
    """Seal stretches of the platform's sequence for those who count."""
    running.report(None, "sealing")
    try:
        done = segments_seal(scope, at=timezone.now())
    except SealedMeanwhile as faster:
        return {"sealed": [], "note": str(faster)}
    return {"sealed": [vars(each) for each in done]}


def upkeep_ask(scope: SystemScope, *, at: datetime) -> UUID | None:
    """Enqueue what is due, once however often it is asked; None when nothing is due or nobody is here yet.

    The job stands with the first agency of the platform, without one with its first organisation.
    """
    if not seal_due(scope, at=at):
        return None
    by_age = Organisation.objects.order_by("created_at", "id").values_list("id", flat=True)
    owner = by_age.exclude(jurisdiction="").first() or by_age.first()
    if owner is None:
        return None
    return job_enqueue_once(scope, task=SEAL, arguments={}, at=at, organisation=owner)
