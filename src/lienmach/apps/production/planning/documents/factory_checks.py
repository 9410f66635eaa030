"""Text → a workshop, or every reason why not: values first, then what only shows between values.

The checks between values look at the raw document and step over what is not of the right kind, so that one
wrong value does not hide the others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from lienmach.apps.production.planning.documents.factory import Described, described_factory
from lienmach.apps.production.planning.documents.factory_schema import FACTORY_SCHEMA, FactoryDocument
from lienmach.apps.production.planning.documents.faults import DocumentRefused, Fault, Path, fault, pointer
from lienmach.engines.materials.structure import find_cycle


@dataclass(frozen=True, slots=True)
class Read:
    """A workshop read from a document, with what somebody should look at."""

    described: Described
    warnings: tuple[Fault, ...] = ()


def read_factory_json(text: str) -> Read:
    """Return the workshop that a ``lienmach.factory/1`` document describes.

    Raises
    ------
    DocumentRefused
        With every fault found.
    """
    return read_factory_document(load_json(text))


def load_json(text: str) -> Any:
    """Return JSON text as values, decimals exact.

    Raises
    ------
    DocumentRefused
        When it is not JSON.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (json.JSONDecodeError, RecursionError, ValueError) as problem:
        raise DocumentRefused((fault("not_json", (), problem=problem),)) from problem


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def read_factory_document(document: Any) -> Read:
    """Return the workshop that the values of a document describe; see ``read_factory_json``."""
    if not isinstance(document, Mapping) or document.get("schema") != FACTORY_SCHEMA:
        raise DocumentRefused((fault("wrong_schema", ("schema",), schema=FACTORY_SCHEMA),))
    found: list[Fault] = []
    checked: FactoryDocument | None = None
    try:
        checked = FactoryDocument.model_validate(document)
    except ValidationError as error:
        found += _value_faults(document, error)
    found += _Checks(document).faults()
    errors = [each for each in found if each.error]
    if errors or checked is None:
        raise DocumentRefused(tuple(dict.fromkeys(found)))
    return Read(described_factory(checked), tuple(found))


_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "literal_error": "not_a_choice",
    "string_pattern_mismatch": "wrong_text",
    "string_too_short": "wrong_text",
    "string_too_long": "wrong_text",
    "too_short": "missing",
}
_BOUNDS = {"greater_than": ("gt", ">"), "greater_than_equal": ("ge", "≥"), "less_than": ("lt", "<"),
           "less_than_equal": ("le", "≤")}  # fmt: skip


def _value_faults(document: Mapping[str, Any], error: ValidationError) -> Iterator[Fault]:
    for each in error.errors(include_url=False):
        path: Path = each["loc"]
        value = _short(each["input"])
        kind, context = each["type"], each.get("ctx", {})
        if kind in _BOUNDS:
            key, sign = _BOUNDS[kind]
            yield fault("out_of_range", path, value, bound=f"{sign} {context[key]}")
        elif kind == "extra_forbidden":
            yield fault("unknown_key", path, str(path[-1]), known=_keys_beside(path))
        elif kind == "literal_error":
            yield fault("not_a_choice", path, value, expected=context["expected"].replace(" or ", ", "))
        elif kind in _CODES:
            yield fault(_CODES[kind], path, None if kind == "missing" else value)
        elif kind == "value_error" and path and path[-1] in {"due", "start", "end", "earliest", "started"}:
            yield fault("not_a_date", path, value)
        else:
            expected = kind.removesuffix("_type").removesuffix("_parsing").replace("value_error", "number")
            yield fault("wrong_kind", path, value, expected=expected.replace("_", " "))


def _keys_beside(path: Path) -> tuple[str, ...]:
    """The keys that the object at ``path`` may have, for a hint."""
    from lienmach.apps.production.planning.documents.factory_schema import keys_at

    return keys_at(path[:-1])


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:60]


Part = Mapping[str, Any]


def _each(whole: Any, key: str, path: Path = ()) -> Iterator[tuple[Path, Part]]:
    """The objects of a list, each with its path; whatever is not an object is somebody else's fault."""
    listed = whole.get(key) if isinstance(whole, Mapping) else None
    for index, part in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(part, Mapping):
            yield (*path, key, index), part


def _code(part: Part, key: str) -> str:
    value = part.get(key)
    return value.strip() if isinstance(value, str) else ""


def _amount(part: Part, key: str) -> Decimal:
    value = part.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return Decimal(0)
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return Decimal(0)


class _Checks:
    """What only shows between values."""

    def __init__(self, document: Part) -> None:
        self._document = document
        self._found: list[Fault] = []
        self._items = {_code(part, "item"): part for _, part in _each(document, "items")}
        self._machines = {_code(part, "machine"): part for _, part in _each(document, "machines")}
        self._groups: dict[str, list[str]] = defaultdict(list)
        for code, part in self._machines.items():
            self._groups[_code(part, "group")].append(code)
        self._orders = {_code(part, "order"): part for _, part in _each(document, "orders")}
        self._components = {
            _code(component, "item")
            for item in self._items.values()
            for _, step in _each(item, "steps")
            for _, component in _each(step, "components")
        }
        self._skills: dict[str, int] = defaultdict(int)
        for _, part in _each(document, "operators"):
            skills, count = part.get("skills"), part.get("count", 1)
            for skill in skills if isinstance(skills, list) else ():
                if isinstance(skill, str) and isinstance(count, int):
                    self._skills[skill.strip()] = max(self._skills[skill.strip()], count)

    def faults(self) -> list[Fault]:
        self._check_codes()
        self._check_zone()
        for path, machine in _each(self._document, "machines"):
            self._check_unlimited(path, machine)
        for path, item in _each(self._document, "items"):
            self._check_routing(path, item)
            if _amount(item, "lot_maximum"):
                self._check_lot_maximum(path, item)
        self._check_bills()
        self._check_calendars()
        self._check_orders()
        self._check_known()
        self._check_lots()
        return self._found

    def _add(self, code: str, path: Path, value: Any = None, **words: Any) -> None:
        self._found.append(fault(code, path, value, **words))

    def _unknown(self, path: Path, kind: str, value: str, known: Any) -> None:
        self._add("unknown", path, value, kind=kind, known=known)

    def _check_codes(self) -> None:
        tables = (
            ("items", ("item",)),
            ("machines", ("machine",)),
            ("calendars", ("calendar",)),
            ("operators", ("operators",)),
            ("orders", ("order",)),
            ("stock", ("item",)),
            ("changeovers", ("group", "before", "after")),
            ("in_progress", ("lot",)),
        )
        for table, keys in tables:
            self._check_unique((), table, self._document, keys)
        for path, item in _each(self._document, "items"):
            self._check_unique(path, "steps", item, ("step",))
            for step_path, step in _each(item, "steps", path):
                self._check_unique(step_path, "alternatives", step, ("machine",))
        for path, lot in _each(self._document, "in_progress"):
            if _code(lot, "lot") in self._orders:
                self._add("repeated", (*path, "lot"), _code(lot, "lot"), first="/orders")

    def _check_unique(self, path: Path, table: str, whole: Part, keys: tuple[str, ...]) -> None:
        first: dict[tuple[str, ...], Path] = {}
        for place, part in _each(whole, table, path):
            code = tuple(_code(part, key) for key in keys)
            if not all(code):
                continue
            if code in first:
                self._add("repeated", (*place, keys[-1]), " / ".join(code), first=pointer(first[code]))
            first.setdefault(code, place)

    def _check_zone(self) -> None:
        zone = self._document.get("zone")
        if isinstance(zone, str):
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                self._add("unknown_zone", ("zone",), zone)

    def _check_routing(self, path: Path, item: Part) -> None:
        steps = list(_each(item, "steps", path))
        for number, (place, step) in enumerate(steps):
            following = steps[number + 1][1] if number + 1 < len(steps) else None
            self._check_place(place, step)
            self._check_people(place, step)
            self._check_passing(place, step, following)

    def _check_lot_maximum(self, path: Path, item: Part) -> None:
        if not item.get("steps"):
            self._add("item_is_bought", (*path, "lot_maximum"), _code(item, "item"))
        elif _amount(item, "lot_maximum") < 1:
            self._add("out_of_range", (*path, "lot_maximum"), item["lot_maximum"], bound="≥ 1")

    def _check_place(self, path: Path, step: Part) -> None:
        group, outside = _code(step, "group"), _amount(step, "outsourced_days")
        alternatives = list(_each(step, "alternatives", path))
        if not (group or alternatives or outside):
            self._add("step_without_place", path)
        if outside and (group or alternatives):
            self._add("two_places", (*path, "outsourced_days"))
        timed = ("seconds_per_piece", "fixed_seconds", "load_seconds")
        if not (alternatives or outside) and not any(_amount(step, key) for key in timed):
            self._add("step_without_time", path)
        for place, each in alternatives:
            if self._machines and _code(each, "machine") not in self._machines:
                self._unknown((*place, "machine"), "machine", _code(each, "machine"), self._machines)
        if group and self._machines and group not in self._groups and not alternatives:
            self._unknown((*path, "group"), "group", group, self._groups)
        if _amount(step, "load_seconds"):
            for code in self._eligible(step):
                if code in self._machines and not _amount(self._machines[code], "load_capacity"):
                    self._add("no_load_capacity", (*path, "load_seconds"), machine=code)

    def _eligible(self, step: Part) -> list[str]:
        named = [_code(each, "machine") for _, each in _each(step, "alternatives")]
        return named or self._groups.get(_code(step, "group"), [])

    def _check_unlimited(self, path: Path, machine: Part) -> None:
        if machine.get("unlimited") is True:
            for key in ("load_capacity", "initial_family"):
                if machine.get(key):
                    self._add("unlimited_machine", (*path, key))

    def _check_people(self, path: Path, step: Part) -> None:
        skill, count = _code(step, "skill"), int(_amount(step, "operator_count") or 1)
        if not skill or not self._skills:
            return
        if skill not in self._skills:
            self._unknown((*path, "skill"), "skill", skill, self._skills)
        elif count > self._skills[skill]:
            self._add(
                "too_few_operators",
                (*path, "operator_count"),
                skill,
                count=count,
                most=self._skills[skill],
            )

    def _check_passing(self, path: Path, step: Part, following: Part | None) -> None:
        longest = step.get("max_wait_seconds")
        passing = [key for key in ("min_wait_seconds", "transfer_quantity") if _amount(step, key)]
        passing += ["max_wait_seconds"] if longest is not None else []
        if longest is not None and _amount(step, "max_wait_seconds") < _amount(step, "min_wait_seconds"):
            self._add("max_below_min", (*path, "max_wait_seconds"), longest)
        if following is None:
            for key in passing:
                self._add("after_the_last_step", (*path, key))
        elif _amount(step, "transfer_quantity") and (
            _amount(step, "load_seconds") or _amount(following, "load_seconds")
        ):
            self._add("transfer_and_loads", (*path, "transfer_quantity"))

    def _check_bills(self) -> None:
        children = {
            code: [
                _code(part, "item")
                for _, step in _each(item, "steps")
                for _, part in _each(step, "components")
            ]
            for code, item in self._items.items()
        }
        while (cycle := find_cycle(children)) is not None:
            for path, item in _each(self._document, "items"):
                if _code(item, "item") == cycle[0]:
                    self._add("bill_cycle", path, cycle=" → ".join(cycle))
                    break
            children[cycle[0]] = [each for each in children[cycle[0]] if each != cycle[1]]

    def _check_calendars(self) -> None:
        calendars = {_code(part, "calendar") for _, part in _each(self._document, "calendars")}
        for table in ("machines", "operators"):
            for path, part in _each(self._document, table):
                named = _code(part, "calendar")
                if named and calendars and named not in calendars:
                    self._unknown((*path, "calendar"), "calendar", named, calendars)
        for path, calendar in _each(self._document, "calendars"):
            for place, shift in _each(calendar, "shifts", path):
                start, end = _code(shift, "start"), _code(shift, "end")
                if start and start == end and start[:5] != "00:00":
                    self._add("empty_shift", (*place, "end"))
        for path, closure in _each(self._document, "closures"):
            if closure.get("machine") is not None and _code(closure, "machine") not in self._machines:
                self._unknown((*path, "machine"), "machine", _code(closure, "machine"), self._machines)
            start, end = _code(closure, "start"), _code(closure, "end")
            if len(start) == len(end) and start and end <= start:
                self._add("closure_ends_before_start", (*path, "end"))

    def _check_orders(self) -> None:
        for path, order in _each(self._document, "orders"):
            item = _code(order, "item")
            if item and item not in self._items and item not in self._components:
                self._unknown((*path, "item"), "item", item, self._items)
            earliest, due = _code(order, "earliest"), _code(order, "due")
            if earliest and due and earliest[:10] > due[:10]:
                self._add("earliest_after_due", (*path, "earliest"))

    def _check_known(self) -> None:
        """Something that nothing uses may be a misspelt code: worth a look, no reason to stop."""
        known = set(self._items) | self._components
        for table in ("stock", "receipts"):
            for path, part in _each(self._document, table):
                item = _code(part, "item")
                if item and item not in known:
                    self._add("not_used", (*path, "item"), item, known=known, error=False)
        families = {
            _code(step, "family") for item in self._items.values() for _, step in _each(item, "steps")
        }
        families |= {_code(machine, "initial_family") for machine in self._machines.values()} | {"*"}
        for path, change in _each(self._document, "changeovers"):
            group = _code(change, "group")
            if group and self._machines and group not in self._groups:
                self._unknown((*path, "group"), "group", group, self._groups)
            for key in ("before", "after"):
                family = _code(change, key)
                if family and family not in families:
                    self._add("not_used", (*path, key), family, known=families, error=False)

    def _check_lots(self) -> None:
        reserved: dict[str, Decimal] = defaultdict(Decimal)
        running: dict[str, Path] = {}
        for path, lot in _each(self._document, "in_progress"):
            item = self._items.get(_code(lot, "item"))
            if item is None:
                self._unknown((*path, "item"), "item", _code(lot, "item"), self._items)
                continue
            steps = {_code(step, "step"): step for _, step in _each(item, "steps")}
            if not steps:
                self._add("item_is_bought", (*path, "item"), _code(lot, "item"))
                continue
            if _amount(lot, "done") and _amount(lot, "done") >= _amount(lot, "quantity"):
                self._add("all_done", (*path, "done"), lot.get("done"))
            step = steps.get(_code(lot, "step"))
            if step is None:
                self._unknown((*path, "step"), "step", _code(lot, "step"), steps)
            elif machine := _code(lot, "machine"):
                self._check_running(path, step, machine, running)
            self._check_reserved(path, lot, reserved)

    def _check_running(self, path: Path, step: Part, machine: str, running: dict[str, Path]) -> None:
        if self._machines and machine not in self._machines:
            self._unknown((*path, "machine"), "machine", machine, self._machines)
        elif self._machines and machine not in self._eligible(step):
            self._add("not_eligible", (*path, "machine"), machine, known=self._eligible(step))
        elif machine in running and not _amount(step, "load_seconds"):
            self._add("machine_taken", (*path, "machine"), machine, first=pointer(running[machine]))
        running.setdefault(machine, path)

    def _check_reserved(self, path: Path, lot: Part, reserved: dict[str, Decimal]) -> None:
        name = _code(lot, "order")
        if not name:
            return
        order = self._orders.get(name)
        if order is None:
            self._unknown((*path, "order"), "order", name, self._orders)
        elif _code(order, "item") != _code(lot, "item"):
            self._add("other_item", (*path, "order"), name, item=_code(lot, "item"))
        else:
            reserved[name] += _amount(lot, "quantity")
            if reserved[name] > _amount(order, "quantity"):
                self._add("more_than_ordered", (*path, "quantity"), most=order.get("quantity"))
