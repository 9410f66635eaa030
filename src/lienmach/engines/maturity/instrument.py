"""Maturity instruments as data: sections, criteria, bands and rules, with their source and validity.

Nothing of an instrument stands in code. Bounds are pairs of integers ``[a, b]`` meaning a/b, and shares are
compared by multiplication, because floating point misplaces 60 %.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

KINDS = ("ordinal", "ratio")


class InstrumentError(ValueError):
    """The instrument's data contradicts itself; ``problems`` names every contradiction."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Criterion:
    """One question. Points go from 0 to ``max`` in steps of ``step``."""

    id: str
    pillar: str
    name: Mapping[str, str]
    kind: str
    max: int
    step: int
    numerator: Mapping[str, str] = field(default_factory=dict)
    denominator: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Index:
    id: str
    name: Mapping[str, str]
    max: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Pillar:
    id: str
    name: Mapping[str, str]
    max: int
    indices: tuple[Index, ...]

    def criteria(self) -> Iterator[Criterion]:
        for index in self.indices:
            yield from index.criteria


@dataclass(frozen=True)
class Band:
    """Shares above ``above`` (or from it, when ``closed_below``) up to ``up_to`` (included unless
    ``open_above``).

    ``None`` is no bound on that side.
    """

    level: int
    above: tuple[int, int] | None
    up_to: tuple[int, int] | None
    closed_below: bool = False
    open_above: bool = False

    def holds(self, part: int, whole: int) -> bool:
        if self.above is not None:
            left, right = part * self.above[1], self.above[0] * whole
            if left < right or (left == right and not self.closed_below):
                return False
        if self.up_to is not None:
            left, right = part * self.up_to[1], self.up_to[0] * whole
            if left > right or (left == right and self.open_above):
                return False
        return True


@dataclass(frozen=True)
class OverallRule:
    """Level ``level`` asks for a total above ``total_above`` and ``pillars`` pillars at ``at_level`` or
    higher."""

    level: int
    total_above: int
    pillars: int
    at_level: int


@dataclass(frozen=True)
class Instrument:
    """A questionnaire with its level rules. ``ruleset_hash`` identifies the exact content."""

    id: str
    version: int
    authority: str
    source: str
    valid_from: date
    valid_to: date | None
    max: int
    level_names: Mapping[int, Mapping[str, str]]
    pillars: tuple[Pillar, ...]
    bands: tuple[Band, ...]
    overall: tuple[OverallRule, ...]
    lowest_up_to: int
    ruleset_hash: str

    def criteria(self) -> Iterator[Criterion]:
        for pillar in self.pillars:
            yield from pillar.criteria()

    def criterion(self, id_: str) -> Criterion:
        """The criterion of that id; ``KeyError`` when the instrument has none."""
        for criterion in self.criteria():
            if criterion.id == id_:
                return criterion
        raise KeyError(f"Instrument {self.id} has no criterion {id_}.")


def instrument_from(data: Mapping[str, Any]) -> Instrument:
    """Read an instrument from its data.

    Raises
    ------
    InstrumentError
        With every contradiction: sums that differ, unknown kinds, ids used twice, bands that overlap.
    """
    pillars = tuple(_pillar(one) for one in data["pillars"])
    instrument = Instrument(
        id=data["id"],
        version=data["version"],
        authority=data["authority"],
        source=data["source"],
        valid_from=date.fromisoformat(data["valid_from"]),
        valid_to=date.fromisoformat(data["valid_to"]) if data.get("valid_to") else None,
        max=data["max"],
        level_names={int(level): names for level, names in data["levels"].items()},
        pillars=pillars,
        bands=tuple(band_from(one) for one in data["pillar_bands"]),
        overall=tuple(
            OverallRule(one["level"], one["total_above"], one["pillars"], one["at_level"])
            for one in sorted(data["overall"], key=lambda one: one["level"])
        ),
        lowest_up_to=data["lowest_up_to"],
        ruleset_hash=content_hash(data),
    )
    problems = _problems(instrument)
    if problems:
        raise InstrumentError(problems)
    return instrument


def band_from(data: Mapping[str, Any]) -> Band:
    def bound(name: str) -> tuple[int, int] | None:
        value = data.get(name)
        return None if value is None else (value[0], value[1])

    return Band(
        data["level"],
        bound("above"),
        bound("up_to"),
        data.get("closed_below", False),
        data.get("open_above", False),
    )


def content_hash(data: Mapping[str, Any]) -> str:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _pillar(data: Mapping[str, Any]) -> Pillar:
    return Pillar(
        data["id"],
        data["name"],
        data["max"],
        tuple(
            Index(
                index["id"],
                index["name"],
                index["max"],
                tuple(_criterion(one, data["id"]) for one in index["criteria"]),
            )
            for index in data["indices"]
        ),
    )


def _criterion(data: Mapping[str, Any], pillar: str) -> Criterion:
    return Criterion(
        data["id"],
        pillar,
        data["name"],
        data["kind"],
        data["max"],
        data.get("step", 1),
        data.get("numerator", {}),
        data.get("denominator", {}),
    )


def _problems(instrument: Instrument) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    if sum(pillar.max for pillar in instrument.pillars) != instrument.max:
        found.append(f"The pillars' maxima do not add up to {instrument.max}.")
    for pillar in instrument.pillars:
        if sum(index.max for index in pillar.indices) != pillar.max:
            found.append(f"Pillar {pillar.id}: its indices do not add up to {pillar.max}.")
        for index in pillar.indices:
            if sum(one.max for one in index.criteria) != index.max:
                found.append(f"Index {index.id}: its criteria do not add up to {index.max}.")
    for criterion in instrument.criteria():
        if criterion.id in seen:
            found.append(f"Criterion {criterion.id} appears twice.")
        seen.add(criterion.id)
        if criterion.kind not in KINDS:
            found.append(f"Criterion {criterion.id}: kind '{criterion.kind}' is not yet supported.")
        if criterion.step <= 0 or criterion.max % criterion.step:
            found.append(f"Criterion {criterion.id}: steps of {criterion.step} do not reach {criterion.max}.")
    for pillar in instrument.pillars:
        for points in range(pillar.max + 1):
            levels = [band.level for band in instrument.bands if band.holds(points, pillar.max)]
            if len(levels) > 1:
                found.append(f"Pillar {pillar.id}: {points} points fall into levels {levels}.")
    levels = [rule.level for rule in instrument.overall]
    if len(set(levels)) != len(levels):
        found.append("Two overall rules give the same level.")
    return found
