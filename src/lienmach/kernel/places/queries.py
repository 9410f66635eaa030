"""Reading places: units by identity, by code at a date, by name; what is above and below; what came of them.

Administrative units are public facts: every scope may read them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import Q, QuerySet

from lienmach.engines.geography import (
    Atlas,
    Change,
    FlatMembership,
    Interval,
    Membership,
    Parent,
    Relation,
    carry,
    flatten,
)
from lienmach.engines.geography import UnitVersion as Version
from lienmach.kernel.i18n.fold import fold
from lienmach.kernel.places.models import LocationUnit, UnitSuccession, UnitVersion
from lienmach.kernel.scope import Scope

LEVELS = ("province", "district", "commune")
COUNTRY = "country"

# The words of an official name that people leave out when they search.
_KINDS = re.compile(r"^(thanh pho|tinh|quan|huyen|thi xa|thi tran|phuong|xa|dac khu)\s+")
_SHORT = {"tp": "thanh pho", "tx": "thi xa", "tt": "thi tran", "p": "phuong", "q": "quan", "h": "huyen"}


class NoSuchUnit(LookupError):
    """There is no such unit on that day."""


class AmbiguousUnit(LookupError):
    """Several units answer to the name; `candidates` holds them."""

    def __init__(self, text: str, candidates: Sequence["Unit"]) -> None:
        names = "; ".join(unit.full_name for unit in candidates[:5])
        super().__init__(f"{text!r} may be {names}. Write it with its province.")
        self.candidates = tuple(candidates)


@dataclass(frozen=True)
class Unit:
    """A unit as it was on a day, with the names above it (nearest first)."""

    id: str
    level: str
    code: str
    name: str
    parent: str
    valid_from: date
    valid_to: date | None
    above: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """The name with the names above it."""
        return ", ".join((self.name, *self.above))


@dataclass(frozen=True)
class Successor:
    """Where a unit's territory came from or went to."""

    unit: Unit
    effective: date
    relation: str


def unit_get(scope: Scope, *, unit: str, at: date) -> Unit:
    """Return a unit as it was on day `at`, or raise `NoSuchUnit`."""
    row = _on(at).filter(unit=unit).first()
    if row is None:
        raise NoSuchUnit(f"There is no administrative unit {unit!r} on {at}.")
    return _units([row], at)[0]


def unit_with_code(scope: Scope, *, code: str, level: str, at: date) -> Unit:
    """Return the unit that bore an official code on day `at`. A code means nothing without its day."""
    row = _on(at).filter(level=level, code=code).first()
    if row is None:
        raise NoSuchUnit(f"No {level} bore the code {code!r} on {at}.")
    return _units([row], at)[0]


def units_named(scope: Scope, *, units: Iterable[str], at: date) -> dict[str, Unit]:
    """Return those of `units` that existed on day `at`, by identity."""
    return {unit.id: unit for unit in _units(list(_on(at).filter(unit__in=set(units))), at)}


def unit_latest(scope: Scope, *, unit: str) -> Unit:
    """Return a unit as it was last known, existing or not, or raise `NoSuchUnit`."""
    row = UnitVersion.objects.filter(unit=unit).order_by("-valid_from").first()
    if row is None:
        raise NoSuchUnit(f"There is no administrative unit {unit!r}.")
    return _units([row], row.valid_from)[0]


def unit_search(scope: Scope, *, text: str, at: date, level: str = "", limit: int = 20) -> list[Unit]:
    """Return the units whose name holds `text` on day `at`, however its marks are written.

    Words after a comma narrow by the names above: `Tân An, Tây Ninh`.
    """
    first, *above = [_key(part) for part in text.split(",")]
    if not first:
        return []
    rows = _on(at).filter(folded__contains=first)
    if level:
        rows = rows.filter(level=level)
    found = _units(list(rows.order_by("folded", "code")[:1000]), at)
    found = [unit for unit in found if all(any(word in fold(name) for name in unit.above) for word in above)]
    found.sort(key=lambda unit: (_bare(unit.name) != _bare(text.split(",")[0]), LEVELS.index(unit.level)))
    return found[:limit]


def unit_resolve(scope: Scope, *, text: str, at: date, level: str, province: str = "") -> Unit:
    """Return the one unit of a level that `text` names on day `at`: by code, or by name and province.

    Raises
    ------
    NoSuchUnit, AmbiguousUnit
        Nothing is guessed: without exactly one candidate the caller must ask.
    """
    plain = text.strip()
    if plain.isdigit():
        width = {"province": 2, "district": 3, "commune": 5}[level]
        return unit_with_code(scope, code=plain.zfill(width), level=level, at=at)
    wanted = f"{plain}, {province}" if province else plain
    found = unit_search(scope, text=wanted, at=at, level=level, limit=1000)
    exact = [unit for unit in found if _bare(unit.name) == _bare(plain.split(",")[0])]
    whole = [unit for unit in exact if fold(unit.name) == _key(plain.split(",")[0])]
    for candidates in (whole, exact):
        if len(candidates) == 1:
            return candidates[0]
    if exact:
        raise AmbiguousUnit(text, whole or exact)
    raise NoSuchUnit(f"No {level} is called {wanted!r} on {at}.")


def units_now(scope: Scope, *, units: Iterable[str], at: date) -> dict[str, Unit]:
    """Return what became of `units` by day `at`, as far as it is certain: themselves, or whole successors.

    A unit that was split has no single successor and is left out.
    """
    now = {unit: unit for unit in set(units)}
    while True:
        here = units_named(scope, units=now.values(), at=at)
        gone = {unit for unit in now.values() if unit not in here}
        onward: dict[str, list[UnitSuccession]] = {}
        for row in UnitSuccession.objects.filter(from_unit__in=gone, effective__lte=at):
            onward.setdefault(row.from_unit, []).append(row)
        steps = {
            unit: rows[0].to_unit
            for unit, rows in onward.items()
            if len(rows) == 1 and rows[0].relation == Relation.WHOLE
        }
        if not steps:
            return {unit: here[last] for unit, last in now.items() if last in here}
        now = {unit: steps.get(last, last) for unit, last in now.items()}


def unit_children(scope: Scope, *, unit: str, at: date) -> list[Unit]:
    """Return the units right below `unit` on day `at`, by code; the provinces for an empty `unit`."""
    return _units(list(_on(at).filter(parent=unit).order_by("code")), at)


def units_below(scope: Scope, *, unit: str, at: date) -> frozenset[str]:
    """Return the identities of `unit` and of everything below it on day `at`."""
    found, layer = {unit}, {unit}
    while layer:
        layer = set(_on(at).filter(parent__in=layer).values_list("unit", flat=True)) - found
        found |= layer
    return frozenset(found)


def units_of_area(scope: Scope, *, unit: str, at: date) -> frozenset[str]:
    """Return `units_below` on day `at` and every earlier unit whose whole territory lies in them.

    What was recorded under a former unit belongs to the area without doubt only then.
    """
    found = set(units_below(scope, unit=unit, at=at))
    while True:
        candidates = set(
            UnitSuccession.objects.filter(to_unit__in=found, effective__lte=at)
            .exclude(from_unit__in=found)
            .values_list("from_unit", flat=True)
        )
        leaving = set(
            UnitSuccession.objects.filter(from_unit__in=candidates, effective__lte=at)
            .exclude(to_unit__in=found)
            .values_list("from_unit", flat=True)
        )
        inside = candidates - leaving
        if not inside:
            return frozenset(found)
        found |= inside


def unit_versions(scope: Scope, *, unit: str) -> list[Unit]:
    """Return every interval of a unit, oldest first."""
    rows = UnitVersion.objects.filter(unit=unit).order_by("valid_from")
    return [found for row in rows for found in _units([row], row.valid_from)]


def unit_successors(scope: Scope, *, unit: str) -> list[Successor]:
    """Return the units that its territory went to; several when it was split."""
    rows = UnitSuccession.objects.filter(from_unit=unit).order_by("to_unit")
    units = {row.to_unit: unit_get(scope, unit=row.to_unit, at=row.effective) for row in rows}
    return [Successor(units[row.to_unit], row.effective, row.relation) for row in rows]


def unit_predecessors(scope: Scope, *, unit: str) -> list[Successor]:
    """Return the units that its territory came from."""
    rows = UnitSuccession.objects.filter(to_unit=unit).order_by("from_unit")
    return [Successor(unit_latest(scope, unit=row.from_unit), row.effective, row.relation) for row in rows]


def location_unit(scope: Scope, *, location: UUID, at: date) -> str:
    """Return the unit a location lies in on day `at`; empty when that is not known."""
    rows = LocationUnit.objects.filter(location_id=location, withdrawn_at=None, valid_from__lte=at)
    row = rows.filter(Q(valid_to=None) | Q(valid_to__gt=at)).first()
    return "" if row is None else row.unit


def atlas(scope: Scope) -> Atlas:
    """Return every map there was, for the geography engine. Kept in memory until units are loaded."""
    count = UnitVersion.objects.count()
    latest = UnitVersion.objects.order_by("-id").values_list("id", flat=True).first()
    return _atlas(count, latest)


def location_memberships(
    scope: Scope, *, levels: Sequence[str], known_before: datetime
) -> list[FlatMembership]:
    """Return where every location lies at each level and on which days, as known before an instant.

    Changes of the map are carried along as far as they decide; the rest stays unallocated.
    """
    rows = LocationUnit.objects.filter(recorded_at__lt=known_before).filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gte=known_before)
    )
    changes = [
        Change(row.source, row.effective, row.from_unit, row.to_unit, Relation(row.relation))
        for row in UnitSuccession.objects.all()
    ]
    maps = atlas(scope)
    members = [
        Membership(str(row.location_id), row.unit, Interval(row.valid_from, row.valid_to))
        for row in rows.iterator(chunk_size=2000)
    ]
    return flatten(carry(members, changes, maps), maps, levels=levels)


@lru_cache(maxsize=1)
def _atlas(count: int, latest: int | None) -> Atlas:
    versions, parents = [], []
    for row in UnitVersion.objects.all():
        days = Interval(row.valid_from, row.valid_to)
        versions.append(Version(row.unit, row.level, row.code, row.name, days))
        if row.parent:
            parents.append(Parent(row.unit, row.parent, days))
    return Atlas(versions, parents)


def _on(day: date) -> "QuerySet[UnitVersion]":
    return UnitVersion.objects.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gt=day))


def _units(rows: Sequence[UnitVersion], at: date) -> list[Unit]:
    """Units with the names above them, in at most three more queries however many they are."""
    above: dict[str, UnitVersion] = {}
    layer = {row.parent for row in rows if row.parent}
    while layer:
        found = {row.unit: row for row in _on(at).filter(unit__in=layer)}
        above.update(found)
        layer = {row.parent for row in found.values() if row.parent} - above.keys()

    def names(parent: str) -> tuple[str, ...]:
        row = above.get(parent)
        return () if row is None else (row.name, *names(row.parent))

    return [
        Unit(
            id=row.unit,
            level=row.level,
            code=row.code,
            name=row.name,
            parent=row.parent,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            above=names(row.parent),
        )
        for row in rows
    ]


def _key(text: str) -> str:
    """A name as people type it, folded, with the usual abbreviations written out."""
    folded = fold(text.replace(".", ". "))
    first, _space, rest = folded.partition(" ")
    if first.endswith(".") and first[:-1] in _SHORT:
        return f"{_SHORT[first[:-1]]} {rest}".strip()
    if first == "tp" or (first in _SHORT and rest[:1].isdigit()):
        return f"{_SHORT[first]} {rest}".strip()
    return re.sub(r"\. ?", " ", folded).strip() if "." in folded else folded


def _bare(text: str) -> str:
    """A folded name without its kind of unit and without leading zeros: `Phường 09` is `9`."""
    bare = _KINDS.sub("", _key(text))
    return bare.lstrip("0") or bare if bare.isdigit() else bare
