"""Rows of a frePPLe workbook → ``Factory``.

* An item that lies at several locations becomes one item per location; a distribution becomes a made item
  whose only step is the journey. An operation that delivers becomes an item that is the order's.
* Of several ways to get an item the preferred one (lowest priority number) is planned with; operations that
  differ in machine and speed alone become alternative machines of one step.
* Priorities become weights: each level counts four times the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from lienmach.apps.production.importers.frepple.resources import Resources
from lienmach.apps.production.importers.frepple.words import Findings
from lienmach.apps.production.planning.factory import (
    Alternative,
    Component,
    Factory,
    Item,
    Order,
    Receipt,
    Step,
    WorkInProgress,
)
from lienmach.kernel.sheets import Imported, Row

DAY_S = 86_400
WEIGHT_STEP = 4
HEAVIEST = 4**6
OPEN = {"open", "quote", None}
FIRM = {"approved", "confirmed"}
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get an item."""

    priority: Decimal
    row: Row
    kind: str
    """``operation``, ``supplier`` or ``distribution``."""


class Building:
    """One import under way."""

    def __init__(self, imported: Imported, now: datetime, findings: Findings, name: str) -> None:
        self._sheets = {
            sheet: [row for row in rows if not row.bad] for sheet, rows in imported.tables.items()
        }
        self._findings = findings
        self._now = now
        self._name = name
        self._resources = Resources(imported, now.date(), findings)
        self._items: dict[str, Item] = {}
        self._operations = self._unique("operation", "name")
        self._steps_of: dict[str, list[Row]] = defaultdict(list)
        for row in self._sheets["operation"]:
            if row["owner"]:
                self._steps_of[row["owner"]].append(row)
        for steps in self._steps_of.values():
            steps.sort(key=_priority)
        self._flows: dict[str, list[Row]] = defaultdict(list)
        for row in self._sheets["operation_material"]:
            if row["operation"] not in self._operations and self._operations:
                self._add(row, "operation", "unknown", sheet="operation")
            self._flows[row["operation"]].append(row)
        self._groups = self._members()
        self._locations = self._where_items_lie()
        self._lots: list[WorkInProgress] = []

    def _add(self, row: Row, key: str, code: str, *, error: bool = True, **words: object) -> None:
        self._findings.add(row, key, code, error=error, **words)

    def _unique(self, sheet: str, key: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in self._sheets[sheet]:
            if row[key] in found:
                self._add(row, key, "repeated", first=found[row[key]].number)
            found.setdefault(row[key], row)
        return found

    def factory(self) -> Factory:
        """Return the workshop; what could not be taken over has been reported."""
        self._resources.check()
        self._check_operations()
        for code, ways in self._ways().items():
            self._items[code] = self._item(code, ways)
        orders = self._orders()
        receipts = (*self._purchases(), *self._transfers())
        self._in_progress()
        return Factory(
            items=self._items,
            machines=self._resources.machines,
            orders=orders,
            calendars=self._resources.calendars(),
            closures=tuple(self._resources.closures()),
            stock=self._stock(),
            receipts=receipts,
            operators=tuple(self._resources.people.values()),
            in_progress=tuple(self._lots),
            name=self._name,
        )

    # -- items and places ----------------------------------------------------------------------------------

    def _members(self) -> dict[str, list[str]]:
        """What stands below each item of the item tree, leaves only."""
        children: dict[str, list[str]] = defaultdict(list)
        for row in self._sheets["item"]:
            if row["owner"]:
                children[row["owner"]].append(row["name"])

        def leaves(name: str, seen: frozenset[str]) -> Iterable[str]:
            for child in children.get(name, ()):
                if child in children and child not in seen:
                    yield from leaves(child, seen | {child})
                else:
                    yield child

        return {name: list(leaves(name, frozenset({name}))) for name in children}

    def _where_items_lie(self) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for sheet in ("demand", "buffer", "item_supplier", "purchase_order"):
            for row in self._sheets[sheet]:
                if row["location"]:
                    found[row["item"]][row["location"]] = None
        for row in self._sheets["item_distribution"]:
            for item in self._groups.get(row["item"], [row["item"]]):
                for place in (row["origin"], row["location"]):
                    if place:
                        found[item][place] = None
        for row in self._sheets["distribution_order"]:
            for place in (row["origin"], row["destination"]):
                if place:
                    found[row["item"]][place] = None
        for name, row in self._operations.items():
            if row["item"] and row["location"]:
                found[row["item"]][row["location"]] = None
            for flow in self._flows.get(name, ()):
                if row["location"]:
                    found[flow["item"]][row["location"]] = None
        return {item: list(places) for item, places in found.items()}

    def _code(self, item: str, location: str | None) -> str:
        places = self._locations.get(item, [])
        return f"{item} @ {location}" if location and len(places) > 1 else item

    def _codes(self, item: str, location: str | None) -> list[str]:
        """The item at a location, or wherever it lies when the row names none."""
        places = self._locations.get(item, [])
        return [self._code(item, place) for place in places] if not location and places else [
            self._code(item, location)
        ]  # fmt: skip

    # -- ways to get an item -------------------------------------------------------------------------------

    def _check_operations(self) -> None:
        for row in self._sheets["operation"]:
            owner = self._operations.get(row["owner"]) if row["owner"] else None
            if row["owner"] and owner is None:
                self._add(row, "owner", "unknown", sheet="operation")
            if row["type"] == "split":
                self._add(row, "type", "split_refused")
            if owner is not None and (row["type"] in {"alternate", "split"} or (
                row["type"] == "routing" and owner["type"] == "routing"
            )):  # fmt: skip
                self._add(row, "type", "nested", type=row["type"])
            if row["effective_end"] and row["effective_end"] > self._now and row["effective_end"].year < 2030:
                self._add(row, "effective_end", "ends_later")
        for row in self._sheets["operation_resource"]:
            if self._operations and row["operation"] not in self._operations:
                self._add(row, "operation", "unknown", sheet="operation")

    def _ways(self) -> dict[str, list[Way]]:
        ways: dict[str, list[Way]] = defaultdict(list)
        for row in self._sheets["operation"]:
            owner = self._operations.get(row["owner"]) if row["owner"] else None
            if owner is not None and owner["type"] != "alternate":
                continue
            if row["type"] == "alternate" or not self._effective(row):
                continue
            if code := self._output(row, owner):
                priority = _priority(row) if owner is None else _priority(owner)
                ways[code].append(Way(priority, row, "operation"))
        for sheet, kind in (("item_supplier", "supplier"), ("item_distribution", "distribution")):
            for row in self._sheets[sheet]:
                if row["priority"] == 0:
                    continue
                for item in self._groups.get(row["item"], [row["item"]]):
                    for code in self._codes(item, row["location"]):
                        ways[code].append(Way(_priority(row), row, kind))
        return ways

    def _effective(self, row: Row) -> bool:
        begins, ends = row["effective_start"], row["effective_end"]
        return (begins is None or begins <= self._now) and (ends is None or ends > self._now)

    def _output(self, row: Row, owner: Row | None = None) -> str:
        """The item that an operation makes; empty for one that only delivers."""
        item = row["item"] or (owner["item"] if owner is not None else None)
        if not item:
            made = {flow["item"] for flow in self._flows_of(row) if (flow["quantity"] or ONE) > 0}
            item = next(iter(sorted(made)), None)
        return self._code(item, row["location"] or (owner["location"] if owner else None)) if item else ""

    def _flows_of(self, row: Row) -> list[Row]:
        parts = [row["name"], *(step["name"] for step in self._steps_of.get(row["name"], ()))]
        return [flow for name in parts for flow in self._flows.get(name, ())]

    def _item(self, code: str, ways: list[Way]) -> Item:
        order = {"operation": 0, "supplier": 1, "distribution": 2}
        ranked = sorted(ways, key=lambda way: (way.priority, order[way.kind]))
        best, others = ranked[0], ranked[1:]
        if best.kind == "supplier":
            item = _bought(code, best.row)
        elif best.kind == "distribution":
            item = self._moved(code, best.row)
        else:
            item = self._made(code, best.row)
        for way in others:
            merged = self._as_alternative(item, way) if best.kind == way.kind == "operation" else None
            if merged is not None:
                item = merged
                continue
            key = "name" if way.kind == "operation" else "item"
            self._add(way.row, key, "other_way", error=False, used=_called(best))
        return item

    def _as_alternative(self, item: Item, way: Way) -> Item | None:
        """A second operation that differs in machine and speed alone is an alternative of the first."""
        other = self._made(item.code, way.row)
        if len(item.steps) != 1 or len(other.steps) != 1:
            return None
        one, two = item.steps[0], other.steps[0]
        same = ("components", "skill", "operator_count", "min_wait_seconds", "max_wait_seconds")
        lots = (item.lot_minimum, item.lot_multiple, item.lot_maximum)
        if any(getattr(one, key) != getattr(two, key) for key in same) or lots != (
            other.lot_minimum, other.lot_multiple, other.lot_maximum
        ):  # fmt: skip
            return None
        known = {each.machine for each in one.alternatives}
        if known & {each.machine for each in two.alternatives}:
            return None
        step = replace(one, alternatives=(*one.alternatives, *two.alternatives))
        return replace(item, steps=(step,))

    def _moved(self, code: str, row: Row) -> Item:
        """An item at its destination, made from the same item at its origin."""
        item = code.partition(" @ ")[0]
        days = _days(row["lead_time"])
        origin = self._code(item, row["origin"])
        step = Step(
            f"{row['origin']} → {row['location'] or code}",
            outsourced_days=days or Decimal(1) / DAY_S,
            components=(Component(origin, ONE),),
        )
        return _with_lots(Item(code, steps=(step,)), row)

    def _made(self, code: str, row: Row) -> Item:
        rows = self._steps_of.get(row["name"]) or [row] if row["type"] == "routing" else [row]
        steps: list[Step] = []
        yielded = self._yield(row, code)
        for number, each in enumerate(rows):
            parts = self._components(each, yielded)
            if number == 0 and each is not row:
                parts += self._components(row, yielded)
            steps.extend(self._step(each, parts, yielded, last=number + 1 == len(rows)))
        return _with_lots(Item(code, steps=tuple(steps)), row)

    def _yield(self, row: Row, code: str) -> Decimal:
        """Pieces that come out of one unit of the operation."""
        made = [flow for flow in self._flows_of(row) if (flow["quantity"] or Decimal(0)) > 0]
        own = [flow for flow in made if self._code(flow["item"], row["location"]) == code]
        for flow in made:
            if flow not in own:
                self._add(flow, "item", "two_outputs")
        return sum((flow["quantity"] for flow in own), Decimal(0)) or ONE

    def _components(self, row: Row, yielded: Decimal) -> tuple[Component, ...]:
        chosen: dict[str, Row] = {}
        for flow in sorted(self._flows.get(row["name"], ()), key=_priority):
            if (flow["quantity"] if flow["quantity"] is not None else ONE) >= 0:
                continue
            group = flow["name"] or f"item {flow['item']}"
            if group in chosen and flow["name"]:
                self._add(flow, "item", "other_way", error=False, used=chosen[group]["item"])
                continue
            chosen.setdefault(group, flow)
            if flow["type"] in {"transfer_batch", "batch"}:
                self._add(flow, "type", "transfer_across_items", error=False)
        location = row["location"] or (
            self._operations[row["owner"]]["location"] if row["owner"] in self._operations else None
        )
        return tuple(
            Component(self._code(flow["item"], location), -flow["quantity"] / yielded)
            for flow in chosen.values()
        )

    def _step(
        self, row: Row, parts: tuple[Component, ...], yielded: Decimal, *, last: bool
    ) -> Iterable[Step]:
        """A step, and behind the last one the time that frePPLe keeps free after it."""
        owner = self._operations.get(row["owner"]) if row["owner"] else None
        place = self._resources.place(
            row["name"], row["location"] or (owner["location"] if owner else "") or ""
        )
        seconds = _seconds(row["duration_per_unit"]) / yielded if row["type"] != "fixed_time" else Decimal(0)
        fixed = int(_seconds(row["duration"]))
        after = int(_seconds(row["posttime"]))
        yield Step(
            row["name"],
            seconds_per_piece=seconds,
            alternatives=tuple(Alternative(machine, seconds, fixed) for machine in place.machines),
            skill=place.skill,
            operator_count=place.people,
            components=parts,
            min_wait_seconds=0 if last else after,
        )
        if last and after:
            yield Step(f"{row['name']} …", outsourced_days=Decimal(after) / DAY_S)

    # -- orders, stock, supply -----------------------------------------------------------------------------

    def _orders(self) -> tuple[Order, ...]:
        rows = self._unique("demand", "name")
        planned = [row for row in self._sheets["demand"] if self._is_open(row) and rows[row["name"]] is row]
        weights = self._weights(planned)
        delivers = {row["name"]: row["delivery_operation"] for row in self._sheets["item"]}
        for row in self._sheets["item"]:
            if (row["type"] or "").casefold() == "make to order":
                self._add(row, "type", "make_to_order")
        orders = []
        for row in planned:
            if row["quantity"] <= 0 or row["quantity"] != int(row["quantity"]):
                self._add(row, "quantity", "whole_pieces")
                continue
            code = self._code(row["item"], row["location"])
            operation = row["operation"] or row["delivery_operation"] or delivers.get(row["item"])
            if operation:
                code = self._delivered(row, operation, code)
            if code not in self._items:
                self._add(row, "item", "no_way", error=False, value=code)
                self._items[code] = Item(code)
            orders.append(
                Order(row["name"], code, row["quantity"], row["due"], row["customer"] or "",
                      weights.get(row["priority"], 1))
            )  # fmt: skip
        return tuple(orders)

    def _is_open(self, row: Row) -> bool:
        if row["status"] not in OPEN:
            if row["status"] == "inquiry":
                self._add(row, "status", "not_planned", error=False, status=row["status"])
            return False
        return True

    def _weights(self, rows: list[Row]) -> Mapping[Decimal | None, int]:
        levels = sorted({row["priority"] for row in rows if row["priority"] is not None})
        weights: dict[Decimal | None, int] = {
            level: min(HEAVIEST, WEIGHT_STEP ** (len(levels) - 1 - index))
            for index, level in enumerate(levels)
        }
        if len(levels) > 1:
            shown = ", ".join(f"{level.normalize():f} → {weights[level]}" for level in levels)
            self._add(rows[0], "priority", "priorities_are_weights", error=False, weights=shown)
        return weights

    def _delivered(self, row: Row, operation: str, item: str) -> str:
        """The item that an order's delivery comes to."""
        known = self._operations.get(operation)
        key = "operation" if row["operation"] else "delivery_operation"
        if known is None:
            self._add(row, key, "unknown", value=operation, sheet="operation")
            return item
        made = self._output(known)
        if made:
            return made
        if operation not in self._items:
            delivery = self._made(operation, known)
            if not delivery.steps[0].components:
                first = replace(delivery.steps[0], components=(Component(item, ONE),))
                delivery = replace(delivery, steps=(first, *delivery.steps[1:]))
            self._items[operation] = delivery
        return operation

    def _stock(self) -> dict[str, Decimal]:
        stock: dict[str, Decimal] = defaultdict(Decimal)
        for row in self._sheets["buffer"]:
            for code in self._codes(row["item"], row["location"])[:1]:
                if (row["onhand"] or 0) < 0:
                    self._add(row, "onhand", "negative_stock")
                stock[code] += max(Decimal(0), row["onhand"] or Decimal(0))
                if row["minimum"]:
                    item = self._items.get(code, Item(code))
                    self._items[code] = replace(item, safety_stock=row["minimum"])
                if (row["type"] or "default") == "infinite":
                    self._items[code] = Item(code, lead_time_days=Decimal(0))
        return {code: amount for code, amount in stock.items() if amount}

    def _purchases(self) -> Iterable[Receipt]:
        for row in self._sheets["purchase_order"]:
            due = row["receipt_date"] or row["end_date"]
            if self._is_firm(row) and due is None:
                self._add(row, "reference", "no_date")
            elif self._is_firm(row) and due is not None:
                code = self._codes(row["item"], row["location"])[0]
                yield Receipt(row["reference"], code, row["quantity"], _day_of(due))

    def _transfers(self) -> Iterable[Receipt]:
        for row in self._sheets["distribution_order"]:
            due = row["receipt_date"] or row["shipping_date"]
            if self._is_firm(row) and row["destination"] and due is not None:
                code = self._code(row["item"], row["destination"])
                yield Receipt(row["reference"], code, row["quantity"], _day_of(due))

    def _is_firm(self, row: Row) -> bool:
        if row["status"] in FIRM:
            return True
        if row["status"] in {"completed"}:
            self._add(row, "status", "not_planned", error=False, status=row["status"])
        return False

    def _in_progress(self) -> None:
        """Firm manufacturing orders are lots at the first step of their operation."""
        for row in self._sheets["manufacturing_order"]:
            operation = self._operations.get(row["operation"])
            if not self._is_firm(row):
                continue
            if operation is None:
                self._add(row, "operation", "unknown", sheet="operation", error=bool(self._operations))
                continue
            owner = self._operations.get(operation["owner"]) if operation["owner"] else None
            item = self._items.get(self._output(operation if owner is None else owner))
            names = [step.code for step in item.steps] if item else []
            first = self._steps_of.get(row["operation"]) or [operation]
            if item is None or first[0]["name"] not in names or row["quantity"] != int(row["quantity"]):
                self._add(row, "operation", "no_output")
                continue
            self._add(row, "operation", "lot_waits", error=False)
            self._lots.append(
                WorkInProgress(f"MO {row['reference']}", item.code, int(row["quantity"]), first[0]["name"])
            )


def _bought(code: str, row: Row) -> Item:
    item = Item(code, lead_time_days=_days(row["lead_time"]), supplier=row["supplier"])
    return _with_lots(item, row)


def _with_lots(item: Item, row: Row) -> Item:
    """Lot sizes of an operation, a supplier or a distribution; only what is made here has a largest lot."""
    made = "duration" in row
    return replace(
        item,
        lot_minimum=row["size_minimum"] or Decimal(0),
        lot_multiple=row["size_multiple"] or Decimal(0),
        lot_maximum=(row["size_maximum"] or Decimal(0)) if made else Decimal(0),
    )


def _called(way: Way) -> str:
    return str(
        way.row["name"] if way.kind == "operation" else way.row.get("supplier") or way.row.get("origin")
    )


def _priority(row: Row) -> Decimal:
    return row["priority"] if row["priority"] is not None else ONE


def _seconds(length: timedelta | None) -> Decimal:
    return Decimal(round(length.total_seconds())) if length else Decimal(0)


def _days(length: timedelta | None) -> Decimal:
    return _seconds(length) / DAY_S


def _day_of(moment: datetime) -> date:
    """The first morning on which it is there."""
    return moment.date() if moment.time() == time() else moment.date() + timedelta(days=1)
