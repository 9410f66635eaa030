"""The state of the workshop at a glance, worst first."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lienmach.apps.production.queries.deliveries import ShipmentRow, shipment_list
from lienmach.apps.production.queries.orders import OrderRow, order_list
from lienmach.apps.production.queries.plans import PlanRow, plan_list, plan_published
from lienmach.apps.production.queries.work import FloorState, floor_state
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.scope import OrganisationScope


@dataclass(frozen=True)
class Board:
    """What the board shows. `confirmed_on_time` is None until a receiver has spoken."""

    published: PlanRow | None
    latest: PlanRow | None
    late_orders: tuple[OrderRow, ...]
    open_orders: int
    floor: FloorState
    unconfirmed: tuple[ShipmentRow, ...]
    disputed: tuple[ShipmentRow, ...]
    confirmed: int
    confirmed_on_time: int | None
    today: date


def board_get(scope: OrganisationScope, *, at: datetime) -> Board:
    """Return the state of the workshop at `at`."""
    scope.require("production.plan_read")
    zone = ZoneInfo(Organisation.objects.get(id=scope.organisation).time_zone)
    orders = order_list(scope)
    shipments = shipment_list(scope)
    plans = plan_list(scope, limit=1)
    spoken = [shipment for shipment in shipments if shipment.receipt is not None]
    still_open = [order for order in orders if order.stage not in ("shipped", "received")]
    return Board(
        published=plan_published(scope),
        latest=plans[0] if plans else None,
        late_orders=tuple(order for order in still_open if order.late_by),
        open_orders=len(still_open),
        floor=floor_state(scope, at=at),
        unconfirmed=tuple(shipment for shipment in shipments if shipment.receipt is None),
        disputed=tuple(s for s in spoken if s.receipt is not None and s.receipt.disputed),
        confirmed=len(spoken),
        confirmed_on_time=sum(bool(s.on_time(zone)) for s in spoken) if spoken else None,
        today=at.astimezone(zone).date(),
    )
