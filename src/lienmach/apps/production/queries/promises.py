"""By when one more order could be done, asked of the published plan; and what would help a late order."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lienmach.apps.production.models import Plan, PlanState
from lienmach.apps.production.planning.booked import CannotPutBack
from lienmach.apps.production.planning.documents import plan_from_document
from lienmach.apps.production.planning.documents.promise import promise_document
from lienmach.apps.production.planning.plan import Plan as VerifiedPlan
from lienmach.apps.production.planning.plan import PlannedOrder, Remedy
from lienmach.apps.production.planning.promise import NoPromise, Promise, UnknownItem, Wanted, promise_date
from lienmach.apps.production.queries.missing import NotFound
from lienmach.kernel.scope import OrganisationScope


class NoPlanToAsk(NotFound):
    """No plan is published, or the published one does not carry its workshop; `old` says which."""

    def __init__(self, *, old: bool) -> None:
        self.old = old
        super().__init__("The published plan is too old to be asked." if old else "No plan is published.")


@dataclass(frozen=True)
class ItemToPromise:
    """Something a date can be promised for."""

    code: str
    name: str
    unit: str


@dataclass(frozen=True)
class PromiseDesk:
    """What can be asked: the published plan's items, made ones first."""

    plan_number: int
    published_at: datetime | None
    items: tuple[ItemToPromise, ...]


@dataclass(frozen=True)
class PromiseAnswer:
    """The answer: the earliest date, or the operation that fits nowhere."""

    found: Promise | NoPromise

    @property
    def document(self) -> dict[str, Any] | None:
        """The promise as `lienmach.promise/1`; None when there is no date."""
        return None if isinstance(self.found, NoPromise) else promise_document(self.found)


def promise_desk(scope: OrganisationScope) -> PromiseDesk:
    """Return what can be asked or raise `NoPlanToAsk`."""
    scope.require("production.promise_ask")
    row, plan = _published(scope)
    factory = plan.factory
    items = factory.items.values() if factory else ()
    listed = sorted(items, key=lambda item: (not item.made, item.code))
    return PromiseDesk(
        row.number,
        row.published_at,
        tuple(ItemToPromise(item.code, item.name, item.unit) for item in listed),
    )


def promise_get(
    scope: OrganisationScope, *, item: str, quantity: Decimal, due: datetime | None, at: datetime
) -> PromiseAnswer:
    """Return by when `quantity` of `item` could be done, asked at `at`.

    Nothing is kept: a promise becomes an order when it stands in the workbook.

    Raises
    ------
    NoPlanToAsk
        When there is no plan to ask.
    NotFound
        When the plan's workshop has no such item.
    """
    scope.require("production.promise_ask")
    _, plan = _published(scope)
    try:
        return PromiseAnswer(promise_date(plan, Wanted(item, quantity, due), at=at))
    except UnknownItem:
        raise NotFound(f"No item {item}.") from None
    except CannotPutBack:
        raise NoPlanToAsk(old=True) from None


@dataclass(frozen=True)
class OrderAdvice:
    """Why the published plan ends an order late, and what would help it."""

    planned: PlannedOrder
    remedies: tuple[Remedy, ...]


def order_advice(scope: OrganisationScope, *, code: str) -> OrderAdvice | None:
    """Return why an order is late by the published plan; None when it is not."""
    scope.require("production.order_read")
    try:
        _, plan = _published(scope, any_age=True)
    except NoPlanToAsk:
        return None
    planned = next((order for order in plan.late_orders if order.code == code), None)
    if planned is None:
        return None
    helping = [remedy for remedy in plan.remedies if remedy.gain_of(code)]
    helping.sort(key=lambda remedy: -remedy.gain_of(code))
    return OrderAdvice(planned, tuple(helping))


def _published(scope: OrganisationScope, *, any_age: bool = False) -> tuple[Plan, VerifiedPlan]:
    row = Plan.objects.within(scope).filter(state=PlanState.PUBLISHED).first()
    if row is None or not row.document:
        raise NoPlanToAsk(old=False)
    plan = plan_from_document(row.document)
    if plan.factory is None and not any_age:
        raise NoPlanToAsk(old=True)
    return row, plan
