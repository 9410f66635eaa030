"""The numbers for programs: /api/v1/o/<organisation>/targets/…"""

from datetime import date, datetime

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from lienmach.apps.targets import queries
from lienmach.kernel.scope import AreaScope
from lienmach.kernel.web.doors import door

router = Router()


class NumberOut(Schema):
    """One number; without numerator and denominator it is hidden."""

    unit: str
    unit_name: str
    level: str
    period: str
    hidden: bool
    value: float | None
    numerator: int | None
    denominator: int | None
    contributors: int | None
    registered: int
    with_evidence: int | None


class ScorecardOut(Schema):
    """An indicator for the agency's area, with what repeats it."""

    indicator: str
    version: int
    rule_hash: str
    known_before: datetime
    position: int
    map_day: date
    mode: str
    numbers: list[NumberOut]


@router.get("indicators/{indicator}", response=ScorecardOut, operation_id="targets_scorecard")
@door("targets.scorecard_read", scope=AreaScope)
def scorecard(request: HttpRequest, scope: AreaScope, indicator: str, mode: str = "restated") -> ScorecardOut:
    """An indicator by place and month: `mode` is `restated` (today's map) or `as_was`."""
    try:
        card = queries.scorecard(scope, indicator=indicator, mode=mode)
    except LookupError as error:
        raise Http404("indicator") from error
    cells = [*card.own.values(), *(cell for part in card.parts for cell in part.numbers.values())]
    return ScorecardOut(
        indicator=card.rule.id,
        version=card.basis.version,
        rule_hash=card.basis.rule_hash,
        known_before=card.basis.known_before,
        position=card.basis.position,
        map_day=card.basis.map_day,
        mode=card.mode,
        numbers=[NumberOut.from_orm(cell) for cell in cells],
    )
