"""Reading workbooks and plans."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lienmach.apps.production.models import Plan, PlanState, Workbook
from lienmach.apps.production.planning.documents import plan_from_document
from lienmach.apps.production.planning.plan import Obstacle
from lienmach.apps.production.planning.plan import Plan as VerifiedPlan
from lienmach.apps.production.queries.missing import NotFound
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.queries import event_list
from lienmach.kernel.jobs.queries import JobNotFound, JobStatus, job_get
from lienmach.kernel.scope import OrganisationScope

LIST_LIMIT = 200


@dataclass(frozen=True)
class WorkbookRow:
    """An uploaded workbook in a list."""

    id: UUID
    number: int
    filename: str
    accepted: bool
    orders: int
    errors: int
    warnings: int
    uploaded_at: datetime


@dataclass(frozen=True)
class WorkbookRecord(WorkbookRow):
    """An uploaded workbook with everything that is wrong with it."""

    problems: tuple[dict[str, Any], ...]
    plans: tuple["PlanRow", ...]


@dataclass(frozen=True)
class PlanRow:
    """A plan in a list."""

    id: UUID
    number: int
    state: str
    workbook: str
    orders: int
    late_orders: int
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    published_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether planning is over, one way or the other."""
        return self.state != PlanState.MAKING


@dataclass(frozen=True)
class PlanRecord(PlanRow):
    """A plan with its verified result, or why there is none, or how far the work is."""

    workbook_id: UUID
    cpu_seconds: int
    verified: VerifiedPlan | None
    document: dict[str, Any] | None
    obstacles: tuple[Obstacle, ...]
    job: JobStatus | None
    events: tuple[Event, ...] = ()


def workbook_list(scope: OrganisationScope, *, limit: int = LIST_LIMIT) -> list[WorkbookRow]:
    """Return the uploaded workbooks, newest first."""
    scope.require("production.plan_read")
    rows = Workbook.objects.within(scope).defer("content").order_by("-number")[:limit]
    return [WorkbookRow(**_workbook_fields(row)) for row in rows]


def workbook_get(scope: OrganisationScope, *, workbook: UUID) -> WorkbookRecord:
    """Return one uploaded workbook or raise `NotFound`."""
    scope.require("production.plan_read")
    row = Workbook.objects.within(scope).defer("content").filter(id=workbook).first()
    if row is None:
        raise NotFound(f"No workbook {workbook}.")
    plans = row.plans.select_related("workbook").defer("document", "workbook__content").order_by("-number")
    return WorkbookRecord(
        **_workbook_fields(row),
        problems=tuple(row.problems),
        plans=tuple(PlanRow(**_plan_fields(plan)) for plan in plans),
    )


def plan_list(scope: OrganisationScope, *, limit: int = LIST_LIMIT) -> list[PlanRow]:
    """Return the plans, newest first."""
    scope.require("production.plan_read")
    rows = Plan.objects.within(scope).select_related("workbook").defer("document", "workbook__content")
    return [PlanRow(**_plan_fields(row)) for row in rows.order_by("-number")[:limit]]


def plan_published(scope: OrganisationScope) -> PlanRow | None:
    """Return the published plan, or None when none was published yet."""
    scope.require("production.plan_read")
    rows = Plan.objects.within(scope).select_related("workbook").defer("document", "workbook__content")
    row = rows.filter(state=PlanState.PUBLISHED).first()
    return None if row is None else PlanRow(**_plan_fields(row))


def plan_get(scope: OrganisationScope, *, plan: UUID) -> PlanRecord:
    """Return one plan or raise `NotFound`."""
    scope.require("production.plan_read")
    row = (
        Plan.objects.within(scope)
        .select_related("workbook")
        .defer("workbook__content")
        .filter(id=plan)
        .first()
    )
    if row is None:
        raise NotFound(f"No plan {plan}.")
    return PlanRecord(
        **_plan_fields(row),
        workbook_id=row.workbook_id,
        cpu_seconds=row.cpu_seconds,
        verified=plan_from_document(row.document) if row.document else None,
        document=row.document,
        obstacles=tuple(Obstacle(**obstacle) for obstacle in row.obstacles),
        job=_job(scope, row),
        events=tuple(event_list(scope, subject=f"plan:{plan}")),
    )


def _job(scope: OrganisationScope, row: Plan) -> JobStatus | None:
    if row.job is None:
        return None
    try:
        return job_get(scope, job=row.job)
    except JobNotFound:
        return None


def _workbook_fields(row: Workbook) -> dict[str, Any]:
    errors = sum(problem["severity"] == "error" for problem in row.problems)
    return {
        "id": row.id,
        "number": row.number,
        "filename": row.filename,
        "accepted": row.accepted,
        "orders": row.orders,
        "errors": errors,
        "warnings": len(row.problems) - errors,
        "uploaded_at": row.uploaded_at,
    }


def _plan_fields(row: Plan) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "workbook": row.workbook.filename,
        "orders": row.orders,
        "late_orders": row.late_orders,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "created_at": row.created_at,
        "published_at": row.published_at,
    }
