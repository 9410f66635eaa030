"""Leaves in words: the table of a log, one leaf with its way and its groups, and what a partner sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.apps.proof.presentation.words import (
    GROUP_STATES,
    GROUPS,
    STAGES,
    TIERS,
    TIERS_SHORT,
    Facts,
    kind_title,
)
from lienmach.apps.proof.queries import LeafRecord, SubjectLeaf
from lienmach.kernel.evidence.log.explorer import LeafLine, LeafPage
from lienmach.kernel.evidence.log.leaf_record import GroupState
from lienmach.kernel.evidence.log.leaf_record import LeafRecord as KernelRecord
from lienmach.kernel.evidence.log.proofs import Stage
from lienmach.kernel.web import formatting
from lienmach.kernel.web.events import ORIGINS, event_body, event_title
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.receipts import state_badge
from lienmach.kernel.web.tables import Column, Filter, Kind, Table

# Reads the address only: which choices there are is known after the log was asked.
ADDRESS = Table("leaves", columns=())


def leaves_table(slug: str, page: LeafPage) -> Table:
    """Return the table of a log's leaves."""
    asked = len(page.asked)
    columns = (
        Column("index", gettext_lazy("Index"), Kind.NUMBER),
        Column(
            "kind",
            gettext_lazy("What happened"),
            value=lambda row: kind_title(row.kind),
            href=lambda row: reverse("proof:leaf", args=[slug, row.leaf]),
        ),
        Column("time", gettext_lazy("When"), Kind.DATETIME, wide_only=True),
        Column("origin", gettext_lazy("On whose word"), value=_origin, wide_only=True),
        Column("actor", gettext_lazy("By"), Kind.CODE, wide_only=True),
        Column("tier", gettext_lazy("Key"), value=lambda row: TIERS_SHORT.get(row.tier), wide_only=True),
        Column(
            "state",
            gettext_lazy("State"),
            Kind.BADGE,
            value=lambda row: _short_state(row, asked),
        ),
    )
    return Table(
        "leaves",
        title=gettext_lazy("Log"),
        columns=tuple(_fixed(column) for column in columns),
        filters=(
            Filter(
                "kind",
                gettext_lazy("What happened"),
                choices=[(kind, kind_title(kind)) for kind in page.kinds],
                matches=lambda row, value: row.kind == value,
            ),
            Filter(
                "stage",
                gettext_lazy("State"),
                choices=list(STAGES.items()),
                matches=lambda row, value: row.stage == value,
            ),
        ),
        empty_title=gettext_lazy("The log is empty"),
        empty_text=gettext_lazy("Whatever happens here is recorded once and gets the next number."),
    )


def _fixed(column: Column) -> Column:
    """The log has one order, its own."""
    return replace(column, sortable=False)


def _short_state(row: LeafLine, asked: int) -> tuple[Meaning, Any]:
    """The state in few words: with the names of the witnesses, or what is still missing."""
    meaning, _words = state_badge(row.stage, row.witnesses, asked)
    if row.stage is not Stage.WITNESSED:
        return meaning, STAGES[row.stage.value]
    count = {"count": len(row.witnesses), "asked": max(asked, len(row.witnesses))}
    return meaning, _("%(count)d of %(asked)d") % count + f": {', '.join(row.witnesses)}"


def _origin(row: LeafLine) -> Any:
    return ORIGINS[row.origin] if row.origin else None


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of an event's way into the log."""

    title: str
    detail: str
    done: bool


def steps_of(record: KernelRecord) -> list[Step]:
    """Return the way of a leaf: recorded, numbered, signed, witnessed."""
    line, language = record.line, formatting.language_of(get_language())
    order = [Stage.PENDING, Stage.SEQUENCED, Stage.CHECKPOINTED, Stage.WITNESSED]
    reached = order.index(line.stage)
    number = formatting.number(line.index, language=language)
    zone = timezone.get_current_timezone()
    named = ", ".join(
        f"{each.witness} ({formatting.moment(each.at, zone=zone)})" for each in record.cosigned
    ) or ", ".join(line.witnesses)
    asked = len(record.asked)
    counted = {"count": len(line.witnesses), "asked": max(asked, len(line.witnesses)), "names": named}
    return [
        Step(title=_("Was recorded"), detail=_("together with the change it tells of"), done=True),
        Step(
            title=_("Has its place"),
            detail=_("number %(number)s of the log") % {"number": number} if reached > 0 else "",
            done=reached > 0,
        ),
        Step(title=_("Signed by the log"), detail=record.log if reached > 1 else "", done=reached > 1),
        Step(
            title=_("Witnessed") if reached > 2 else _("Unwitnessed"),
            detail=_("by %(count)d of %(asked)d: %(names)s") % counted
            if reached > 2
            else _("Nobody outside has confirmed it yet.")
            if asked
            else _("No witness is asked. Until one is, this is only a signed database."),
            done=reached > 2,
        ),
    ]


def leaf_facts(record: KernelRecord) -> Facts:
    """Return the technical side of a leaf."""
    language = formatting.language_of(get_language())
    facts: Facts = [
        (_("Log"), record.log or formatting.NOTHING),
        (_("Index"), formatting.number(record.line.index, language=language)),
        (_("Leaf hash"), record.hash),
        (_("Author's key"), record.author_key or record.author_id),
        (_("Who holds the key"), TIERS[record.line.tier]),
    ]
    if record.counter is not None:
        facts.append((_("Counter of the device"), formatting.number(record.counter, language=language)))
    if record.batch is not None:
        facts.append((_("Leaves it signs"), formatting.number(record.batch, language=language)))
    return facts


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A disclosure group as drawn."""

    title: Any
    badge: tuple[Meaning, Any]
    commitment: str
    note: str
    erased_by: UUID | None


def groups_of(states: Sequence[GroupState]) -> list[GroupView]:
    """Return a leaf's commitments, each with what is left of its content."""
    zone = timezone.get_current_timezone()
    return [
        GroupView(
            title=GROUPS[each.group],
            badge=GROUP_STATES[each.state],
            commitment=each.commitment,
            note=_("Erased on %(day)s.") % {"day": formatting.day(each.erased_at, zone=zone)}
            if each.erased_at
            else "",
            erased_by=each.erased_by,
        )
        for each in states
    ]


def openable(states: Sequence[GroupState]) -> list[tuple[str, Any]]:
    """Return the groups that a proof file can show."""
    return [(each.group, GROUPS[each.group]) for each in states if each.state == "open"]


def record_badge(record: KernelRecord) -> tuple[Meaning, str]:
    """Return how far a leaf has come."""
    return state_badge(record.line.stage, record.line.witnesses, len(record.asked))


def record_title(record: LeafRecord) -> str:
    """Return what a leaf says, as a sentence."""
    return event_title(record.event) if record.event else kind_title(record.leaf.line.kind)


@dataclass(frozen=True, kw_only=True)
class Card:
    """An event as a partner sees it; `url` leads to its proof file, empty while there is none."""

    title: str
    time: datetime
    origin: Any
    facts: Facts
    badge: tuple[Meaning, str]
    url: str


def subject_cards(leaves: Sequence[SubjectLeaf], token: str) -> list[Card]:
    """Return what a partner's link shows, newest first."""
    return [_card(each, token) for each in leaves]


def _card(row: SubjectLeaf, token: str) -> Card:
    stood = row.standing
    ready = stood.stage in (Stage.CHECKPOINTED, Stage.WITNESSED)
    return Card(
        title=event_title(row.event),
        time=row.event.time,
        origin=ORIGINS[row.event.origin],
        facts=event_body(row.event),
        badge=state_badge(stood.stage, stood.witnesses, stood.asked),
        url=reverse("proof-link:file", args=[token, row.event.event_id]) if ready else "",
    )
