"""Resources, their skills and calendars → machines, groups of operators, and who does a step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal

from lienmach.apps.production.importers.frepple import calendars
from lienmach.apps.production.importers.frepple.words import Findings
from lienmach.apps.production.planning.factory import Closure, Machine, OperatorGroup, Shift
from lienmach.kernel.sheets import Imported, Row

ALWAYS = "24x7"
ROUND_THE_CLOCK = (Shift(frozenset(range(7)), time(), time()),)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step is done: machines by code, and the skill and number of people it needs besides."""

    machines: tuple[str, ...]
    skill: str = ""
    people: int = 1


class Resources:
    """Answers where an operation is done; remembers what it has handed out, and reports what it cannot."""

    def __init__(self, imported: Imported, now: date, findings: Findings) -> None:
        self._findings = findings
        self._now = now
        self._rows = {row["name"]: row for row in imported["resource"] if not row.bad}
        self._children: dict[str, list[str]] = defaultdict(list)
        for name, row in self._rows.items():
            if row["owner"]:
                self._children[row["owner"]].append(name)
        self._skills: dict[str, list[str]] = defaultdict(list)
        for row in sorted(imported["resource_skill"], key=lambda row: row["priority"] or Decimal(1)):
            if not row.bad:
                self._skills[row["resource"]].append(row["skill"])
        self._loads: dict[str, list[Row]] = defaultdict(list)
        for row in imported["operation_resource"]:
            if not row.bad:
                self._loads[row["operation"]].append(row)
        self._buckets = calendars.read_buckets(row for row in imported["calendar_bucket"] if not row.bad)
        self._default = {row["name"]: row["default_value"] or Decimal(0) for row in imported["calendar"]}
        self._calendar_rows = {row["name"]: row for row in imported["calendar"]}
        self._available = {row["name"]: row["available"] for row in imported["location"]}
        self._hours: dict[str, calendars.Hours] = {}
        self.machines: dict[str, Machine] = {}
        self.people: dict[str, OperatorGroup] = {}
        self._both: set[str] = set()

    def check(self) -> None:
        """Report what is wrong with resources, whether or not an operation uses them."""
        for name, row in self._rows.items():
            if not self._known_type(row):
                self._findings.add(row, "type", "bucket_resource", type=row["type"])
            if row["owner"] and row["owner"] not in self._rows:
                self._findings.add(row, "owner", "unknown", value=row["owner"], sheet="resource")
            if row["maximum"] is not None and row["maximum"] != int(row["maximum"]):
                self._findings.add(row, "maximum", "part_of_resource")
            if name not in self._children:
                self._count(row)

    def place(self, operation: str, location: str) -> Place:
        """Return where an operation is done; without a resource it is only bound by the location's hours."""
        rows = [row for row in self._loads.get(operation, ()) if self._binds(row)]
        people = [row for row in rows if (row["quantity"] or Decimal(1)) > 1]
        others = [row for row in rows if row not in people]
        if len(others) > 1 and not people:
            skilled = [row for row in others if row["skill"]]
            people = [skilled[-1] if skilled else others[1]]
            others = [row for row in others if row is not people[0]]
        for number, row in enumerate([*others[1:], *people[1:]], start=3):
            self._findings.add(row, "resource", "too_many_resources", number=number)
        machines = self._machines(others[0], location) if others else (self._bench(location),)
        if not people:
            return Place(machines)
        row = people[0]
        count = row["quantity"] or Decimal(1)
        return Place(machines, self._skill(row, location, int(count)), int(count))

    def _binds(self, row: Row) -> bool:
        quantity = row["quantity"] if row["quantity"] is not None else Decimal(1)
        resource = self._rows.get(row["resource"])
        if resource is None:
            self._findings.add(row, "resource", "unknown", sheet="resource", error=bool(self._rows))
            return not self._rows
        if quantity != int(quantity) or quantity < 1:
            if quantity:
                self._findings.add(row, "quantity", "part_of_resource")
            return False
        return resource["type"] != "infinite" and resource["constrained"] is not False

    def _leaves(self, name: str) -> Iterable[str]:
        if name not in self._children:
            yield name
        for child in self._children.get(name, ()):
            yield from self._leaves(child)

    def _able(self, row: Row) -> list[str]:
        leaves = list(self._leaves(row["resource"]))
        if not row["skill"]:
            return leaves
        able = [leaf for leaf in leaves if row["skill"] in self._skills.get(leaf, ())]
        if not able:
            self._findings.add(row, "skill", "nobody_can", value=row["resource"])
        return able

    def _machines(self, row: Row, location: str) -> tuple[str, ...]:
        found: list[str] = []
        for leaf in self._able(row):
            if leaf in self.people and leaf not in self._both:
                self._both.add(leaf)
                self._findings.add(row, "resource", "used_both_ways", value=leaf)
            found.extend(self._machine(leaf, location))
        return tuple(found)

    def _machine(self, leaf: str, location: str) -> list[str]:
        row = self._rows.get(leaf)
        count = self._count(row) if row else 1
        names = [leaf if number == 1 else f"{leaf} #{number}" for number in range(1, count + 1)]
        for name in names:
            if name not in self.machines:
                efficiency = (row["efficiency"] if row else None) or Decimal(100)
                calendar = self._calendar_of(row, location)
                self.machines[name] = Machine(name, leaf, calendar=calendar, efficiency=efficiency / 100)
        return names

    def _bench(self, location: str) -> str:
        """Where nothing but opening hours limits the work."""
        name = f"({location or 'no resource'})"
        if name not in self.machines:
            calendar = self._calendar_of(None, location)
            self.machines[name] = Machine(name, name, calendar=calendar, unlimited=True)
        return name

    def _skill(self, row: Row, location: str, count: int) -> str:
        skill = f"{row['resource']}: {row['skill']}" if row["skill"] else row["resource"]
        most = 0
        for leaf in self._able(row):
            known = self._rows.get(leaf)
            if any(machine.group == leaf for machine in self.machines.values()) and leaf not in self._both:
                self._both.add(leaf)
                self._findings.add(row, "resource", "used_both_ways", value=leaf)
            size = self._count(known) if known else 1
            calendar = self._calendar_of(known, location)
            group = self.people.get(leaf) or OperatorGroup(leaf, (skill,), size, calendar)
            if skill not in group.skills:
                group = replace(group, skills=(*group.skills, skill))
            self.people[leaf] = group
            most = max(most, size)
        if most and count > most:
            self._findings.add(row, "quantity", "too_few", most=most)
        return skill

    def _known_type(self, row: Row) -> bool:
        return (row["type"] or "default") in {"default", "infinite"}

    def _count(self, row: Row) -> int:
        """How many pieces of work at once; a calendar of maxima may only say one number, or closed."""
        if row["maximum_calendar"] and row["type"] != "infinite":
            name = row["maximum_calendar"]
            found = calendars.values(
                self._buckets.get(name, ()), self._default.get(name, Decimal(0)), self._now
            )
            sizes = {value for value in found if value > 0}
            if len(sizes) != 1 or any(size != int(size) for size in sizes):
                if self._known_type(row):
                    self._findings.add(row, "maximum_calendar", "calendar_varies", day=_shown(sizes))
                return 1
            return int(sizes.pop())
        return max(1, int(row["maximum"] if row["maximum"] is not None else 1))

    def _calendar_of(self, row: Row | None, location: str) -> str:
        if row is not None and row["maximum_calendar"]:
            return self._known_calendar(row["maximum_calendar"])
        own = row["available"] if row is not None else None
        named = own or self._available.get((row["location"] if row is not None else None) or location)
        return self._known_calendar(named) if named else ALWAYS

    def _known_calendar(self, name: str) -> str:
        if name not in self._hours:
            buckets, default = self._buckets.get(name, []), self._default.get(name, Decimal(0))
            try:
                found = calendars.hours(buckets, default, self._now)
            except calendars.Varies as varies:
                found = calendars.Hours(ROUND_THE_CLOCK, ())
                if row := self._calendar_rows.get(name):
                    self._findings.add(row, "name", "calendar_varies", day=str(varies))
            self._hours[name] = found
        return name

    def calendars(self) -> dict[str, tuple[Shift, ...]]:
        """Return the weekly hours of every calendar in use."""
        used = {machine.calendar for machine in self.machines.values()}
        used |= {group.calendar for group in self.people.values()}
        found = {name: hours.shifts for name, hours in self._hours.items() if name in used}
        return found | ({ALWAYS: ROUND_THE_CLOCK} if ALWAYS in used and ALWAYS not in found else {})

    def closures(self) -> Sequence[Closure]:
        """Return the closed days of each machine."""
        return [
            Closure(start, end, machine.calendar, machine.code)
            for machine in self.machines.values()
            if machine.calendar in self._hours
            for start, end in self._hours[machine.calendar].closed
        ]


def _shown(sizes: Iterable[Decimal]) -> str:
    return ", ".join(f"{size.normalize():f}" for size in sorted(sizes)) or "0"
