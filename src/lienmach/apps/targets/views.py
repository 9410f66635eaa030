"""Pages: parse, one call into services or queries, answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienmach.apps.targets import queries, services
from lienmach.kernel.scope import AreaScope
from lienmach.kernel.web import formatting
from lienmach.kernel.web.chart_kinds import Point, share_by_month
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.events import event_body, event_envelope, event_title, event_withheld
from lienmach.kernel.web.evidence import EvidencePanel
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.receipts import public_address
from lienmach.kernel.web.tables import Column, Kind, Table

SHOWN_MONTHS = 6
MODE_WORDS = {
    "restated": gettext_lazy("every month on today's map"),
    "as_was": gettext_lazy("each month on its own map"),
}


class TargetForm(forms.Form):
    """A goal for a year."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    percent = forms.DecimalField(
        label=gettext_lazy("Goal in percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    act = forms.CharField(
        label=gettext_lazy("Decision"),
        max_length=200,
        help_text=gettext_lazy("Which decision sets it, with number and date."),
    )


@require_GET
@door("targets.scorecard_read", scope=AreaScope)
def indicators(request: HttpRequest, scope: AreaScope) -> HttpResponse:
    """The area's numbers at a glance."""
    organisation, language = slug(request), get_language() or "vi"
    table = Table(
        "indicators",
        columns=(
            Column(
                "title",
                gettext_lazy("Number"),
                value=lambda line: line.rule.title(language),
                href=lambda line: reverse("targets:scorecard", args=[organisation, line.rule.id]),
            ),
            Column(
                "period",
                gettext_lazy("Newest month"),
                Kind.CODE,
                value=lambda line: line.number.period if line.number else None,
            ),
            Column(
                "value",
                gettext_lazy("Value"),
                Kind.SHARE,
                value=lambda line: line.number.value if line.number else None,
            ),
            Column(
                "goal",
                gettext_lazy("Goal"),
                Kind.SHARE,
                value=lambda line: line.goal.value if line.goal else None,
            ),
            Column(
                "coverage",
                gettext_lazy("Firms with evidence"),
                value=lambda line: _coverage(line.number) if line.number else None,
                sortable=False,
            ),
        ),
        title=gettext_lazy("Numbers"),
        empty_title=gettext_lazy("No indicator is declared"),
    )
    rows = queries.indicator_list(scope)
    file = table.export(rows, request, at=timezone.now())
    return file or render(request, "targets/indicators.html", {"view": table.view(rows, request)})


@require_GET
@door("targets.scorecard_read", scope=AreaScope)
def scorecard(request: HttpRequest, scope: AreaScope, indicator: str) -> HttpResponse:
    """One indicator by place and month, with chart, coverage and what repeats it."""
    mode = request.GET.get("map", "restated")
    try:
        card = queries.scorecard(scope, indicator=indicator, mode=mode)
    except queries.NotComputed:
        waiting = {"indicator": indicator, "slug": slug(request)}
        return render(request, "targets/not_computed.html", waiting)
    except LookupError as error:
        raise Http404("indicator") from error
    table, rows = _matrix(card, slug(request))
    file = table.export(rows, request, at=timezone.now())
    if file:
        return file
    context = {
        "card": card,
        "title": card.rule.title(get_language() or "vi"),
        "view": table.view(rows, request),
        "chart": _chart(card),
        "panel": _panel(card.own.get(_newest(card)), card, ""),
        "goals": card.goals,
        "mode_words": MODE_WORDS,
        "slug": slug(request),
    }
    return render(request, "targets/scorecard.html", context)


@require_GET
@door("targets.scorecard_read", scope=AreaScope)
def number(
    request: HttpRequest, scope: AreaScope, indicator: str, mode: str, unit: str, period: str
) -> HttpResponse:
    """One number, opened down to its events."""
    try:
        opened = queries.number_open(
            scope, indicator=indicator, mode=mode, unit=unit, period=period, at=timezone.now()
        )
    except LookupError as error:
        raise Http404("number") from error
    organisation = slug(request)
    table = Table(
        "events",
        columns=(
            Column("firm", gettext_lazy("Firm")),
            Column("counts", gettext_lazy("On time"), Kind.BADGE, value=_on_time),
            Column(
                "event",
                gettext_lazy("Event"),
                Kind.CODE,
                value=lambda line: f"…{str(line.event)[-12:]}",
                href=lambda line: reverse("targets:event", args=[organisation, indicator, line.event]),
            ),
        ),
        title=gettext_lazy("Events behind it"),
        search=("firm",),
        empty_title=gettext_lazy("No event that is shared with you"),
        empty_text=gettext_lazy("Firms decide on their page “Sharing” who may open their single events."),
    )
    file = table.export(opened.events, request, at=timezone.now())
    if file:
        return file
    context = {
        "opened": opened,
        "title": opened.rule.title(get_language() or "vi"),
        "facts": _number_facts(opened.number),
        "panel": _panel(opened.number, opened, ""),
        "view": table.view(opened.events, request),
        "slug": organisation,
    }
    return render(request, "targets/number.html", context)


@require_GET
@door("targets.event_read", scope=AreaScope)
def event(request: HttpRequest, scope: AreaScope, indicator: str, event: UUID) -> HttpResponse:
    """One event behind a number, as far as it is public; the firm sees that it was read."""
    try:
        found = services.event_open(scope, indicator=indicator, event=event, at=timezone.now())
    except LookupError as error:
        raise Http404("event") from error
    except services.NotShared:
        return render(request, "targets/not_shared.html", {"indicator": indicator}, status=403)
    context = {
        "title": event_title(found),
        "body": event_body(found),
        "withheld": event_withheld(found),
        "envelope": event_envelope(found),
        "proof_url": public_address(event),
        "indicator": indicator,
        "slug": slug(request),
    }
    return render(request, "targets/event.html", context)


@require_POST
@door("targets.cells_compute", scope=AreaScope)
def compute(request: HttpRequest, scope: AreaScope, indicator: str) -> HttpResponse:
    """Have the numbers computed again."""
    services.computation_ask(scope, at=timezone.now())
    messages.success(request, _("The numbers are being computed. Open this page again in a moment."))
    return redirect("targets:scorecard", organisation=slug(request), indicator=indicator)


@require_http_methods(["GET", "POST"])
@door("targets.target_set", scope=AreaScope)
def target_set(request: HttpRequest, scope: AreaScope, indicator: str) -> HttpResponse:
    """Set a goal for the area."""
    form = TargetForm(request.POST or None, initial={"year": timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        try:
            services.target_set(
                scope,
                indicator=indicator,
                year=form.cleaned_data["year"],
                value_bp=int(form.cleaned_data["percent"] * 100),
                act=form.cleaned_data["act"],
                at=timezone.now(),
            )
        except queries.IndicatorNotFound as error:
            raise Http404("indicator") from error
        except services.TargetRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The goal is set."))
            return redirect("targets:scorecard", organisation=slug(request), indicator=indicator)
    context = {"form": form, "indicator": indicator, "slug": slug(request)}
    return render(request, "targets/goal.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class NumberColumn(Column):
    """A month's share; a hidden one is said to be hidden, which is not the same as no data."""

    period: str = ""

    def html(self, row: Any) -> str:
        """Return the share, linked to its events, or the word for why there is none."""
        number = row.numbers.get(self.period)
        return format_html("{}", _("hidden")) if number is not None and number.hidden else super().html(row)


def _matrix(card: queries.Scorecard, organisation: str) -> tuple[Table, list[queries.Part]]:
    """Places down, months across, the area itself on top; each number leads to its events."""
    months = card.periods[-SHOWN_MONTHS:]

    def value(period: str) -> Any:
        return lambda part: part.numbers[period].value if period in part.numbers else None

    def address(period: str) -> Any:
        def to(part: queries.Part) -> str | None:
            cell = part.numbers.get(period)
            if cell is None or cell.value is None:
                return None
            return reverse("targets:number", args=[organisation, card.rule.id, card.mode, cell.unit, period])

        return to

    newest = months[-1] if months else ""
    table = Table(
        "places",
        columns=(
            Column("place", gettext_lazy("Place"), value=lambda part: part.name),
            *(
                NumberColumn(
                    f"m{period}",
                    _month(period),
                    Kind.SHARE,
                    value=value(period),
                    href=address(period),
                    period=period,
                )
                for period in months
            ),
            Column(
                "coverage",
                gettext_lazy("Firms with evidence"),
                value=lambda part: _coverage(part.numbers[newest]) if newest in part.numbers else None,
                sortable=False,
            ),
        ),
        title=gettext_lazy("By place and month"),
        show_title=True,
        search=("place",),
        dense=True,
        meaning=lambda part: Meaning.INFORMATION if part.unit == card.area.id else None,
        empty_title=gettext_lazy("No part of the area has a registered firm"),
    )
    own = [queries.Part(card.area.id, card.area.name, card.own)] if card.own else []
    return table, [*own, *card.parts]


def _chart(card: queries.Scorecard) -> Any:
    goal = next(
        (goal for goal in card.goals if goal.year == date.fromisoformat(f"{_newest(card)}-01").year), None
    )
    points = [
        Point(
            month=date.fromisoformat(f"{period}-01"),
            value=card.own[period].value if period in card.own else None,
            basis=card.own[period].denominator if period in card.own else None,
        )
        for period in card.periods
    ]
    return share_by_month(
        name="share",
        title=_("%(number)s: %(place)s")
        % {"number": card.rule.title(get_language() or "vi"), "place": card.area.name},
        points=points,
        target=goal.value if goal else None,
        target_source=goal.act if goal else "",
        note=str(MODE_WORDS[card.mode]),
    )


def _panel(cell: queries.Number | None, made: Any, url: str) -> EvidencePanel:
    zone = timezone.get_current_timezone()
    reasons = []
    if cell is not None and cell.value is not None:
        reasons.append(
            _("%(on_time)d of %(all)d confirmed deliveries were on time in %(month)s.")
            % {"on_time": cell.numerator, "all": cell.denominator, "month": _month(cell.period)}
        )
        reasons.append(
            _("%(evident)d of %(registered)d registered firms have evidence.")
            % {"evident": cell.with_evidence, "registered": cell.registered}
        )
    basis = made.basis
    facts = [
        (_("As known at"), formatting.moment(basis.known_before, zone=zone)),
        (_("Map"), MODE_WORDS[made.mode]),
        (_("Map of the day"), formatting.day(basis.map_day)),
        (_("Rule"), f"{made.rule.id} v{basis.version} · {basis.rule_hash[:12]}"),
        (_("Basis of the rule"), made.rule.basis(get_language() or "vi")),
        (_("Up to event"), basis.position),
        (_("Put aside"), basis.quarantined),
    ]
    return EvidencePanel(
        reasons=tuple(reasons),
        confirmed=cell.confirmed if cell else 0,
        instrument=cell.instrument if cell else 0,
        self_reported=cell.self_reported if cell else 0,
        facts=tuple(facts),
        url=url,
    )


def _number_facts(number: queries.Number) -> list[tuple[Any, Any]]:
    language = formatting.language_of(get_language())
    return [
        (_("Place"), number.unit_name),
        (_("Month"), _month(number.period)),
        (
            _("Value"),
            _("too few firms to show")
            if number.hidden
            else formatting.share(number.value, language=language),
        ),
        (_("Deliveries on time"), formatting.number(number.numerator, language=language)),
        (_("Confirmed deliveries"), formatting.number(number.denominator, language=language)),
        (_("Firms behind it"), formatting.number(number.contributors, language=language)),
        (_("Firms with evidence"), _coverage(number)),
    ]


def _coverage(number: queries.Number) -> str:
    language = formatting.language_of(get_language())
    registered = formatting.number(number.registered, language=language)
    if number.with_evidence is None:
        return f"{_('hidden')} / {registered}"
    evident = formatting.number(number.with_evidence, language=language)
    if not number.registered:
        return f"{evident} / {registered}"
    share = formatting.share(number.with_evidence / number.registered, language=language)
    return f"{evident} / {registered} ({share})"


def _on_time(line: queries.EventLine) -> tuple[Meaning, Any]:
    return (Meaning.GOOD, _("on time")) if line.counts else (Meaning.BAD, _("late or short"))


def _newest(card: queries.Scorecard) -> str:
    filled = [period for period in card.periods if period in card.own and card.own[period].denominator]
    return filled[-1] if filled else card.periods[-1]


def _month(period: str) -> str:
    return f"{period[5:7]}/{period[:4]}"
