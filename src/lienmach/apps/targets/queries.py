"""Every read: the scorecard of an area, one number, and the events behind it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db.models import Q, QuerySet

from lienmach.apps.targets.declarations import indicator_named, indicators, threshold_on
from lienmach.apps.targets.models import Cell, Fact, Snapshot, Target
from lienmach.engines.indicators.declaration import Indicator
from lienmach.engines.indicators.names import UNALLOCATED
from lienmach.kernel.i18n.fold import fold
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.identity.queries import consent_owners
from lienmach.kernel.places import queries as places
from lienmach.kernel.scope import AreaScope

PURPOSE = "programme.evidence"
MODES = ("restated", "as_was")


class IndicatorNotFound(LookupError):
    """No such indicator is declared."""


class NotComputed(LookupError):
    """The indicator has not been computed yet."""


class CellNotFound(LookupError):
    """There is no such number within the scope."""


@dataclass(frozen=True)
class Rule:
    """An indicator's declaration as people read it."""

    id: str
    version: int
    titles: Mapping[str, str]
    bases: Mapping[str, str]
    direction: str
    rule_hash: str

    def title(self, language: str) -> str:
        """Return the title in a language; English where it has none."""
        return self.titles.get(language[:2], self.titles["en"])

    def basis(self, language: str) -> str:
        """Return what the rule rests on, in a language; English where it has none."""
        return self.bases.get(language[:2], self.bases["en"])


@dataclass(frozen=True)
class Basis:
    """What is needed to repeat a number: as of when, on which map, by which rule, up to which event."""

    known_before: datetime
    position: int
    map_day: date
    rule_hash: str
    version: int
    quarantined: int


@dataclass(frozen=True)
class Number:
    """One cell as its reader may see it. `hidden`: too few firms, and not all of them share."""

    unit: str
    unit_name: str
    level: str
    period: str
    hidden: bool
    numerator: int | None
    denominator: int | None
    contributors: int | None
    self_reported: int
    instrument: int
    confirmed: int
    registered: int
    with_evidence: int | None

    @property
    def value(self) -> float | None:
        """The share; None when nothing was measured or it is hidden."""
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator


@dataclass(frozen=True)
class Goal:
    """A goal in force."""

    year: int
    value_bp: int
    act: str
    set_at: datetime

    @property
    def value(self) -> float:
        """The goal as a share."""
        return self.value_bp / 10_000


@dataclass(frozen=True)
class Part:
    """A place's series."""

    unit: str
    name: str
    numbers: Mapping[str, Number]

    @property
    def has_evidence(self) -> bool:
        """Say whether any month has a number, shown or hidden."""
        return any(number.hidden or number.denominator for number in self.numbers.values())


@dataclass(frozen=True)
class Scorecard:
    """An indicator for an area: the area's own series, its parts, its goal, and what repeats it."""

    rule: Rule
    area: places.Unit
    basis: Basis
    mode: str
    periods: tuple[str, ...]
    own: dict[str, Number]
    parts: tuple[Part, ...]
    goals: tuple[Goal, ...]
    hidden: int
    threshold: int


@dataclass(frozen=True)
class Line:
    """An indicator in the list of an area's numbers: its newest month with evidence."""

    rule: Rule
    number: Number | None
    goal: Goal | None


@dataclass(frozen=True)
class EventLine:
    """An event behind a number, of a firm that shares it."""

    event: UUID
    firm: str
    period: str
    counts: bool


@dataclass(frozen=True)
class Opened:
    """A number with its events: those of firms that share theirs, and how many of others."""

    rule: Rule
    basis: Basis
    mode: str
    number: Number
    events: tuple[EventLine, ...]
    withheld_events: int
    withheld_firms: int


def newest_snapshot(indicator: str) -> Snapshot:
    """Return the newest computation of an indicator or raise `NotComputed`."""
    row = Snapshot.objects.filter(indicator=indicator).order_by("-known_before", "-id").first()
    if row is None:
        raise NotComputed(indicator)
    return row


def indicator_list(scope: AreaScope) -> list[Line]:
    """Return the declared indicators with the area's newest number."""
    scope.require("targets.scorecard_read")
    lines = []
    for indicator in indicators():
        try:
            card = scorecard(scope, indicator=indicator.id)
        except NotComputed:
            lines.append(Line(_rule(indicator), None, None))
            continue
        filled = [period for period in card.periods if period in card.own and card.own[period].denominator]
        goal = next((goal for goal in card.goals if goal.year == scope.at.year), None)
        lines.append(Line(card.rule, card.own[filled[-1]] if filled else None, goal))
    return lines


def scorecard(scope: AreaScope, *, indicator: str, mode: str = "restated") -> Scorecard:
    """Return an indicator for the scope's area, by place and month.

    Parameters
    ----------
    mode
        `restated`: every month on today's map; `as_was`: each month on its own map.

    Raises
    ------
    IndicatorNotFound, NotComputed
    """
    scope.require("targets.scorecard_read")
    declared = _declared(indicator)
    snapshot = newest_snapshot(indicator)
    area = places.unit_get(scope, unit=scope.unit, at=scope.at)
    numbers = _numbers(scope, snapshot, mode)
    periods = tuple(sorted({number.period for number in numbers}))
    own = {number.period: number for number in numbers if number.unit == scope.unit}
    rows: dict[str, dict[str, Number]] = defaultdict(dict)
    for number in numbers:
        if number.unit != scope.unit:
            rows[number.unit][number.period] = number
    names = {number.unit: number.unit_name for number in numbers}
    parts = [Part(unit, names[unit], cells) for unit, cells in rows.items()]
    parts.sort(key=lambda part: (not part.has_evidence, fold(part.name), part.unit))
    goals = Target.objects.filter(indicator=indicator, unit=scope.unit, closed_at=None).order_by("year")
    return Scorecard(
        rule=_rule(declared),
        area=area,
        basis=_basis(snapshot),
        mode=mode,
        periods=periods,
        own=own,
        parts=tuple(parts),
        goals=tuple(Goal(row.year, row.value_bp, row.act, row.set_at) for row in goals),
        hidden=sum(number.hidden for number in numbers),
        threshold=threshold_on(snapshot.map_day).contributors,
    )


def number_open(
    scope: AreaScope, *, indicator: str, mode: str, unit: str, period: str, at: datetime
) -> Opened:
    """Return one number of the area with the events behind it.

    Raises
    ------
    IndicatorNotFound, NotComputed, CellNotFound
    """
    scope.require("targets.scorecard_read")
    declared = _declared(indicator)
    snapshot = newest_snapshot(indicator)
    found = [n for n in _numbers(scope, snapshot, mode) if (n.unit, n.period) == (unit, period)]
    if not found:
        raise CellNotFound(f"No number for {unit} in {period}.")
    number = found[0]
    rows = facts_of_area(scope, snapshot, mode=mode).filter(period=period)
    rows = rows.filter(**{number.level: unit}) if not number.hidden else rows.none()
    facts = list(rows.order_by("organisation", "event"))
    owners = consent_owners(recipient=scope.organisation, purpose=PURPOSE, at=at)
    shared = {row.organisation for row in facts} & owners
    firms = {row.id: row.name for row in Organisation.objects.filter(id__in=shared)}
    withheld = [row for row in facts if row.organisation not in shared]
    return Opened(
        rule=_rule(declared),
        basis=_basis(snapshot),
        mode=mode,
        number=number,
        events=tuple(
            EventLine(row.event, firms[row.organisation], row.period, row.numerator > 0)
            for row in facts
            if row.organisation in shared
        ),
        withheld_events=len(withheld),
        withheld_firms=len({row.organisation for row in withheld}),
    )


def facts_of_area(scope: AreaScope, snapshot: Snapshot, *, mode: str) -> QuerySet[Fact]:
    """Return the facts that numbers of the scope's area count; for this app's own use."""
    units = places.units_of_area(scope, unit=scope.unit, at=scope.at)
    rows: QuerySet[Fact] = Fact.objects.filter(snapshot=snapshot, mode=mode)
    return rows.filter(Q(province__in=units) | Q(commune__in=units))


def _numbers(scope: AreaScope, snapshot: Snapshot, mode: str) -> list[Number]:
    if mode not in MODES:
        raise CellNotFound(f"No reading of the map is called {mode!r}.")
    units = places.units_of_area(scope, unit=scope.unit, at=scope.at)
    rows = list(
        Cell.objects.filter(snapshot=snapshot, mode=mode, unit__in=units).order_by("level", "unit", "period")
    )
    hidden = _hidden(scope, rows)
    names = _names(scope, {row.unit for row in rows})
    return [_number(row, names[row.unit], hidden=row.pk in hidden) for row in rows]


def _hidden(scope: AreaScope, rows: Sequence[Cell]) -> set[int]:
    """Return the cells that may not be shown.

    A number of fewer firms than the threshold is shown only when all of them share their events. Where one
    part of a whole would be the only one hidden, the part with the fewest firms is hidden with it, for a
    difference would give it away. Whoever knows more than these tables can still narrow things down: full
    protection is the work of the disclosure engine.
    """
    at = datetime.combine(scope.at, time.max, tzinfo=UTC)
    owners = consent_owners(recipient=scope.organisation, purpose=PURPOSE, at=at)
    sharing = {str(firm) for firm in owners}
    hidden = {row.pk for row in rows if row.few and not set(row.few) <= sharing}
    parts: dict[str, list[Cell]] = defaultdict(list)
    for row in rows:
        if row.unit != scope.unit and row.level == "commune" and row.contributors:
            parts[row.period].append(row)
    for some in parts.values():
        closed = [row for row in some if row.pk in hidden]
        still = [row for row in some if row.pk not in hidden and not row.few]
        if len(closed) == 1 and still:
            hidden.add(min(still, key=lambda row: (row.contributors, row.unit)).pk)
    return hidden


def _number(row: Cell, name: str, *, hidden: bool) -> Number:
    return Number(
        unit=row.unit,
        unit_name=name,
        level=row.level,
        period=row.period,
        hidden=hidden,
        numerator=None if hidden else row.numerator,
        denominator=None if hidden else row.denominator,
        contributors=None if hidden else row.contributors,
        self_reported=0 if hidden else row.self_reported,
        instrument=0 if hidden else row.instrument,
        confirmed=0 if hidden else row.confirmed,
        registered=row.registered,
        with_evidence=None if hidden else row.with_evidence,
    )


def _names(scope: AreaScope, units: set[str]) -> dict[str, str]:
    """Names as they were last, with the last day of those that ended."""
    now = places.units_named(scope, units=units, at=scope.at)
    names = {unit: found.name for unit, found in now.items()}
    for unit in units - names.keys() - {UNALLOCATED}:
        last = places.unit_latest(scope, unit=unit)
        names[unit] = f"{last.name} (→ {last.valid_to:%d/%m/%Y})" if last.valid_to else last.name
    return names


def _declared(indicator: str) -> Indicator:
    declared = indicator_named(indicator)
    if declared is None:
        raise IndicatorNotFound(f"No indicator is called {indicator!r}.")
    return declared


def _rule(indicator: Indicator) -> Rule:
    return Rule(
        id=indicator.id,
        version=indicator.version,
        titles=indicator.title,
        bases=indicator.basis,
        direction=indicator.direction,
        rule_hash=indicator.content_hash,
    )


def _basis(snapshot: Snapshot) -> Basis:
    return Basis(
        known_before=snapshot.known_before,
        position=snapshot.position,
        map_day=snapshot.map_day,
        rule_hash=snapshot.rule_hash,
        version=snapshot.version,
        quarantined=snapshot.quarantined,
    )
