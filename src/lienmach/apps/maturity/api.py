"""A firm's assessment for programs: /api/v1/o/<organisation>/maturity/…"""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from lienmach.apps.maturity import queries
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door

router = Router()


class CriterionOut(Schema):
    """A criterion with the score that holds."""

    criterion: str
    points: int | None
    max: int
    label: str | None


class AssessmentOut(Schema):
    """A firm's assessment; the levels are those still possible."""

    instrument: str
    ruleset_hash: str
    decision_set: str
    on: date
    low_points: int
    high_points: int
    low_level: int | None
    high_level: int | None
    criteria: list[CriterionOut]


@router.get("assessment", response=AssessmentOut, operation_id="maturity_assessment")
@door("maturity.assessment_read")
def assessment(request: HttpRequest, scope: OrganisationScope) -> AssessmentOut:
    """The organisation's assessment as it stands."""
    found = queries.assessment(scope, at=timezone.now())
    result = found.result
    return AssessmentOut(
        instrument=result.instrument,
        ruleset_hash=result.ruleset_hash,
        decision_set=result.decision_set,
        on=found.on,
        low_points=result.low_points,
        high_points=result.high_points,
        low_level=result.level.low.value,
        high_level=result.level.high.value,
        criteria=[
            CriterionOut(
                criterion=line.criterion.id,
                points=line.score.points if line.score else None,
                max=line.criterion.max,
                label=line.score.label.value if line.score else None,
            )
            for line in found.lines
        ],
    )
