"""Changes to places: loading the units, and saying where a location lies."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lienmach.kernel.i18n.fold import fold
from lienmach.kernel.ids import uuid7
from lienmach.kernel.places import queries
from lienmach.kernel.places.models import Location, LocationUnit, UnitSuccession, UnitVersion
from lienmach.kernel.places.source import REFORM, SOURCE, read_successions, read_units
from lienmach.kernel.scope import Scope, SystemScope


@dataclass(frozen=True)
class Loaded:
    """What a load found: rows in the table now, and how many of them are new."""

    versions: int
    successions: int
    added: int


class PlaceChanged(ValueError):
    """The stored units and the shipped table disagree about the past, which is never rewritten silently."""


def places_load(scope: SystemScope) -> Loaded:
    """Load the units that travel with the program. Loading twice changes nothing.

    Raises
    ------
    PlaceChanged
        When a stored interval differs from the shipped one in more than its end: units are never rewritten.
    """
    found = read_units()
    edges = read_successions()
    with transaction.atomic():
        stored = {(row.unit, row.valid_from): row for row in UnitVersion.objects.all()}
        fresh, closed = [], []
        for unit in found:
            row = stored.get((unit.unit, unit.valid_from))
            if row is None:
                fresh.append(
                    UnitVersion(
                        unit=unit.unit,
                        level=unit.level,
                        code=unit.code,
                        name=unit.name,
                        folded=fold(unit.name),
                        parent=unit.parent,
                        valid_from=unit.valid_from,
                        valid_to=unit.valid_to,
                        source=SOURCE,
                    )
                )
            elif (row.level, row.code, row.name, row.parent) != (
                unit.level,
                unit.code,
                unit.name,
                unit.parent,
            ):
                raise PlaceChanged(
                    f"{row.level} {row.code} from {row.valid_from}: stored as {row.name!r}, shipped as "
                    f"{unit.name!r}. Keep the stored history; correct the shipped table."
                )
            elif row.valid_to is None and unit.valid_to is not None:
                row.valid_to = unit.valid_to
                closed.append(row)
        UnitVersion.objects.bulk_create(fresh, batch_size=500)
        UnitVersion.objects.bulk_update(closed, ["valid_to"], batch_size=500)
        known = set(UnitSuccession.objects.values_list("from_unit", "to_unit"))
        UnitSuccession.objects.bulk_create(
            [
                UnitSuccession(
                    from_unit=edge.from_unit,
                    to_unit=edge.to_unit,
                    effective=REFORM,
                    relation=edge.relation,
                    source=SOURCE,
                )
                for edge in edges
                if (edge.from_unit, edge.to_unit) not in known
            ],
            batch_size=500,
        )
    return Loaded(len(found), len(edges), len(fresh))


def location_create(scope: Scope, *, unit: str, on: date, at: datetime) -> UUID:
    """Make a location that lies in `unit` from day `on`; return its identity.

    Raises
    ------
    queries.NoSuchUnit
        When the unit does not exist on that day.
    """
    queries.unit_get(scope, unit=unit, at=on)
    with transaction.atomic():
        location = Location.objects.create(id=uuid7(at), created_at=at)
        LocationUnit.objects.create(location=location, unit=unit, valid_from=on, recorded_at=at)
    return location.id


def locations_create(scope: Scope, *, units: list[str], on: date, at: datetime) -> list[UUID]:
    """Make one location per unit, all from day `on`, in two statements; for imports.

    Raises
    ------
    queries.NoSuchUnit
        When one of the units does not exist on that day; nothing is made then.
    """
    for unit in sorted(set(units)):
        queries.unit_get(scope, unit=unit, at=on)
    made = [Location(id=uuid7(at), created_at=at) for _ in units]
    with transaction.atomic():
        Location.objects.bulk_create(made, batch_size=500)
        LocationUnit.objects.bulk_create(
            [
                LocationUnit(location=location, unit=unit, valid_from=on, recorded_at=at)
                for location, unit in zip(made, units, strict=True)
            ],
            batch_size=500,
        )
    return [location.id for location in made]
