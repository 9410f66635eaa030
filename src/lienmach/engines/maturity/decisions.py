"""Where the printed rule of an instrument is silent: named, dated, signed decisions. Nothing hides behind an
else.

A gap without a decision stays open: the result then says "undefined by the rule" and names the gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lienmach.engines.maturity.instrument import Band, InstrumentError, band_from, content_hash

EXACT_BOUND = "G1-exact-10"
FEW_PILLARS = "G2-over20-few-pillars"
CASCADE = "G3-cascade"
RATIO_SCALE = "G4-ratio-scale"
ZERO_DENOMINATOR = "G5-zero-denominator"
UNANSWERED = "G6-unanswered"
PERIOD = "G7-period"
OVER_ONE = "G8-ratio-over-1"
VALIDITY = "G9-validity"

# What a decision may choose. An empty choice list: the decision carries data only.
CHOICES: Mapping[str, tuple[str, ...]] = {
    EXACT_BOUND: ("lower", "higher"),
    FEW_PILLARS: ("level-0",),
    CASCADE: ("highest-with-both",),
    RATIO_SCALE: ("bands",),
    ZERO_DENOMINATOR: ("zero-points",),
    UNANSWERED: ("interval",),
    PERIOD: ("last-closed-months",),
    OVER_ONE: ("reject",),
    VALIDITY: ("none",),
}


@dataclass(frozen=True)
class Decision:
    gap: str
    choice: str
    reason: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class DecisionSet:
    """The decisions a result was made under."""

    id: str
    instrument: str
    decided: date
    by: str
    decisions: Mapping[str, Decision]
    set_hash: str

    def choice(self, gap: str) -> str | None:
        """What was decided; ``None`` while the gap is open."""
        decision = self.decisions.get(gap)
        return None if decision is None else decision.choice

    def ratio_bands(self) -> tuple[Band, ...]:
        decision = self.decisions.get(RATIO_SCALE)
        return () if decision is None else tuple(band_from(one) for one in decision.data["bands"])


def decisions_from(data: Mapping[str, Any]) -> DecisionSet:
    """Read a decision set; unknown gaps and choices are refused, all at once."""
    problems: list[str] = []
    found: dict[str, Decision] = {}
    for gap, one in data["decisions"].items():
        if gap not in CHOICES:
            problems.append(f"No gap is called '{gap}'. Known: {', '.join(CHOICES)}.")
            continue
        if one["choice"] not in CHOICES[gap]:
            problems.append(f"{gap}: '{one['choice']}' is not supported. One of: {', '.join(CHOICES[gap])}.")
        extra = {key: value for key, value in one.items() if key not in ("choice", "reason")}
        found[gap] = Decision(gap, one["choice"], one["reason"], extra)
    if problems:
        raise InstrumentError(problems)
    return DecisionSet(
        data["id"],
        data["instrument"],
        date.fromisoformat(data["decided"]),
        data["by"],
        found,
        content_hash(data),
    )
