"""Background work."""

from typing import Any

from django.utils import timezone

from lienmach.apps.targets import services
from lienmach.kernel.jobs.tasks import Running, task
from lienmach.kernel.scope import SystemScope


@task(services.TASK, lease_s=300)
def cells_compute(scope: SystemScope, running: Running) -> dict[str, Any]:
    """Compute every declared indicator from the events known now."""
    done = services.cells_compute(scope, at=timezone.now(), report=running.report)
    return {"indicators": [vars(each) for each in done]}
