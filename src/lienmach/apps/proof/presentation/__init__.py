"""What pages and files show: leaves, verdicts and the log's health in words."""

from lienmach.apps.proof.presentation.health import ADVICE, ADVICE_MEANING, WITNESSES, health_facts
from lienmach.apps.proof.presentation.leaves import (
    ADDRESS,
    groups_of,
    leaf_facts,
    leaves_table,
    openable,
    record_badge,
    record_title,
    steps_of,
    subject_cards,
)
from lienmach.apps.proof.presentation.verdict import Verdict, verdict_of
from lienmach.apps.proof.presentation.words import kind_title

__all__ = [
    "ADDRESS",
    "ADVICE",
    "ADVICE_MEANING",
    "WITNESSES",
    "Verdict",
    "groups_of",
    "health_facts",
    "kind_title",
    "leaf_facts",
    "leaves_table",
    "openable",
    "record_badge",
    "record_title",
    "steps_of",
    "subject_cards",
    "verdict_of",
]
