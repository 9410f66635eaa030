"""From scores to levels, as intervals while answers are missing.

Levels are conjunctive: a total and a number of pillars. They are never an average. Every outcome that the
printed rule does not give is reached through a named gap decision, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lienmach.engines.maturity.answers import Score
from lienmach.engines.maturity.decisions import CASCADE, EXACT_BOUND, FEW_PILLARS, UNANSWERED, DecisionSet
from lienmach.engines.maturity.instrument import Instrument


@dataclass(frozen=True)
class Level:
    """One outcome of the rule. ``value`` is ``None`` when the rule leaves it undefined; ``gaps`` were
    used."""

    value: int | None
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Possible:
    """The outcomes still possible: equal ends mean that it is settled."""

    low: Level
    high: Level

    @property
    def settled(self) -> bool:
        return self.low.value == self.high.value and self.low.value is not None


@dataclass(frozen=True)
class PillarResult:
    pillar: str
    max: int
    low_points: int
    high_points: int
    level: Possible


@dataclass(frozen=True)
class Result:
    """A scored assessment, with what is needed to repeat it bit for bit."""

    instrument: str
    instrument_version: int
    ruleset_hash: str
    decision_set: str
    decisions_hash: str
    pillars: tuple[PillarResult, ...]
    low_points: int
    high_points: int
    level: Possible
    answered: int
    criteria: int
    evidence: tuple[str, ...]


def pillar_level(instrument: Instrument, decisions: DecisionSet, *, points: int, maximum: int) -> Level:
    """The level of a pillar by its share of its maximum."""
    held = [band.level for band in instrument.bands if band.holds(points, maximum)]
    if held:
        return Level(held[0])
    choice = decisions.choice(EXACT_BOUND)
    if choice is None:
        return Level(None, (EXACT_BOUND,))
    below = [
        band.level
        for band in instrument.bands
        if band.up_to is not None and points * band.up_to[1] >= band.up_to[0] * maximum
    ]
    lower = max(below, default=min(band.level for band in instrument.bands))
    return Level(lower if choice == "lower" else lower + 1, (EXACT_BOUND,))


def overall_level(
    instrument: Instrument, decisions: DecisionSet, *, total: int, pillar_levels: Mapping[str, Level]
) -> Level:
    """The overall level: the highest whose two conditions both hold, gaps named where that is a decision."""
    if any(level.value is None for level in pillar_levels.values()):
        return Level(None, (EXACT_BOUND,))
    pillar_gaps = tuple(sorted({gap for level in pillar_levels.values() for gap in level.gaps}))
    if total <= instrument.lowest_up_to:
        return Level(0, pillar_gaps)
    reached = [rule for rule in instrument.overall if total > rule.total_above]
    both = [
        rule
        for rule in reached
        if sum((level.value or 0) >= rule.at_level for level in pillar_levels.values()) >= rule.pillars
    ]
    if both and both[-1] is reached[-1]:
        return Level(both[-1].level, pillar_gaps)
    gap = CASCADE if both else FEW_PILLARS
    if decisions.choice(gap) is None:
        return Level(None, (*pillar_gaps, gap))
    return Level(both[-1].level if both else 0, (*pillar_gaps, gap))


def assess(instrument: Instrument, decisions: DecisionSet, scores: Mapping[str, Score]) -> Result:
    """Score an assessment.

    Parameters
    ----------
    scores
        The settled score of each answered criterion.

    Returns
    -------
    Result
        With intervals: missing answers count as 0 at the low end and as their maximum at the high end. Points
        and levels only rise with points, so the true outcome lies between.
    """
    if decisions.instrument != instrument.id:
        raise ValueError(
            f"Decision set {decisions.id} belongs to {decisions.instrument}, not {instrument.id}."
        )
    unknown = set(scores) - {criterion.id for criterion in instrument.criteria()}
    if unknown:
        raise KeyError(f"Instrument {instrument.id} has no criteria {', '.join(sorted(unknown))}.")
    pillars: list[PillarResult] = []
    for pillar in instrument.pillars:
        low = high = 0
        for criterion in pillar.criteria():
            score = scores.get(criterion.id)
            points = None if score is None else score.points
            low += 0 if points is None else points
            high += criterion.max if points is None else points
        level = Possible(
            pillar_level(instrument, decisions, points=low, maximum=pillar.max),
            pillar_level(instrument, decisions, points=high, maximum=pillar.max),
        )
        pillars.append(PillarResult(pillar.id, pillar.max, low, high, level))
    low_total = sum(pillar.low_points for pillar in pillars)
    high_total = sum(pillar.high_points for pillar in pillars)
    low_level = overall_level(
        instrument,
        decisions,
        total=low_total,
        pillar_levels={pillar.pillar: pillar.level.low for pillar in pillars},
    )
    high_level = overall_level(
        instrument,
        decisions,
        total=high_total,
        pillar_levels={pillar.pillar: pillar.level.high for pillar in pillars},
    )
    answered = sum(score.points is not None for score in scores.values())
    if low_total != high_total:
        low_level = Level(low_level.value, (*low_level.gaps, UNANSWERED))
        high_level = Level(high_level.value, (*high_level.gaps, UNANSWERED))
    return Result(
        instrument=instrument.id,
        instrument_version=instrument.version,
        ruleset_hash=instrument.ruleset_hash,
        decision_set=decisions.id,
        decisions_hash=decisions.set_hash,
        pillars=tuple(pillars),
        low_points=low_total,
        high_points=high_total,
        level=Possible(low_level, high_level),
        answered=answered,
        criteria=sum(1 for _ in instrument.criteria()),
        evidence=tuple(sorted({event for score in scores.values() for event in score.answer.evidence})),
    )
