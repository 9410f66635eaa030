"""The five meanings a colour may have, each with a shape and a word, for print and colour-blind eyes."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Meaning(StrEnum):
    """What a badge, tile, bar or notice says. Anything else is plain ink."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    IDLE = "idle"
    INFORMATION = "information"


# The shape beside the colour: a name in icons.py.
ICON = {
    Meaning.GOOD: "check",
    Meaning.WATCH: "triangle",
    Meaning.BAD: "cross",
    Meaning.IDLE: "unknown",
    Meaning.INFORMATION: "information",
}

# The word when the caller gives none.
WORD: dict[Meaning, str | Promise] = {
    Meaning.GOOD: _("Good"),
    Meaning.WATCH: _("Watch"),
    Meaning.BAD: _("Bad"),
    Meaning.IDLE: _("Unknown"),
    Meaning.INFORMATION: _("For information"),
}

# Worst first: the order of a board.
SEVERITY = (Meaning.BAD, Meaning.WATCH, Meaning.IDLE, Meaning.INFORMATION, Meaning.GOOD)


def worst_first(meaning: Meaning | str) -> int:
    """Return the sort key that puts the worst first; unknown stands before good, never after it."""
    return SEVERITY.index(Meaning(meaning))
