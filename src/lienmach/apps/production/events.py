"""What production tells: orders, promises, plans, work, shipments and receipts."""

from datetime import date, datetime

from lienmach.kernel.evidence import EventBody, event_type, partner, private, public


@event_type("production.order_accepted", version=1)
class OrderAccepted(EventBody):
    """A customer's order was taken into the published plan for the first time."""

    order: str = partner(description="The workshop's order number.")
    item: str = partner(description="What is ordered.")
    ordered_quantity: int = partner(description="Pieces.")
    due: date = partner(description="Last day on which the customer wants it.")
    customer: str = private(default="", description="Who ordered.")


@event_type("production.order_promised", version=1)
class OrderPromised(EventBody):
    """A delivery date was promised for an order, or changed, by publishing a plan."""

    order: str = partner(description="The workshop's order number.")
    promised: date = partner(description="The day promised.")
    due: date = partner(description="The day the customer asked for.")
    before: date | None = partner(default=None, description="The day promised until now.")


@event_type("production.plan_published", version=1)
class PlanPublished(EventBody):
    """A verified plan became the one that the workshop works by."""

    plan: str = private(description="Identifier of the plan.")
    orders: int = public(description="Orders in it.")
    late_orders: int = public(description="Of these, later than the customer asked.")
    operations: int = public(description="Operations in it.")
    machines: int = public(description="Machines it uses.")
    method: str = private(description="What found the schedule.")
    assumptions: list[str] = private(default_factory=list, description="Codes of what was assumed.")
    workbook: str = private(default="", description="SHA-256 of the workbook it was made from.")


@event_type("production.operation_reported", version=1)
class OperationReported(EventBody):
    """An operator said that an operation started, made pieces, or was finished."""

    work_order: str = private(description="Number of the work order.")
    operation: str = private(description="Identifier of the operation in the plan.")
    report: str = private(description="started, progressed or finished.")
    machine: str = private(description="Where.")
    good: int = private(default=0, description="Good pieces made since the last report.")
    scrap: int = private(default=0, description="Spoilt pieces since the last report.")
    orders: list[str] = private(default_factory=list, description="Orders it is for.")
    planned_start: datetime | None = private(default=None, description="Start in the published plan.")
    planned_end: datetime | None = private(default=None, description="End in the published plan.")


@event_type("production.shipment_dispatched", version=1)
class ShipmentDispatched(EventBody):
    """Goods of an order left the workshop."""

    shipment: str = partner(description="Number of the shipment.")
    order: str = partner(description="The workshop's order number.")
    item: str = partner(description="What was shipped.")
    quantity: int = partner(description="Pieces shipped.")
    ordered_quantity: int = partner(description="Pieces ordered.")
    promised: date = partner(description="The day promised before the shipment.")
    carrier: str = partner(default="", description="Who carries it.")


@event_type("production.receipt_confirmed", version=1)
class ReceiptConfirmed(EventBody):
    """The receiver said when a shipment arrived and how much of it was there and good."""

    shipment: str = partner(description="Number of the shipment.")
    order: str = partner(description="The workshop's order number.")
    promised: date = public(description="The day promised before the shipment.")
    received: datetime = public(description="When it arrived.")
    received_on: date = public(description="The receiver's local day of arrival.")
    ordered_quantity: int = public(description="Pieces the shipment announced.")
    quantity: int = public(description="Pieces received.")
    good_quantity: int = public(description="Of these, good.")
    disputed: bool = public(
        default=False, description="The receiver disagrees with quantity, quality or date."
    )
    remark: str = partner(default="", description="The receiver's own words.")
    shipment_leaf: str = partner(
        default="", description="The shipment's own entry: its log and its leaf hash, as log#hash."
    )
