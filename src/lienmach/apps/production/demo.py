"""The demonstration's workshops at work: a plan two weeks old, reports, deliveries, receipts.

Everything is generated. Generated firms of the register get a short history of deliveries, so that a number
by place and month has something to count.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from lienmach.apps.production import queries
from lienmach.apps.production.models import Order
from lienmach.apps.production.services import (
    operation_report,
    plan_from_upload,
    plan_publish,
    plan_stop,
    receipt_confirm,
    shipment_dispatch,
)
from lienmach.apps.production.sheets import FULL
from lienmach.apps.production.tasks import plan_make
from lienmach.kernel.apps import permissions_of
from lienmach.kernel.demo import Demo
from lienmach.kernel.scope import LinkScope, OrganisationScope, SystemScope
from lienmach.kernel.sheets import write_template

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CPU_SECONDS = 4
BEGUN_DAYS_AGO = 11
DUE_EARLIER_DAYS = 4  # so that some orders are late, as in life
FIRMS = 24
MONTHS = 5
ORDERS_A_MONTH = 2
UNCONFIRMED = 0.12
LATE_OR_SHORT = 0.16
DISPUTED = 0.04


@dataclass
class Quiet:
    """A running job that nobody watches."""

    def report(self, progress: float | None, message: str) -> bool:
        """Go on."""
        return True


@transaction.atomic
def load(demo: Demo) -> None:
    """Let the first workshop work by its plan, and the generated firms deliver."""
    chance = demo.random("production")
    begun = datetime.combine((demo.at - timedelta(days=BEGUN_DAYS_AGO)).date(), time(6), tzinfo=ZONE)
    planner = demo.scope("workshop", "planner")
    rows = demo.workbooks["workshop"]((begun - timedelta(days=DUE_EARLIER_DAYS)).date())
    _plan(planner, write_template(FULL, language="vi", rows=rows), "xuong-vong-bi.xlsx", begun)
    reported = _report(demo.scope("workshop", "operator"), chance, demo.at)
    shipped = _deliver(demo.scope("workshop", "owner"), chance, demo.at)
    demo.say(f"production: {reported} reports from the floor, {shipped} deliveries of the first workshop")
    firms = [key for key in demo.organisations if key.startswith("firm-")][:FIRMS]
    delivered = sum(_small_firm(demo, key, chance) for key in firms)
    demo.say(f"production: {delivered} deliveries of {len(firms)} generated firms")


def _plan(scope: OrganisationScope, workbook: bytes, filename: str, at: datetime) -> None:
    """Upload, plan in this process, publish."""
    kept, plan = plan_from_upload(
        scope,
        filename=filename,
        content=workbook,
        language="vi",
        starts_at=at,
        cpu_seconds=CPU_SECONDS,
        at=at,
    )
    if plan is None:
        raise ValueError(f"The generated workbook has errors: {kept.problems[:3]}")
    plan_stop(scope, plan=plan, at=at)
    plan_make(SystemScope(), Quiet(), plan=str(plan))
    plan_publish(scope, plan=plan, at=at + timedelta(minutes=30))


def _report(scope: OrganisationScope, chance: Random, now: datetime) -> int:
    """Finish what the plan has finished by now, a little late at times, and start what is running."""
    count = 0
    for operation in queries.operation_list(scope):
        if operation.planned_start >= now:
            continue
        lag = timedelta(minutes=chance.choice((0, 0, 5, 15, 40)))
        started = min(operation.planned_start + lag, now)
        finished = operation.planned_end + lag < now
        scrap = chance.choice((0,) * 12 + (1, 2, 3))
        operation_report(
            scope,
            operation=operation.id,
            kind="finished" if finished else "started",
            client_id=f"demo-{operation.id}",
            good=operation.quantity if finished else 0,
            scrap=scrap if finished else 0,
            at=operation.planned_end + lag if finished else started,
        )
        count += 1
    return count


def _deliver(scope: OrganisationScope, chance: Random, now: datetime) -> int:
    """Ship every order whose planned end has passed; most receivers confirm within two days."""
    count = 0
    done = (
        Order.objects.within(scope).filter(planned_end__lt=now - timedelta(hours=20)).order_by("planned_end")
    )
    for order in done:
        _ship(scope, order, chance, now)
        count += 1
    return count


def _ship(scope: OrganisationScope, order: Order, chance: Random, now: datetime) -> None:
    late = chance.random() < LATE_OR_SHORT
    promised = datetime.combine(order.promised or order.due, time(16), tzinfo=ZONE)
    left = min(promised + timedelta(days=chance.choice((1, 2, 3)) if late else 0), now - timedelta(hours=2))
    sent = shipment_dispatch(
        scope,
        order=order.id,
        quantity=order.quantity,
        carrier=chance.choice(("Xe nhà", "Xe gửi", "")),
        client_id=f"demo-{order.id}",
        at=left,
    )
    arrived = left + timedelta(hours=chance.choice((2, 3, 5)))
    if arrived > now or chance.random() < UNCONFIRMED:
        return
    _confirm(scope, sent.id, order.quantity, chance, arrived)


def _confirm(
    scope: OrganisationScope, shipment: UUID, quantity: int, chance: Random, arrived: datetime
) -> None:
    receiver = LinkScope(
        actor=f"link-demo-{shipment.hex[-8:]}",
        granted=frozenset({"production.receipt_confirm"}),
        organisation=scope.organisation,
        subject=f"shipment:{shipment}",
    )
    disputed = chance.random() < DISPUTED
    missing = chance.choice((1, 2, 5)) if disputed or chance.random() < 0.05 else 0
    receipt_confirm(
        receiver,
        received_on=arrived.astimezone(ZONE).date(),
        quantity=max(0, quantity - missing),
        good_quantity=max(0, quantity - 2 * missing),
        disputed=disputed,
        remark="Thiếu hàng, một số bị xước." if disputed else "",
        at=arrived,
    )


def _small_firm(demo: Demo, key: str, chance: Random) -> int:
    """Some months of deliveries of a firm with one machine."""
    organisation = demo.organisations[key]
    scope = OrganisationScope(actor="demo", granted=permissions_of("owner"), organisation=organisation.id)
    first = (demo.at - timedelta(days=30 * MONTHS)).astimezone(ZONE).date()
    begun = datetime.combine(first, time(6), tzinfo=ZONE)
    _plan(scope, _small_workbook(first, chance), "xuong-nho.xlsx", begun)
    return _deliver(scope, chance, demo.at)


def _small_workbook(first: date, chance: Random) -> bytes:
    orders: list[dict[str, Any]] = []
    for number in range(MONTHS * ORDERS_A_MONTH):
        begins = first + timedelta(days=number * 30 // ORDERS_A_MONTH + chance.randrange(6))
        orders.append(
            {
                "order": f"DH-{number + 1:02d}",
                "item": "SP-01",
                "quantity": chance.choice((40, 60, 100, 150)),
                "due": begins + timedelta(days=chance.choice((4, 6, 8))),
                "earliest": begins,
                "customer": "Khách mẫu (tên tạo ra)",
            }
        )
    rows = {
        "orders": orders,
        "steps": [{"item": "SP-01", "step": "10", "group": "MAY", "minutes_per_piece": 6}],
        "machines": [{"machine": "MAY-1", "group": "MAY"}],
    }
    return write_template(FULL, language="vi", rows=rows, guide=False)
