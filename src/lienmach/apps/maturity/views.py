"""Pages: parse, one call into services or queries, answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from lienmach.apps.maturity import queries, services
from lienmach.apps.maturity.presentation import (
    area_charts,
    assessment_facts,
    criteria_table,
    in_language,
    label_badge,
    rule_facts,
)
from lienmach.engines.maturity import AnswerError, Criterion
from lienmach.kernel.evidence import Origin
from lienmach.kernel.scope import AreaScope, OrganisationScope
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.evidence import EvidencePanel
from lienmach.kernel.web.receipts import receipts, to_proof
from lienmach.kernel.web.tables import Column, Kind, Table


class PointsForm(forms.Form):
    """Points on a scale."""

    points = forms.IntegerField(label=gettext_lazy("Points"), min_value=0, max_value=25)


class RatioForm(forms.Form):
    """The two parts of a ratio."""

    numerator = forms.IntegerField(min_value=0)
    denominator = forms.IntegerField(min_value=0)


@require_GET
@door("maturity.assessment_read")
def assessment(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Where the firm stands, as far as its answers and its work decide."""
    found = queries.assessment(scope, at=timezone.now())
    table = criteria_table(slug(request))
    file = table.export(found.lines, request, at=timezone.now())
    context = {
        "facts": assessment_facts(found),
        "rules": rule_facts(),
        "view": table.view(found.lines, request),
        "evidence": _evidence(scope, found.behind, slug(request)),
    }
    return file or render(request, "maturity/assessment.html", context)


@require_GET
@door("maturity.assessment_read")
def criterion(request: HttpRequest, scope: OrganisationScope, criterion: str) -> HttpResponse:
    """One criterion: what holds, why, and by which events."""
    return _criterion(request, scope, criterion, None)


@require_POST
@door("maturity.answer_declare")
def answer_declare(request: HttpRequest, scope: OrganisationScope, criterion: str) -> HttpResponse:
    """Answer a criterion in the firm's own word."""
    form: forms.Form = RatioForm(request.POST) if "numerator" in request.POST else PointsForm(request.POST)
    if form.is_valid():
        try:
            services.answer_declare(scope, criterion=criterion, at=timezone.now(), **form.cleaned_data)
        except queries.CriterionNotFound as error:
            raise Http404("criterion") from error
        except AnswerError:
            form.add_error(None, _("This answer is off the scale, or the part is larger than the whole."))
        else:
            messages.success(request, _("Your answer is kept."))
            return redirect("maturity:criterion", organisation=slug(request), criterion=criterion)
    return _criterion(request, scope, criterion, form, status=422)


@require_GET
@door("maturity.area_read", scope=AreaScope)
def area(request: HttpRequest, scope: AreaScope) -> HttpResponse:
    """How many firms of the area reach how many points by work they recorded."""
    found = queries.area_summary(scope)
    context = {
        "found": found,
        "fewest": queries.FEWEST_FIRMS,
        "facts": [
            (_("Firms in the register"), found.registered),
            (_("Of these, linked to their own log"), found.linked),
        ],
        "charts": area_charts(found),
        "rules": rule_facts(),
    }
    return render(request, "maturity/area.html", context)


def _criterion(
    request: HttpRequest, scope: OrganisationScope, criterion: str, form: forms.Form | None, status: int = 200
) -> HttpResponse:
    try:
        page = queries.criterion_get(scope, criterion=criterion, at=timezone.now())
    except queries.CriterionNotFound as error:
        raise Http404("criterion") from error
    organisation = slug(request)
    events = Table(
        "events",
        columns=(
            Column(
                "type",
                gettext_lazy("Event"),
                Kind.CODE,
                href=lambda line: reverse("workspace:event", args=[organisation, line.event]),
            ),
            Column("time", gettext_lazy("When"), Kind.DATETIME),
        ),
        title=gettext_lazy("The events behind it"),
        show_title=True,
        empty_title=gettext_lazy("No event yet"),
        empty_text=gettext_lazy(
            "As soon as you work here with plans, reports and deliveries, they stand here."
        ),
    )
    context = {
        "page": page,
        "name": in_language(page.criterion.name),
        "badge": label_badge(page.score),
        "facts": _facts(page),
        "steps": [
            (state.step.points, in_language(state.step.words), state.reached) for state in page.filled.steps
        ]
        if page.filled
        else [],
        "reason": in_language(page.filled.rule.reason) if page.filled else "",
        "rules": rule_facts(),
        "view": events.view(page.events, request) if page.filled else None,
        "evidence": _evidence(scope, page.behind, organisation) if page.events else None,
        "form": form or _form_for(page.criterion),
        "may_answer": scope.allows("maturity.answer_declare"),
        "slug": organisation,
    }
    return render(request, "maturity/criterion.html", context, status=status)


def _evidence(scope: OrganisationScope, behind: queries.Behind, organisation: str) -> EvidencePanel:
    return EvidencePanel(
        confirmed=behind.origins.get(Origin.CONFIRMED, 0),
        instrument=behind.origins.get(Origin.INSTRUMENT, 0),
        self_reported=behind.origins.get(Origin.SELF_REPORTED, 0),
        reasons=() if behind.newest else (_("No recorded work stands behind this yet."),),
        receipts=receipts(scope, behind.newest, to=to_proof(scope, organisation)),
    )


def _facts(page: queries.CriterionPage) -> list[tuple[Any, Any]]:
    score = page.score
    points = f"{score.points} / {page.criterion.max}" if score and score.points is not None else "–"
    facts = [(_("Points"), points)]
    if score is not None and score.conflict is not None:
        facts.append((_("What the events show"), f"{score.conflict.points} / {page.criterion.max}"))
    if page.own is not None:
        own = page.own
        said = f"{own.points}" if own.points is not None else f"{own.numerator} / {own.denominator}"
        facts.append((_("Your own answer"), f"{said} · {own.on:%d/%m/%Y}"))
    return facts


def _form_for(criterion: Criterion) -> forms.Form:
    if criterion.kind == "ordinal":
        form: forms.Form = PointsForm()
        form.fields["points"].help_text = _("From 0 to %(most)s in steps of %(step)s.") % {
            "most": criterion.max,
            "step": criterion.step,
        }
        return form
    form = RatioForm()
    form.fields["numerator"].label = in_language(criterion.numerator)
    form.fields["denominator"].label = in_language(criterion.denominator)
    return form
