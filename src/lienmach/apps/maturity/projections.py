"""From events to counted work, and from counts to a filled criterion: pure functions, so that an audit can
do it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lienmach.apps.maturity.declarations import EvidenceRule, Step
from lienmach.apps.maturity.models import WorkEvent
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.projections import row_projection
from lienmach.kernel.identity.models import Organisation

KEEPER = "maturity.criteria"
WORK: Mapping[str, Sequence[str]] = {
    "production.plan_published": [],
    "production.operation_reported": [],
    "production.shipment_dispatched": [],
    "production.receipt_confirmed": [],
}
"""Events that fill criteria; of none of them is the body read."""

Counts = Mapping[tuple[str, str], int]
"""How often each (event type, month as 2026-11) happened."""


@dataclass(frozen=True)
class StepState:
    """A step of the rule and whether it is reached."""

    step: Step
    reached: bool


@dataclass(frozen=True)
class Filled:
    """What the events say about a criterion. `points` is None when there is no event at all: unknown, not
    0."""

    rule: EvidenceRule
    points: int | None
    months: tuple[str, ...]
    steps: tuple[StepState, ...]


def zones() -> dict[UUID, ZoneInfo]:
    """Return the time zone of every organisation."""
    return {pk: ZoneInfo(zone) for pk, zone in Organisation.objects.values_list("id", "time_zone")}


@row_projection("maturity.work", table=WorkEvent, reads=WORK, subscriber=KEEPER, context=zones)
def work_row(event: Event, zones: Mapping[UUID, ZoneInfo]) -> Mapping[str, Any] | None:
    """Return the columns under which an event is counted: its month is that of its organisation's place."""
    zone = zones.get(event.organisation)
    if zone is None:
        return None
    return {
        "event": event.event_id,
        "organisation_id": event.organisation,
        "type": event.type,
        "month": f"{event.time.astimezone(zone):%Y-%m}",
        "time": event.time,
        "corrects": event.corrects,
        "retract": event.retract,
    }


def months_until(day: date, count: int) -> tuple[str, ...]:
    """Return the month of `day` and those before it, oldest first."""
    last = day.year * 12 + day.month - 1
    return tuple(f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(last - count + 1, last + 1))


def filled(rule: EvidenceRule, counts: Counts, *, on: date) -> Filled:
    """Return the points that recorded work gives on a day.

    The window is the month of `on` and the ones before it. Steps are climbed from below: the first that is
    not reached ends it. Work is a lower bound, and a lower bound of nothing says nothing.
    """
    months = months_until(on, rule.window_months)
    states: list[StepState] = []
    climbing = True
    for step in sorted(rule.steps, key=lambda one: one.points):
        climbing = climbing and _reached(step, counts, months)
        states.append(StepState(step, climbing))
    reached = [state.step.points for state in states if state.reached]
    return Filled(rule, max(reached) if reached else None, months, tuple(states))


def _reached(step: Step, counts: Counts, months: Sequence[str]) -> bool:
    if step.each_month:
        return all(
            counts.get((name, month), 0) >= least for month in months for name, least in step.needs.items()
        )
    return all(
        sum(counts.get((name, month), 0) for month in months) >= least for name, least in step.needs.items()
    )
