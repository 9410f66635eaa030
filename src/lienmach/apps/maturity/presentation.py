"""Results as tables and words."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.apps.maturity import queries
from lienmach.apps.maturity.declarations import decisions, instrument
from lienmach.engines.maturity import Label, Possible, Score
from lienmach.kernel.web.chart_kinds import bars
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.tables import Column, Filter, Kind, Table

LABELS = {
    Label.DECLARED: (Meaning.INFORMATION, gettext_lazy("declared")),
    Label.EVIDENCED: (Meaning.GOOD, gettext_lazy("evidenced")),
    Label.VERIFIED: (Meaning.GOOD, gettext_lazy("verified")),
}


def in_language(words: Mapping[str, str]) -> str:
    """Return the words in the reader's language; Vietnamese, the language of the instrument, where there are
    none."""
    return words.get((get_language() or "vi")[:2], words["vi"])


def label_badge(score: Score | None) -> tuple[Meaning, Any]:
    """Return the badge that says how far an answer is supported."""
    if score is None:
        return Meaning.IDLE, gettext_lazy("not answered")
    if score.conflict is not None:
        return Meaning.WATCH, gettext_lazy("declared, evidence shows less")
    return LABELS[score.label]


def criteria_table(organisation: str) -> Table:
    """Return the table of an instrument's criteria."""
    return Table(
        "criteria",
        columns=(
            Column("id", gettext_lazy("Criterion"), Kind.CODE, value=lambda line: line.criterion.id),
            Column(
                "name",
                gettext_lazy("What it asks"),
                value=lambda line: in_language(line.criterion.name),
                href=lambda line: reverse("maturity:criterion", args=[organisation, line.criterion.id]),
            ),
            Column(
                "pillar",
                gettext_lazy("Pillar"),
                value=lambda line: in_language(line.pillar.name),
                wide_only=True,
            ),
            Column(
                "points",
                gettext_lazy("Points"),
                Kind.NUMBER,
                value=lambda line: line.score.points if line.score else None,
            ),
            Column("max", gettext_lazy("of"), Kind.NUMBER, value=lambda line: line.criterion.max),
            Column("label", gettext_lazy("Support"), Kind.BADGE, value=lambda line: label_badge(line.score)),
        ),
        title=gettext_lazy("Criteria"),
        filters=(
            Filter(
                "pillar",
                gettext_lazy("Pillar"),
                choices=[(pillar.id, in_language(pillar.name)) for pillar in instrument().pillars],
                matches=lambda line, wanted: line.pillar.id == wanted,
            ),
        ),
        search=("id", "name"),
        size=60,
    )


def level_words(level: Possible) -> str:
    """Return a level, or the levels still possible, in words."""
    low, high = level.low.value, level.high.value
    if low is None or high is None:
        gaps = ", ".join(level.low.gaps or level.high.gaps)
        return _("not defined by the rule: %(gaps)s") % {"gaps": gaps}
    names = instrument().level_names
    if low == high:
        return f"{low} · {in_language(names[low])}"
    return _("%(low)s (%(low_name)s) to %(high)s (%(high_name)s) still possible") % {
        "low": low,
        "low_name": in_language(names[low]),
        "high": high,
        "high_name": in_language(names[high]),
    }


def assessment_facts(found: queries.Assessment) -> list[tuple[Any, Any]]:
    """Return the assessment's figures."""
    result = found.result
    return [
        (_("Level"), level_words(result.level)),
        (
            _("Points"),
            f"{result.low_points} – {result.high_points} / {instrument().max}"
            if result.low_points != result.high_points
            else f"{result.low_points} / {instrument().max}",
        ),
        (_("Answered"), f"{result.answered} / {result.criteria}"),
        (_("Filled from your own events"), found.evidenced),
        (_("As of"), f"{found.on:%d/%m/%Y}"),
    ]


def rule_facts() -> list[tuple[Any, Any]]:
    """Return where the rules come from, and which they are."""
    used = instrument()
    until = f"{used.valid_to:%d/%m/%Y}" if used.valid_to else "…"
    return [
        (_("Instrument"), f"{used.id} v{used.version} · {used.ruleset_hash[:12]}"),
        (_("Source"), used.source),
        (_("In force"), f"{used.valid_from:%d/%m/%Y} – {until}"),
        (_("Gap decisions"), f"{decisions().id} · {decisions().set_hash[:12]}"),
    ]


def area_charts(found: queries.AreaSummary) -> list[tuple[Any, Any]]:
    """Return, per criterion that events fill, its chart and why the points are what they are."""
    charts = []
    for line in found.lines:
        values: list[tuple[str, float | None]] = [
            (_("%(points)s points") % {"points": points}, float(line.by_points.get(points, 0)))
            for points in range(line.criterion.max, 0, -1)
        ]
        values.append((_("nothing shown by events"), float(line.without)))
        chart = bars(
            name=f"criterion-{line.criterion.id.replace('.', '-')}",
            title=f"{line.criterion.id} {in_language(line.criterion.name)}",
            values=values,
            unit=_("linked firms"),
        )
        charts.append((chart, in_language(line.rule.reason)))
    return charts
