"""Answers, and what holds when a firm's word and its evidence differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lienmach.engines.maturity.decisions import OVER_ONE, RATIO_SCALE, ZERO_DENOMINATOR, DecisionSet
from lienmach.engines.maturity.instrument import Criterion


class Label(StrEnum):
    """How far an answer is supported; later ones are stronger."""

    DECLARED = "declared"
    EVIDENCED = "evidenced"
    VERIFIED = "verified"


STRENGTH = {Label.DECLARED: 0, Label.EVIDENCED: 1, Label.VERIFIED: 2}


class AnswerError(ValueError):
    """The answer cannot be scored as given; the message says why and what to do."""


@dataclass(frozen=True)
class Answer:
    """Either points on the criterion's scale, or the two parts of a ratio.

    ``evidence`` holds event ids; ``by`` a pseudonym or the rule that filled it.
    """

    criterion: str
    label: Label
    on: date
    by: str
    points: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """Points of one criterion; ``points`` is ``None`` while a gap leaves them undefined."""

    criterion: str
    points: int | None
    label: Label
    answer: Answer
    gaps: tuple[str, ...] = ()
    not_applicable: bool = False
    conflict: Answer | None = None


def criterion_score(criterion: Criterion, answer: Answer, decisions: DecisionSet) -> Score:
    """Points of one answer.

    Raises
    ------
    AnswerError
        When the answer is off the scale, or a ratio's parts are impossible.
    """
    if criterion.kind == "ordinal":
        return Score(criterion.id, _ordinal(criterion, answer), answer.label, answer)
    numerator, denominator = answer.numerator, answer.denominator
    if numerator is None or denominator is None or numerator < 0 or denominator < 0:
        raise AnswerError(f"{criterion.id}: give numerator and denominator, both 0 or more.")
    if denominator == 0:
        if numerator:
            raise AnswerError(f"{criterion.id}: {numerator} of 0 is impossible; check the denominator.")
        points = 0 if decisions.choice(ZERO_DENOMINATOR) == "zero-points" else None
        return Score(criterion.id, points, answer.label, answer, (ZERO_DENOMINATOR,), not_applicable=True)
    if numerator > denominator:
        raise AnswerError(
            f"{criterion.id}: {numerator} is more than the whole {denominator}; check both ({OVER_ONE})."
        )
    held = [band.level for band in decisions.ratio_bands() if band.holds(numerator, denominator)]
    points = held[0] if len(held) == 1 else None
    return Score(criterion.id, points, answer.label, answer, (RATIO_SCALE,))


def _ordinal(criterion: Criterion, answer: Answer) -> int:
    points = answer.points
    if points is None or not 0 <= points <= criterion.max or points % criterion.step:
        raise AnswerError(
            f"{criterion.id}: {points} is not on its scale, "
            f"0 to {criterion.max} in steps of {criterion.step}."
        )
    return points


def settle(scores: Iterable[Score]) -> Score:
    """The score that holds for one criterion.

    Recorded work is a lower bound of what a firm does, for it may use other tools too. So the higher points
    hold; between equals the better supported answer. When a firm declares more than its evidence shows, its
    word holds, labelled as declared, with the evidence kept beside it as a conflict. A verified answer
    overrules both.
    """
    ordered = sorted(scores, key=lambda score: (score.answer.on, score.answer.by))
    if not ordered:
        raise ValueError("There is no score to settle.")
    verified = [score for score in ordered if score.label is Label.VERIFIED]
    if verified:
        return verified[-1]
    latest = {score.label: score for score in ordered}
    best = max(
        latest.values(), key=lambda one: (-1 if one.points is None else one.points, STRENGTH[one.label])
    )
    shown = latest.get(Label.EVIDENCED)
    if shown is None or best is shown or shown.points == best.points:
        return best
    return Score(
        best.criterion,
        best.points,
        best.label,
        best.answer,
        best.gaps,
        best.not_applicable,
        conflict=shown.answer,
    )
