"""Every read: a firm's assessment, one criterion with its events, and the area's counts."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, QuerySet

from lienmach.apps.maturity.declarations import EvidenceRule, decisions, evidence_rules, instrument
from lienmach.apps.maturity.models import Answer as AnswerRow
from lienmach.apps.maturity.models import WorkEvent
from lienmach.apps.maturity.projections import Filled, filled
from lienmach.engines.maturity import Answer, Criterion, Label, Result, Score, assess, criterion_score, settle
from lienmach.engines.maturity.instrument import Pillar
from lienmach.kernel import ports
from lienmach.kernel.evidence import Event, Origin
from lienmach.kernel.evidence.queries import events_named, origin_counts
from lienmach.kernel.identity.queries import organisation_get
from lienmach.kernel.scope import AreaScope, OrganisationScope

MOST_EVENTS = 200
NEWEST = 5
FEWEST_FIRMS = 3
"""Counts of an area are shown from so many linked firms on."""


class CriterionNotFound(LookupError):
    """The instrument has no such criterion."""


@dataclass(frozen=True)
class CriterionLine:
    """A criterion with the score that holds, if any."""

    criterion: Criterion
    pillar: Pillar
    score: Score | None
    fillable: bool


@dataclass(frozen=True)
class Behind:
    """The events behind a score: how many on whose word, and the newest of them."""

    origins: Mapping[Origin, int]
    newest: tuple[Event, ...]


@dataclass(frozen=True)
class Assessment:
    """A firm's assessment as it stands on a day."""

    result: Result
    lines: tuple[CriterionLine, ...]
    evidenced: int
    declared: int
    on: date
    behind: Behind


@dataclass(frozen=True)
class WorkLine:
    """An event that fills a criterion."""

    event: UUID
    type: str
    time: datetime


@dataclass(frozen=True)
class CriterionPage:
    """A criterion, what holds, what the events say, and the events."""

    criterion: Criterion
    score: Score | None
    filled: Filled | None
    events: tuple[WorkLine, ...]
    own: Answer | None
    behind: Behind


@dataclass(frozen=True)
class AreaLine:
    """How many linked firms of an area reach how many points of a criterion by evidence."""

    criterion: Criterion
    rule: EvidenceRule
    by_points: dict[int, int]
    without: int


@dataclass(frozen=True)
class AreaSummary:
    """The area's counts. `lines` is empty when too few firms are linked to show them."""

    registered: int
    linked: int
    lines: tuple[AreaLine, ...]
    available: bool


def assessment(scope: OrganisationScope, *, at: datetime) -> Assessment:
    """Return the organisation's assessment as it stands; answered criteria first, then those events can
    fill."""
    scope.require("maturity.assessment_read")
    on = _day(scope, at)
    scores = _scores(scope, on)
    pillars = {pillar.id: pillar for pillar in instrument().pillars}
    fillable = {rule.criterion for rule in evidence_rules()}
    lines = [
        CriterionLine(one, pillars[one.pillar], scores.get(one.id), one.id in fillable)
        for one in instrument().criteria()
    ]
    lines.sort(key=lambda line: (line.score is None, not line.fillable))
    return Assessment(
        result=assess(instrument(), decisions(), scores),
        lines=tuple(lines),
        evidenced=sum(score.label is Label.EVIDENCED for score in scores.values()),
        declared=sum(score.label is Label.DECLARED for score in scores.values()),
        on=on,
        behind=_behind(scope, {UUID(event) for one in _evidenced(scope, on) for event in one.evidence}),
    )


def criterion_get(scope: OrganisationScope, *, criterion: str, at: datetime) -> CriterionPage:
    """Return one criterion with what stands behind its score, or raise `CriterionNotFound`."""
    scope.require("maturity.assessment_read")
    try:
        found = instrument().criterion(criterion)
    except KeyError as error:
        raise CriterionNotFound(criterion) from error
    on = _day(scope, at)
    rule = next((rule for rule in evidence_rules() if rule.criterion == criterion), None)
    state = filled(rule, _counts(scope)[scope.organisation], on=on) if rule else None
    events: tuple[WorkLine, ...] = ()
    if rule is not None and state is not None:
        rows = standing_work().filter(
            organisation_id=scope.organisation, type__in=rule.event_types(), month__in=state.months
        )
        events = tuple(
            WorkLine(row.event, row.type, row.time) for row in rows.order_by("-time", "event")[:MOST_EVENTS]
        )
    own = next((one for one in _declared(scope) if one.criterion == criterion), None)
    behind = _behind(scope, {line.event for line in events})
    return CriterionPage(found, _scores(scope, on).get(criterion), state, events, own, behind)


def _behind(scope: OrganisationScope, events: Set[UUID]) -> Behind:
    newest = sorted(events, reverse=True)[:NEWEST]  # identifiers begin with the time
    return Behind(
        origins=origin_counts(scope, events=list(events)),
        newest=tuple(events_named(scope, events=newest)),
    )


def area_summary(scope: AreaScope) -> AreaSummary:
    """Return how many linked firms of the area reach how many points by their recorded work."""
    scope.require("maturity.area_read")
    try:
        register = ports.ask(ports.EnterpriseRegister)  # type: ignore[type-abstract]
    except ports.NotAvailable:
        return AreaSummary(0, 0, (), available=False)
    firms = register.organisations(scope)
    registered = register.registered(scope)
    if len(firms) < FEWEST_FIRMS:
        return AreaSummary(registered, len(firms), (), available=True)
    counts = _counts_of(standing_work().filter(organisation_id__in=firms))
    lines = []
    for rule in evidence_rules():
        points = Counter(filled(rule, counts[firm], on=scope.at).points for firm in firms)
        lines.append(
            AreaLine(
                criterion=instrument().criterion(rule.criterion),
                rule=rule,
                by_points={value: points[value] for value in sorted(p for p in points if p is not None)},
                without=points[None],
            )
        )
    return AreaSummary(registered, len(firms), tuple(lines), available=True)


def standing_work() -> QuerySet[WorkEvent]:
    """Return the kept events that count: neither corrected nor retractions; for this app's own use."""
    corrected = WorkEvent.objects.filter(
        corrects=OuterRef("event"), organisation_id=OuterRef("organisation_id")
    )
    rows: QuerySet[WorkEvent] = WorkEvent.objects.filter(~Exists(corrected), retract=False)
    return rows


def _scores(scope: OrganisationScope, on: date) -> dict[str, Score]:
    answers: dict[str, list[Answer]] = defaultdict(list)
    for answer in [*_declared(scope), *_evidenced(scope, on)]:
        answers[answer.criterion].append(answer)
    return {
        id_: settle(criterion_score(instrument().criterion(id_), one, decisions()) for one in given)
        for id_, given in answers.items()
    }


def _declared(scope: OrganisationScope) -> list[Answer]:
    """The newest own answer to each criterion."""
    rows = AnswerRow.objects.within(scope).filter(instrument=instrument().id).order_by("declared_at", "id")
    newest = {row.criterion: row for row in rows}
    return [
        Answer(
            row.criterion,
            Label.DECLARED,
            row.declared_at.date(),
            row.declared_by,
            row.points,
            row.numerator,
            row.denominator,
            (str(row.event),),
        )
        for row in newest.values()
    ]


def _evidenced(scope: OrganisationScope, on: date) -> list[Answer]:
    counts = _counts(scope)[scope.organisation]
    found = []
    for rule in evidence_rules():
        state = filled(rule, counts, on=on)
        if state.points is None:
            continue
        rows = standing_work().filter(
            organisation_id=scope.organisation, type__in=rule.event_types(), month__in=state.months
        )
        events = rows.order_by("event").values_list("event", flat=True)
        found.append(
            Answer(
                rule.criterion,
                Label.EVIDENCED,
                on,
                f"{rule.id} v{rule.version}",
                points=state.points,
                evidence=tuple(str(event) for event in events),
            )
        )
    return found


def _counts(scope: OrganisationScope) -> dict[UUID, Counter[tuple[str, str]]]:
    return _counts_of(standing_work().filter(organisation_id=scope.organisation))


def _counts_of(rows: QuerySet[WorkEvent]) -> dict[UUID, Counter[tuple[str, str]]]:
    counts: dict[UUID, Counter[tuple[str, str]]] = defaultdict(Counter)
    grouped = rows.order_by().values_list("organisation_id", "type", "month").annotate(n=Count("id"))
    for organisation, name, month, number in grouped:
        counts[organisation][name, month] = number
    return counts


def _day(scope: OrganisationScope, at: datetime) -> date:
    zone = organisation_get(scope, organisation=scope.organisation).time_zone
    return at.astimezone(ZoneInfo(zone)).date()
