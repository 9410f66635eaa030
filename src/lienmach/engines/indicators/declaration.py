"""Declared indicators: data that says what is counted, checked as a whole before anything runs.

A declaration holds no SQL and no Python, reads no clock and approximates nothing. Supported kinds are
``count`` and ``ratio``; the others of the vocabulary are refused by name until they are computed exactly.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lienmach.engines.indicators.filters import Filter, read_filters
from lienmach.engines.indicators.locate import line_of
from lienmach.engines.indicators.problems import DeclarationError, Problem
from lienmach.engines.indicators.schema import NUMERIC, EventSchema

KINDS = ("count", "ratio")
LATER_KINDS = ("sum", "distinct", "quantile", "state_share", "duration", "cumulative")
ADDITIVE = ("count", "sum")
NOT_ADDITIVE = ("distinct", "quantile", "median", "state", "mean", "average")
DIMENSIONS = ("place", "period")
LATER_DIMENSIONS = ("sector", "size")
UNITS = ("percent", "number")
DIRECTIONS = ("up", "down", "none")

_KEYS = {
    "indicator": str,
    "version": int,
    "title": dict,
    "kind": str,
    "unit": str,
    "direction": str,
    "entity": str,
    "dimensions": list,
    "valid": dict,
    "basis": dict,
    "numerator": dict,
    "denominator": dict,
}
_OPTIONAL = {"denominator", "note"}
_MEASURE_KEYS = {"event", "agg", "field", "where"}


@dataclass(frozen=True)
class Measure:
    """An aggregate over the events of one type, placed by those events' own time and log."""

    event: str
    agg: str
    field: str | None
    where: Filter


@dataclass(frozen=True)
class Indicator:
    """A checked declaration. ``content_hash`` identifies the rule; the same id and version never differ in
    it."""

    id: str
    version: int
    title: Mapping[str, str] = field(compare=False)
    kind: str
    unit: str
    direction: str
    entity: str
    valid_from: date
    valid_to: date | None
    basis: Mapping[str, str] = field(compare=False)
    numerator: Measure
    denominator: Measure | None
    content_hash: str

    def event_types(self) -> frozenset[str]:
        measures = [self.numerator] if self.denominator is None else [self.numerator, self.denominator]
        return frozenset(measure.event for measure in measures)


def load(
    sources: Mapping[str, str],
    schemas: Iterable[EventSchema],
    *,
    known_hashes: Mapping[tuple[str, int], str] | None = None,
) -> list[Indicator]:
    """Read declarations.

    Parameters
    ----------
    sources
        TOML text by file name; the name is used in messages only.
    schemas
        Every registered event type.
    known_hashes
        Content hash of each (id, version) already in use.

    Raises
    ------
    DeclarationError
        With every problem of every file.
    """
    by_type = {schema.type: schema for schema in schemas}
    seen = dict(known_hashes or {})
    found: list[Indicator] = []
    problems: list[Problem] = []
    for file, text in sorted(sources.items()):
        reader = _Reader(file, text, by_type)
        indicator = reader.read()
        if indicator is not None:
            key = (indicator.id, indicator.version)
            if seen.setdefault(key, indicator.content_hash) != indicator.content_hash:
                reader.refuse(
                    "version",
                    f"{indicator.id} version {indicator.version} exists with another content.",
                    "Give the changed rule the next version number.",
                )
            found.append(indicator)
        problems += reader.problems
    if problems:
        raise DeclarationError(problems)
    return found


class _Reader:
    """Reads one file and collects everything that is wrong with it."""

    def __init__(self, file: str, text: str, schemas: Mapping[str, EventSchema]) -> None:
        self.file, self.text, self.schemas = file, text, schemas
        self.problems: list[Problem] = []

    def refuse(self, path: str, reason: str, remedy: str = "") -> None:
        self.problems.append(Problem(self.file, line_of(self.text, path), path, reason, remedy))

    def read(self) -> Indicator | None:
        try:
            data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            self.problems.append(Problem(self.file, 0, "file", f"not TOML: {error}.", ""))
            return None
        self._keys(data)
        self._choices(data)
        numerator = self._measure(data, "numerator")
        denominator = self._measure(data, "denominator") if "denominator" in data else None
        self._parts(data, denominator)
        valid_from, valid_to = self._valid(data)
        if self.problems or numerator is None or valid_from is None:
            return None
        return Indicator(
            id=data["indicator"],
            version=data["version"],
            title=data["title"],
            kind=data["kind"],
            unit=data["unit"],
            direction=data["direction"],
            entity=data["entity"],
            valid_from=valid_from,
            valid_to=valid_to,
            basis=data["basis"],
            numerator=numerator,
            denominator=denominator,
            content_hash=_hash(data),
        )

    def _keys(self, data: Mapping[str, Any]) -> None:
        for key in data:
            if key not in _KEYS and key not in _OPTIONAL:
                self.refuse(key, f"unknown key '{key}'.", f"Known keys: {', '.join(sorted(_KEYS))}, note.")
        for key, kind in _KEYS.items():
            if key not in data:
                if key not in _OPTIONAL:
                    self.refuse(key, "is missing.", f"Add {key}.")
            elif not isinstance(data[key], kind) or isinstance(data[key], bool):
                self.refuse(key, f"must be {_KIND_NAMES[kind]}.")
        for name in ("title", "basis"):
            words = data.get(name)
            if not isinstance(words, dict):
                continue
            for language in ("vi", "en"):
                if not isinstance(words.get(language), str) or not words[language].strip():
                    self.refuse(f"{name}.{language}", "is missing.", f"Write the {name} in vi and en.")

    def _choices(self, data: Mapping[str, Any]) -> None:
        kind = data.get("kind")
        if kind in LATER_KINDS:
            self.refuse("kind", f"'{kind}' is not yet supported.", f"Supported: {', '.join(KINDS)}.")
        elif isinstance(kind, str) and kind not in KINDS:
            self.refuse("kind", f"unknown kind '{kind}'.", f"Supported: {', '.join(KINDS)}.")
        for key, allowed in (("unit", UNITS), ("direction", DIRECTIONS), ("entity", ("enterprise",))):
            if isinstance(data.get(key), str) and data[key] not in allowed:
                self.refuse(key, f"unknown {key} '{data[key]}'.", f"One of: {', '.join(allowed)}.")
        dimensions = data.get("dimensions")
        for name in dimensions if isinstance(dimensions, list) else []:
            if name in LATER_DIMENSIONS:
                self.refuse("dimensions", f"'{name}' is not yet supported.")
            elif name not in DIMENSIONS:
                self.refuse("dimensions", f"unknown dimension '{name}'.", f"Known: {', '.join(DIMENSIONS)}.")

    def _parts(self, data: Mapping[str, Any], denominator: Measure | None) -> None:
        kind = data.get("kind")
        if kind == "ratio" and "denominator" not in data:
            self.refuse("denominator", "a ratio needs a denominator.", "Add a [denominator] table.")
        if kind == "count" and "denominator" in data:
            self.refuse("denominator", "a count has no denominator.", "Remove it or declare a ratio.")
        if kind == "count" and data.get("unit") == "percent":
            self.refuse("unit", "a count is not a percentage.", "Use unit = 'number'.")

    def _valid(self, data: Mapping[str, Any]) -> tuple[date | None, date | None]:
        valid = data.get("valid")
        if not isinstance(valid, dict):
            return None, None
        for key in valid:
            if key not in ("from", "to"):
                self.refuse(f"valid.{key}", f"unknown key '{key}'.", "Known: from, to (exclusive).")
        start, end = valid.get("from"), valid.get("to")
        if type(start) is not date:
            self.refuse("valid.from", "must be a date.", "Write it as 2025-01-01, without quotes.")
            return None, None
        if end is not None and (type(end) is not date or end <= start):
            self.refuse("valid.to", "must be a date after valid.from.")
            return None, None
        return start, end

    def _measure(self, data: Mapping[str, Any], part: str) -> Measure | None:
        table = data.get(part)
        if not isinstance(table, dict):
            return None
        before = len(self.problems)
        for key in table:
            if key not in _MEASURE_KEYS:
                self.refuse(
                    f"{part}.{key}", f"unknown key '{key}'.", f"Known: {', '.join(sorted(_MEASURE_KEYS))}."
                )
        schema = self.schemas.get(str(table.get("event")))
        if schema is None:
            self.refuse(
                f"{part}.event",
                f"no event type '{table.get('event')}' is registered.",
                f"Registered: {', '.join(sorted(self.schemas)) or 'none'}.",
            )
        self._aggregate(table, part, schema)
        where = Filter.everything()
        if schema is not None:
            where = read_filters(table.get("where", []), f"{part}.where", schema, self.refuse)
        if len(self.problems) > before or schema is None:
            return None
        return Measure(schema.type, table["agg"], table.get("field"), where)

    def _aggregate(self, table: Mapping[str, Any], part: str, schema: EventSchema | None) -> None:
        agg = table.get("agg")
        if agg in NOT_ADDITIVE:
            self.refuse(
                f"{part}.agg",
                f"'{agg}' is not additive; a ratio is a pair of additive parts, divided last.",
                f"Use one of: {', '.join(ADDITIVE)}.",
            )
        elif agg not in ADDITIVE:
            self.refuse(f"{part}.agg", f"unknown aggregate '{agg}'.", f"One of: {', '.join(ADDITIVE)}.")
        if agg == "count" and "field" in table:
            self.refuse(f"{part}.field", "a count has no field.", "Remove it.")
        if agg == "sum" and schema is not None:
            name = table.get("field")
            kind = schema.type_of(str(name)) if name is not None else None
            if kind not in NUMERIC:
                self.refuse(f"{part}.field", f"a sum needs a numeric field; '{name}' is {kind or 'unknown'}.")


_KIND_NAMES = {str: "text", int: "a whole number", dict: "a table", list: "a list"}


def _hash(data: Mapping[str, Any]) -> str:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
