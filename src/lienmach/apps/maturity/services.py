"""Every change: work is kept as it arrives, answers are declared."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from lienmach.apps.maturity.declarations import decisions, instrument
from lienmach.apps.maturity.events import AnswerDeclared
from lienmach.apps.maturity.models import Answer, WorkEvent
from lienmach.apps.maturity.projections import work_row
from lienmach.apps.maturity.queries import CriterionNotFound
from lienmach.engines.maturity import Answer as Given
from lienmach.engines.maturity import Label, criterion_score
from lienmach.kernel.evidence import Event, record
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import OrganisationScope, SystemScope


@transaction.atomic
def work_keep(scope: SystemScope, *, event: Event) -> None:
    """Keep an event that fills criteria. Keeping it twice changes nothing."""
    whose = Organisation.objects.filter(id=event.organisation).values_list("time_zone", flat=True).first()
    row = None if whose is None else work_row(event, {event.organisation: ZoneInfo(whose)})
    if row is not None:
        columns = {name: value for name, value in row.items() if name != "event"}
        WorkEvent.objects.get_or_create(
            event=event.event_id, defaults={"id": uuid7(event.recorded_at), **columns}
        )


@transaction.atomic
def answer_declare(
    scope: OrganisationScope,
    *,
    criterion: str,
    at: datetime,
    points: int | None = None,
    numerator: int | None = None,
    denominator: int | None = None,
) -> UUID:
    """Answer a criterion in the firm's own word: points on its scale, or the two parts of its ratio.

    Raises
    ------
    CriterionNotFound
    lienmach.engines.maturity.AnswerError
        When the answer is off the scale or the parts are impossible.
    """
    scope.require("maturity.answer_declare")
    try:
        asked = instrument().criterion(criterion)
    except KeyError as error:
        raise CriterionNotFound(criterion) from error
    given = Given(criterion, Label.DECLARED, at.date(), scope.actor, points, numerator, denominator)
    criterion_score(asked, given, decisions())
    event = record(
        scope,
        AnswerDeclared(
            instrument=instrument().id,
            instrument_version=instrument().version,
            criterion=criterion,
            points=points,
            numerator=numerator,
            denominator=denominator,
        ),
        subject=f"criterion:{instrument().id}:{criterion}",
        time=at,
        at=at,
    )
    row = Answer(
        id=uuid7(at),
        organisation_id=scope.organisation,
        instrument=instrument().id,
        criterion=criterion,
        points=points,
        numerator=numerator,
        denominator=denominator,
        declared_at=at,
        declared_by=scope.actor,
        event=event.event_id,
    )
    row.full_clean()
    row.save(force_insert=True)
    return row.id
