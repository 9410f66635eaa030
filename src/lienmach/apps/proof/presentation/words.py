"""Words that several pages share: who holds a key, how far a leaf has come, what is left of a group."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienmach.engines.ledger.authors import BATCH_KIND
from lienmach.kernel.evidence.log.proofs import Stage
from lienmach.kernel.evidence.types import UnknownType, type_named
from lienmach.kernel.web.meaning import Meaning

Facts = list[tuple[Any, Any]]

TIERS = {
    "hosted": gettext_lazy("hosted: the platform holds it for the firm"),
    "device": gettext_lazy("on a device of its author"),
    "own box": gettext_lazy("in a box of the firm's own"),
    "": gettext_lazy("not shown"),
}
TIERS_SHORT = {
    "hosted": gettext_lazy("hosted"),
    "device": gettext_lazy("device"),
    "own box": gettext_lazy("own box"),
}
STAGES = {
    Stage.PENDING.value: gettext_lazy("waiting"),
    Stage.SEQUENCED.value: gettext_lazy("in the log, not signed"),
    Stage.CHECKPOINTED.value: gettext_lazy("signed, unwitnessed"),
    Stage.WITNESSED.value: gettext_lazy("witnessed"),
}
GROUPS = {
    "public": gettext_lazy("Public"),
    "partner": gettext_lazy("For the partner"),
    "private": gettext_lazy("Private"),
}
GROUP_STATES = {
    "open": (Meaning.INFORMATION, gettext_lazy("content is here")),
    "erased": (Meaning.IDLE, gettext_lazy("content was erased")),
    "closed": (Meaning.IDLE, gettext_lazy("not shown to you")),
    "missing": (Meaning.BAD, gettext_lazy("content is missing and nothing says why")),
    "altered": (Meaning.BAD, gettext_lazy("content is not what the leaf commits to")),
}
SIGNS_BATCH = gettext_lazy("A batch was signed in the organisation's name.")


def kind_title(kind: str) -> str:
    """Return a type of leaf in words."""
    if kind == BATCH_KIND:
        return str(SIGNS_BATCH)
    try:
        return _(type_named(kind).description)
    except UnknownType:
        return kind
