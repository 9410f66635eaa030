"""Maturity instruments: answers become points, points become levels, and every gap in the rule is named."""

from lienmach.engines.maturity.answers import Answer, AnswerError, Label, Score, criterion_score, settle
from lienmach.engines.maturity.decisions import DecisionSet, decisions_from
from lienmach.engines.maturity.instrument import Criterion, Instrument, InstrumentError, instrument_from
from lienmach.engines.maturity.levels import (
    Level,
    PillarResult,
    Possible,
    Result,
    assess,
    overall_level,
    pillar_level,
)

__all__ = [
    "Answer",
    "AnswerError",
    "Criterion",
    "DecisionSet",
    "Instrument",
    "InstrumentError",
    "Label",
    "Level",
    "PillarResult",
    "Possible",
    "Result",
    "Score",
    "assess",
    "criterion_score",
    "decisions_from",
    "instrument_from",
    "overall_level",
    "pillar_level",
    "settle",
]
