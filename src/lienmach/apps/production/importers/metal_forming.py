"""Reads the order book of a real metal-forming factory (transfer presses): four CSV files in one folder.

Source of the files: github.com/JanaHolznigenkemper/Simulation (ad0d0ba); no licence stated, so they are never
part of this project. What the columns mean is written in the data folder's README.

Choices made here, because the files leave them open:

* A planned operation takes ``production_time + setup_time + 3,600 s``, as in every row of the planner's own
  plan; the setup belongs to the order, not to a change between families.
* The alternatives of an order are its own machine and every machine that really ran ``material_sim``, where
  the production time is scaled by the ratio of mean seconds per unit. Each level has its own copy of every
  machine.
* There are no customers: the planner's end on level 4 is taken as the promised date. The plan runs around the
  clock, as the planner's does.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

from lienmach.apps.production.planning.factory import (
    Alternative,
    Factory,
    Item,
    Machine,
    Order,
    Shift,
    Step,
)

ORDERS_FILE = "orders.csv"
RATES_FILE = "production_data_anonymised.csv"
LEVELS = (1, 2, 3, 4)
HANDLING_S = 3_600
EPOCH = datetime(2020, 1, 16)  # noqa: DTZ001 - wall-clock time of the factory, which is not named
AROUND_THE_CLOCK = (Shift(frozenset(range(7)), time(), time()),)
_CLASS = re.compile(r"([\d.]+)\s+per\s+([\d.]+)\s+seconds per unit")


class FolderUnreadable(Exception):
    """The folder is not the order book this reader knows; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class PlannerRow:
    """Where and when the factory's own planner put an order on one level."""

    level: int
    order: int
    machine: int
    start: datetime
    end: datetime
    production_s: int
    setup_s: int
    quantity: int
    material_sim: int
    machine_sim: int

    @property
    def work_s(self) -> int:
        """Seconds that the order holds its machine in the planner's own plan."""
        return self.production_s + self.setup_s + HANDLING_S


def is_order_book(folder: Path) -> bool:
    """Whether the folder holds the files that this reader needs."""
    return folder.is_dir() and (folder / ORDERS_FILE).is_file() and (folder / RATES_FILE).is_file()


def read_planner_rows(folder: Path) -> tuple[PlannerRow, ...]:
    """Return the 1,228 rows of the order book as they stand.

    Raises
    ------
    FolderUnreadable
        When a file or a value is missing; names file and line.
    """
    rows = []
    for line, row in _read(folder / ORDERS_FILE):
        try:
            rows.append(
                PlannerRow(
                    level=int(row["level"]),
                    order=int(row["order"]),
                    machine=int(row["machine"]),
                    start=datetime.fromisoformat(row["start_planned"]),
                    end=datetime.fromisoformat(row["end_planned"]),
                    production_s=int(row["production_time"]),
                    setup_s=int(row["setup_time"]),
                    quantity=int(row["quantity"]),
                    material_sim=int(row["material_sim"]),
                    machine_sim=int(row["machine_sim"]),
                )
            )
        except (KeyError, ValueError) as problem:
            raise FolderUnreadable(f"{ORDERS_FILE}, line {line}: {problem}.") from problem
    return tuple(rows)


def read_rates(folder: Path) -> dict[int, dict[int, float]]:
    """Return mean seconds per unit: operation → machine → rate; shares renormalised, middle of each class."""
    rates: dict[int, dict[int, float]] = defaultdict(dict)
    for line, row in _read(folder / RATES_FILE):
        shares, total = 0.0, 0.0
        for heading, cell in row.items():
            bounds = _CLASS.search(heading)
            if bounds is None or not cell:
                continue
            share = float(cell)
            shares += share
            total += share * (float(bounds.group(1)) + float(bounds.group(2))) / 2
        if shares <= 0:
            raise FolderUnreadable(f"{RATES_FILE}, line {line}: no stroke-rate class holds a share.")
        rates[int(row["operation"])][int(row["machine"])] = total / shares
    return dict(rates)


def read_factory(folder: Path, *, levels: tuple[int, ...] = LEVELS) -> Factory:
    """Return the order book as a workshop: one item per order, one step per level.

    Raises
    ------
    FolderUnreadable
        When the folder is not this order book.
    """
    rows = read_planner_rows(folder)
    rates = read_rates(folder)
    by_order: dict[int, list[PlannerRow]] = defaultdict(list)
    for row in rows:
        by_order[row.order].append(row)
    items: dict[str, Item] = {}
    orders: list[Order] = []
    numbers: set[int] = set()
    for order, placed in sorted(by_order.items()):
        placed.sort(key=lambda row: row.level)
        code = f"{order:03d}"
        steps = [_step(row, rates) for row in placed if row.level in levels]
        items[code] = Item(code, steps=tuple(steps))
        orders.append(Order(code, code, Decimal(placed[0].quantity), due=placed[max(levels) - 1].end))
        numbers.update(machine for row in placed for machine in _durations(row, rates))
    machines = {
        machine_code(level, number): Machine(machine_code(level, number), f"L{level}", "around the clock")
        for level in levels
        for number in sorted(numbers)
    }
    return Factory(
        items=items,
        machines=machines,
        orders=tuple(orders),
        calendars={"around the clock": AROUND_THE_CLOCK},
        name="Metal forming",
        zone="UTC",
    )


def machine_code(level: int, number: int) -> str:
    """Return the code of a level's own copy of a machine."""
    return f"L{level}-{number}"


def _step(row: PlannerRow, rates: Mapping[int, Mapping[int, float]]) -> Step:
    alternatives = tuple(
        Alternative(machine_code(row.level, machine), Decimal(0), seconds)
        for machine, seconds in _durations(row, rates).items()
    )
    return Step(code=f"L{row.level}", group=f"L{row.level}", alternatives=alternatives)


def _durations(row: PlannerRow, rates: Mapping[int, Mapping[int, float]]) -> dict[int, int]:
    """Return the working seconds on each machine that can run the order, its own machine first."""
    by_machine = rates[row.material_sim]
    own = by_machine[row.machine_sim]
    fixed = row.setup_s + HANDLING_S
    durations = {row.machine: row.work_s}
    for machine, rate in sorted(by_machine.items()):
        if machine != row.machine:
            durations[machine] = fixed + round(row.production_s * rate / own)
    return durations


def _read(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(enumerate(csv.DictReader(file), start=2))
    except OSError as problem:
        raise FolderUnreadable(f"{path.name} cannot be read: {problem.strerror}.") from problem
