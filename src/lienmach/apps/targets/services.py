"""Every change: computed cells replace older ones, goals are set, single events are opened and the read
recorded."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lienmach.apps.targets.computing import Computed, Progress, compute_indicator
from lienmach.apps.targets.declarations import indicator_named, indicators
from lienmach.apps.targets.events import TargetSet
from lienmach.apps.targets.models import Cell, Fact, Snapshot, Target
from lienmach.apps.targets.projections import cell_rows, fact_rows
from lienmach.apps.targets.queries import (
    PURPOSE,
    CellNotFound,
    IndicatorNotFound,
    facts_of_area,
    newest_snapshot,
)
from lienmach.engines.indicators import Indicator
from lienmach.kernel.evidence import Event, record
from lienmach.kernel.evidence.access import read_record
from lienmach.kernel.evidence.queries import event_get_across
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.identity.queries import consent_covers
from lienmach.kernel.ids import uuid7
from lienmach.kernel.jobs.services import job_enqueue_once
from lienmach.kernel.scope import AreaScope, OrganisationScope, Scope, SystemScope

TASK = "targets.cells_compute"
KEPT = 3
"""Snapshots kept per indicator. Older ones can be repeated from what they name."""


class NotShared(Exception):
    """The firm has not shared its single events with this agency."""


class TargetRefused(Exception):
    """The goal cannot be; the message is for the person."""


@dataclass(frozen=True)
class Stored:
    """What a computation stored."""

    indicator: str
    cells: int
    facts: int
    position: int
    cpu_ms: int


def _quiet(_share: float | None, _words: str) -> None:
    """Say nothing."""


def cells_compute(scope: SystemScope, *, at: datetime, report: Progress = _quiet) -> list[Stored]:
    """Compute every declared indicator as known before `at` and store its cells. Heavy: runs in a job."""
    done = []
    for indicator in indicators():
        found = compute_indicator(scope, indicator, at=at, report=report)
        done.append(_store(indicator, found, at))
    return done


@transaction.atomic
def _store(indicator: Indicator, found: Computed, at: datetime) -> Stored:
    snapshot = Snapshot.objects.create(
        indicator=indicator.id,
        version=indicator.version,
        rule_hash=indicator.content_hash,
        known_before=at,
        position=found.position,
        map_day=found.map_day,
        quarantined=found.quarantined,
        cpu_ms=found.cpu_ms,
    )
    cells = [Cell(snapshot=snapshot, **row) for row in cell_rows(found)]
    facts = [Fact(snapshot=snapshot, **row) for row in fact_rows(found)]
    Cell.objects.bulk_create(cells, batch_size=500)
    Fact.objects.bulk_create(facts, batch_size=500)
    newest = Snapshot.objects.filter(indicator=indicator.id).order_by("-known_before", "-id")
    Snapshot.objects.filter(id__in=list(newest.values_list("id", flat=True)[KEPT:])).delete()
    return Stored(indicator.id, len(cells), len(facts), found.position, found.cpu_ms)


def computation_ask(scope: Scope, *, at: datetime) -> UUID | None:
    """Have the cells computed in the background, once however often it is asked; None while nobody looks.

    The job stands with the asking agency, or with the first agency when the platform asks by itself.
    """
    if isinstance(scope, OrganisationScope | AreaScope):
        scope.require("targets.cells_compute")
        owner: UUID | None = scope.organisation
    else:
        agencies = Organisation.objects.exclude(jurisdiction="").order_by("created_at", "id")
        owner = agencies.values_list("id", flat=True).first()
    if owner is None:
        return None
    return job_enqueue_once(SystemScope(), task=TASK, arguments={}, at=at, organisation=owner)


@transaction.atomic
def target_set(scope: AreaScope, *, indicator: str, year: int, value_bp: int, act: str, at: datetime) -> UUID:
    """Set a goal for the agency's own area; an open one for the same year is closed with this date.

    Parameters
    ----------
    value_bp
        Hundredths of a percent.

    Raises
    ------
    TargetRefused, IndicatorNotFound
    """
    scope.require("targets.target_set")
    if indicator_named(indicator) is None:
        raise IndicatorNotFound(indicator)
    if not 0 <= value_bp <= 10_000:
        raise TargetRefused(_("A share lies between 0 and 100 %."))
    if not at.year - 10 <= year <= at.year + 20:
        raise TargetRefused(_("Check the year."))
    if not act.strip():
        raise TargetRefused(_("Name the decision that sets it."))
    standing = Target.objects.select_for_update().filter(
        organisation_id=scope.organisation, indicator=indicator, unit=scope.unit, year=year, closed_at=None
    )
    standing.update(closed_at=at)
    row = Target(
        id=uuid7(at),
        organisation_id=scope.organisation,
        indicator=indicator,
        unit=scope.unit,
        year=year,
        value_bp=value_bp,
        act=act.strip()[:200],
        set_at=at,
    )
    event = record(
        scope,
        TargetSet(indicator=indicator, unit=scope.unit, year=year, value_bp=value_bp, act=row.act),
        subject=f"target:{row.id}",
        time=at,
        at=at,
    )
    row.event = event.event_id
    row.full_clean()
    row.save(force_insert=True)
    return row.id


@transaction.atomic
def event_open(scope: AreaScope, *, indicator: str, event: UUID, at: datetime) -> Event:
    """Return a single event behind a number of the area, and record for its firm that it was read.

    Only what is public of the event is shown, and only when the firm shares its single events.

    Raises
    ------
    CellNotFound
        When no current number of the area counts this event.
    NotShared
        When the firm has not given its consent.
    """
    scope.require("targets.event_read")
    fact = facts_of_area(scope, newest_snapshot(indicator), mode="restated").filter(event=event).first()
    if fact is None:
        raise CellNotFound(f"No number of your area counts the event {event}.")
    if not consent_covers(owner=fact.organisation, recipient=scope.organisation, purpose=PURPOSE, at=at):
        raise NotShared
    found = event_get_across(scope, event_id=event)
    read_record(
        scope, owner=fact.organisation, what=f"{found.type} {event}", ground=f"consent {PURPOSE}", at=at
    )
    return found
