"""The instruments, gap decisions and evidence rules that ship with the app."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lienmach.engines.maturity import DecisionSet, Instrument, decisions_from, instrument_from

INSTRUMENT = "dbi-sme-2021"


@dataclass(frozen=True)
class Step:
    """Points that are reached when each type of event happened so often, in the window or in each month of
    it."""

    points: int
    needs: Mapping[str, int]
    each_month: bool
    words: Mapping[str, str]


@dataclass(frozen=True)
class EvidenceRule:
    """Which events fill a criterion. A step counts only when every step below it holds too."""

    id: str
    version: int
    criterion: str
    window_months: int
    reason: Mapping[str, str]
    steps: tuple[Step, ...]

    def event_types(self) -> frozenset[str]:
        """Return the types of event the rule looks at."""
        return frozenset(name for step in self.steps for name in step.needs)


@lru_cache(maxsize=1)
def instrument() -> Instrument:
    """Return the instrument in use."""
    return instrument_from(_read(f"{INSTRUMENT}.json"))


@lru_cache(maxsize=1)
def decisions() -> DecisionSet:
    """Return what the project decided where the instrument's rule is silent."""
    return decisions_from(_read("decisions-2026.json"))


@lru_cache(maxsize=1)
def evidence_rules() -> tuple[EvidenceRule, ...]:
    """Return the rules by which events fill criteria of the instrument."""
    found = []
    for one in _read("evidence-2026.json")["rules"]:
        if one["instrument"] != INSTRUMENT:
            continue
        criterion = instrument().criterion(one["criterion"])
        steps = tuple(
            Step(step["points"], step["needs"], step.get("each_month", False), step["words"])
            for step in one["steps"]
        )
        if any(step.points > criterion.max for step in steps):
            raise ValueError(
                f"Evidence rule {one['id']} gives more points than criterion {criterion.id} has."
            )
        found.append(
            EvidenceRule(one["id"], one["version"], criterion.id, one["window_months"], one["reason"], steps)
        )
    return tuple(found)


def _read(name: str) -> dict[str, Any]:
    text = files("lienmach.apps.maturity").joinpath("instruments", name).read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
