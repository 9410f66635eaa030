"""The administrative units that travel with the program: two small tables, written by
`tools/places_data.py`."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

SOURCE = "units 2021-11 to 2026-04; map of 1 July 2025"
REFORM = date(2025, 7, 1)
LEVELS = {"P": "province", "D": "district", "W": "commune"}


@dataclass(frozen=True)
class SourceUnit:
    """One interval of a unit as the table gives it, with identities in place of codes."""

    unit: str
    level: str
    code: str
    name: str
    parent: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class SourceSuccession:
    """One edge of the map of 1 July 2025."""

    from_unit: str
    to_unit: str
    relation: str


def unit_id(level: str, code: str, opened: date) -> str:
    """Return the identity of a unit: the same for ever, and without meaning for a reader.

    It is derived from level, first code and first day, so that independent installations agree.
    """
    return hashlib.sha256(f"{level}:{code}:{opened.isoformat()}".encode()).hexdigest()[:12]


def read_units() -> list[SourceUnit]:
    """Return every interval, its parent resolved to the unit that bore the parent's code on its first day."""
    rows = list(_rows("units.csv.gz"))
    bearers: dict[str, list[tuple[date, date | None, str]]] = {}
    for row in rows:
        bearers.setdefault(row["unit"], []).append((_day(row["from"]), _end(row["to"]), _identity(row)))

    def bearer(code: str, on: date) -> str:
        return next(unit for start, end, unit in bearers[code] if start <= on and (end is None or on < end))

    return [
        SourceUnit(
            unit=_identity(row),
            level=LEVELS[row["unit"][0]],
            code=row["unit"][1:],
            name=row["name"],
            parent=bearer(row["parent"], _day(row["from"])) if row["parent"] else "",
            valid_from=_day(row["from"]),
            valid_to=_end(row["to"]),
        )
        for row in rows
    ]


def read_successions() -> list[SourceSuccession]:
    """Return the edges between different units; a unit that went on unchanged has none."""
    before, after = {}, {}
    for row in _rows("units.csv.gz"):
        start, end = _day(row["from"]), _end(row["to"])
        if start < REFORM and (end is None or end >= REFORM):
            before[row["unit"]] = _identity(row)
        if start <= REFORM and (end is None or end > REFORM):
            after[row["unit"]] = _identity(row)
    edges = [
        SourceSuccession(before[row["from"]], after[row["to"]], row["relation"])
        for row in _rows("successions.csv.gz")
    ]
    return [edge for edge in edges if edge.from_unit != edge.to_unit]


def _rows(name: str) -> Iterator[dict[str, str]]:
    packed = files("lienmach.kernel.places").joinpath("data", name).read_bytes()
    return csv.DictReader(gzip.decompress(packed).decode().splitlines())


def _identity(row: dict[str, str]) -> str:
    return unit_id(LEVELS[row["unit"][0]], row["unit"][1:], _day(row["opened"]))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _end(text: str) -> date | None:
    return _day(text) if text else None
