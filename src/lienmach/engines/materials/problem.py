"""What is wanted, what there is, and what goes into what.

Times are integer seconds since the plan epoch, as in the scheduling engine. Quantities are exact: `Decimal`,
always a whole multiple of the item's resolution (1 for pieces, 0.001 for kilograms counted in grams), so
that sums are sums and nothing drifts with the depth of a bill. Floats are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from lienmach.engines.materials.structure import find_cycle

Window = tuple[int, int]
"""Open time, `start <= t < end`."""


class MaterialsError(ValueError):
    """The parts do not fit together.

    Attributes
    ----------
    faults
        All faults found, one sentence each: place, cause, remedy.
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(rule)


class _Exact:
    """Whole numbers are taken as decimals; floats are refused, because 0.1 kg is not 0.1 as a float."""

    def __post_init__(self) -> None:
        for declared in fields(self):  # type: ignore[arg-type]
            value = getattr(self, declared.name)
            if not str(declared.type).startswith("Decimal") or value is None or isinstance(value, Decimal):
                continue
            _require(
                isinstance(value, int),
                f"{type(self).__name__}.{declared.name}: must be exact, not {value!r}.",
            )
            object.__setattr__(self, declared.name, Decimal(value))


class Lot(StrEnum):
    """How net requirements become orders."""

    EXACT = "exact"
    """Lot for lot: an order per requirement, raised to minimum and multiple."""
    FIXED = "fixed"
    """Whole numbers of the lot `fixed`."""
    PERIOD = "period"
    """One order for all requirements of the next `period` seconds, raised to minimum and multiple."""


@dataclass(frozen=True, slots=True)
class LotRule(_Exact):
    """The lot rule of an item. An economic order quantity (see `lots`) is a minimum."""

    kind: Lot = Lot.EXACT
    minimum: Decimal = Decimal(0)
    multiple: Decimal | None = None
    fixed: Decimal | None = None
    period: int = 0

    def __post_init__(self) -> None:
        _Exact.__post_init__(self)
        _require(self.minimum >= 0, "A lot rule: the minimum must not be negative.")
        _require(self.multiple is None or self.multiple > 0, "A lot rule: the multiple must be more than 0.")
        _require(
            (self.kind is Lot.FIXED) == (self.fixed is not None),
            "A lot rule must give the fixed lot exactly when its kind is fixed.",
        )
        _require(self.fixed is None or self.fixed > 0, "A lot rule: the fixed lot must be more than 0.")
        _require(
            (self.kind is Lot.PERIOD) == (self.period > 0),
            "A lot rule must give a period of more than 0 exactly when its kind is period.",
        )


@dataclass(frozen=True, slots=True)
class Item(_Exact):
    """Something that is stocked, made or bought.

    Parameters
    ----------
    made
        Made here from its components; otherwise bought.
    resolution
        The smallest quantity of it.
    lead_time
        Bought: seconds from order to receipt, counted in the supplier's open time. Made: estimated clock
        seconds from the release of an order to its end; the schedule replaces the estimate.
    run_time
        Made: estimated seconds per unit on top.
    scrap
        Share of started pieces that do not become good ones, from 0 to less than 1; for made items.
    supplier_open
        Open time of the supplier; `None` means always. Before and after it, time counts as open.
    """

    id: str
    made: bool = False
    resolution: Decimal = Decimal(1)
    on_hand: Decimal = Decimal(0)
    safety_stock: Decimal = Decimal(0)
    lead_time: int = 0
    run_time: Decimal = Decimal(0)
    scrap: Decimal = Decimal(0)
    lot: LotRule = LotRule()
    supplier_open: tuple[Window, ...] | None = None

    def __post_init__(self) -> None:
        _Exact.__post_init__(self)
        place = f"Item {self.id}"
        _require(bool(self.id), "An item must have an id.")
        _require(self.resolution > 0, f"{place}: the resolution must be more than 0.")
        _require(
            self.on_hand >= 0, f"{place}: stock on hand must not be negative: count it, and book the count."
        )
        _require(self.safety_stock >= 0, f"{place}: safety stock must not be negative.")
        _require(self.lead_time >= 0, f"{place}: lead time must not be negative.")
        _require(self.run_time >= 0, f"{place}: run time must not be negative.")
        _require(0 <= self.scrap < 1, f"{place}: scrap must be a share from 0 to less than 1.")
        _require(self.made or not self.scrap, f"{place}: scrap is for made items; a bought item has none.")
        amounts = (self.on_hand, self.safety_stock, self.lot.minimum, self.lot.multiple, self.lot.fixed)
        for amount in amounts:
            _require(
                amount is None or amount % self.resolution == 0,
                f"{place}: {amount} is not a whole multiple of its resolution {self.resolution}.",
            )


@dataclass(frozen=True, slots=True)
class Component(_Exact):
    """One line of a bill of materials: `quantity` of `child`, in the child's unit, for one unit of `parent`.

    Parameters
    ----------
    waste
        Share that is lost in use, on top: 0.05 means 5 % more.
    operation
        The parent's routing step that uses it; carried along for the schedule.
    offset
        Seconds after the parent's release when it is needed.
    """

    parent: str
    child: str
    quantity: Decimal
    waste: Decimal = Decimal(0)
    operation: str = ""
    offset: int = 0

    def __post_init__(self) -> None:
        _Exact.__post_init__(self)
        place = f"Bill of {self.parent}, component {self.child}"
        _require(self.quantity > 0, f"{place}: the quantity must be more than 0.")
        _require(self.waste >= 0, f"{place}: waste must not be negative.")
        _require(self.offset >= 0, f"{place}: the offset must not be negative.")


@dataclass(frozen=True, slots=True)
class Receipt(_Exact):
    """An open purchase or production order: `quantity` of `item` comes at `at`."""

    id: str
    item: str
    quantity: Decimal
    at: int

    def __post_init__(self) -> None:
        _Exact.__post_init__(self)
        _require(bool(self.id), "A receipt must have an id.")
        _require(self.quantity > 0, f"Receipt {self.id}: the quantity must be more than 0.")


@dataclass(frozen=True, slots=True)
class Demand(_Exact):
    """An order line: `quantity` of `item` is wanted at `due`."""

    id: str
    item: str
    quantity: Decimal
    due: int
    weight: int = 1

    def __post_init__(self) -> None:
        _Exact.__post_init__(self)
        _require(bool(self.id), "A demand must have an id.")
        _require(self.quantity > 0, f"Demand {self.id}: the quantity must be more than 0.")
        _require(self.weight >= 0, f"Demand {self.id}: the weight must not be negative.")


class SafetyStock(StrEnum):
    """Who gets the safety stock when there is not enough."""

    FIRST = "first"
    """It is kept: no demand may take it."""
    LAST = "last"
    """Demands may take it; it is filled up again afterwards."""


@dataclass(frozen=True)
class MaterialsProblem:
    """Everything that netting has to know.

    Parameters
    ----------
    start
        Now: what should have been ordered before is ordered now, and said to be urgent.

    Raises
    ------
    MaterialsError
        With every fault, among them a circle in the bills of materials.
    """

    items: tuple[Item, ...]
    components: tuple[Component, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    demands: tuple[Demand, ...] = ()
    start: int = 0
    safety_stock: SafetyStock = SafetyStock.FIRST

    def __post_init__(self) -> None:
        found = list(_faults(self))
        if found:
            raise MaterialsError(found)


def _faults(problem: MaterialsProblem) -> Iterable[str]:
    items = {item.id: item for item in problem.items}
    for kind, ids in (
        ("item", [item.id for item in problem.items]),
        ("receipt", [receipt.id for receipt in problem.receipts]),
        ("demand", [demand.id for demand in problem.demands]),
    ):
        seen: set[str] = set()
        for name in ids:
            if name in seen:
                yield f"The {kind} id '{name}' is used more than once: give each {kind} its own id."
            seen.add(name)
    lines: set[tuple[str, str, str]] = set()
    children: dict[str, list[str]] = {}
    for line in problem.components:
        place = f"Bill of {line.parent}, component {line.child}"
        for name in (line.parent, line.child):
            if name not in items:
                yield f"{place}: there is no item '{name}'."
        if line.parent in items and not items[line.parent].made:
            yield f"{place}: {line.parent} is bought, so it has no bill: mark it as made, or drop the line."
        key = (line.parent, line.child, line.operation)
        if key in lines:
            yield f"{place}: is given twice for the same step: add the quantities up in one line."
        lines.add(key)
        children.setdefault(line.parent, []).append(line.child)
    entries: tuple[Receipt | Demand, ...] = (*problem.receipts, *problem.demands)
    for entry in entries:
        place = f"{type(entry).__name__} {entry.id}"
        if entry.item not in items:
            yield f"{place}: there is no item '{entry.item}'."
        elif entry.quantity % items[entry.item].resolution:
            resolution = items[entry.item].resolution
            yield f"{place}: {entry.quantity} is not a whole multiple of the resolution {resolution}."
    cycle = find_cycle(children)
    if cycle is not None:
        yield f"The bills of materials go in a circle: {' -> '.join(cycle)}. Take one of these lines out."
