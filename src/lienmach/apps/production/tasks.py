"""Background work of production: making a plan in a process of its own."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from lienmach.apps.production.services import plan_finish
from lienmach.apps.production.services.planning import TASK, plan_source
from lienmach.kernel.jobs.tasks import Running, task
from lienmach.kernel.scope import SystemScope


@task(TASK, lease_s=120)
def plan_make(scope: SystemScope, running: Running, *, plan: str) -> dict[str, Any]:
    """Make the plan that was asked for; stopped early, it keeps the best so far. Repeating it is harmless."""
    from lienmach.apps.production.planning.documents import plan_document
    from lienmach.apps.production.planning.making import make_plan
    from lienmach.apps.production.planning.plan import NoPlan
    from lienmach.engines.scheduling.result import Objective
    from lienmach.engines.scheduling.search import Progress

    source = plan_source(scope, plan=UUID(plan))

    def report(step: Progress) -> bool:
        share = min(1.0, step.work / max(1, step.budget))
        return not running.report(share, f"{step.doing} · {step.best:,}")

    running.report(None, "…")
    made = make_plan(
        source.factory,
        start=source.starts_at,
        objective=Objective(source.objective),
        cpu_seconds=source.cpu_seconds,
        progress=report,
        notes=source.notes,
    )
    if isinstance(made, NoPlan):
        plan_finish(
            scope,
            plan=UUID(plan),
            document=None,
            obstacles=[asdict(obstacle) for obstacle in made.obstacles],
            orders=0,
            late_orders=0,
            ends_at=None,
        )
        return {"plan": plan, "found": False}
    plan_finish(
        scope,
        plan=UUID(plan),
        document=plan_document(made, cpu_seconds=source.cpu_seconds),
        obstacles=[],
        orders=len(made.orders),
        late_orders=len(made.late_orders),
        ends_at=made.timeline.moment(made.end),
    )
    return {"plan": plan, "found": True}
