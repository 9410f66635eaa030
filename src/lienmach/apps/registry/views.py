"""Pages of the register: parse, one call into services or queries, answer."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienmach.apps.registry import queries, services
from lienmach.apps.registry.models import EnterpriseKind
from lienmach.apps.registry.sheets import ENTERPRISES
from lienmach.kernel.scope import AreaScope, OrganisationScope
from lienmach.kernel.sheets import Problem, Severity, write_template
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.tables import Column, Filter, Kind, Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 20_000_000


class ImportForm(forms.Form):
    """A workbook."""

    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        help_text=gettext_lazy("XLSX, XLS or ODS with the columns of the template."),
    )

    def clean_file(self) -> Any:
        """Refuse a file that no register needs."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Split it by commune."))
        return file


class ClaimForm(forms.Form):
    """Which entry is ours."""

    tax_code = forms.CharField(label=gettext_lazy("Tax code"), max_length=40)


def _state(row: queries.EnterpriseRow) -> tuple[Meaning, Any]:
    if row.claimed_by:
        return Meaning.GOOD, gettext_lazy("works here")
    return Meaning.IDLE, gettext_lazy("no evidence yet")


def _kind(row: queries.EnterpriseRow) -> Any:
    return EnterpriseKind(row.kind).label


def enterprises_table(organisation: str, communes: list[Any]) -> Table:
    """The list of an area's entries."""
    return Table(
        "enterprises",
        columns=(
            Column(
                "name",
                gettext_lazy("Name"),
                href=lambda row: reverse("registry:enterprise", args=[organisation, row.id]),
            ),
            Column("tax_code", gettext_lazy("Tax code"), Kind.CODE),
            Column("unit_name", gettext_lazy("Place"), value=lambda row: row.place_now or row.unit_name),
            Column("kind", gettext_lazy("Kind"), value=_kind, sortable=False, wide_only=True),
            Column("industry", gettext_lazy("Industry"), sortable=False, wide_only=True),
            Column("registered_on", gettext_lazy("Since"), Kind.DATE, wide_only=True),
            Column("linked", gettext_lazy("Evidence"), Kind.BADGE, value=_state, sortable=False),
        ),
        title=gettext_lazy("Enterprises"),
        filters=(
            Filter("unit", gettext_lazy("Commune"), choices=[(unit.id, unit.name) for unit in communes]),
            Filter("kind", gettext_lazy("Kind"), choices=EnterpriseKind.choices),
            Filter(
                "linked",
                gettext_lazy("Works here"),
                choices=(("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))),
            ),
        ),
        search=("name",),
        sort="name",
        empty_title=gettext_lazy("No enterprise here yet"),
        empty_text=gettext_lazy("Import a workbook: one enterprise per row, with its commune."),
    )


PROBLEMS = Table(
    "problems",
    columns=(
        Column("sheet", gettext_lazy("Sheet")),
        Column("cell", gettext_lazy("Cell"), Kind.CODE),
        Column("value", gettext_lazy("Value")),
        Column("reason", gettext_lazy("What is wrong")),
        Column("remedy", gettext_lazy("What to do")),
    ),
    title=gettext_lazy("To correct"),
    meaning=lambda problem: Meaning.BAD if problem.severity is Severity.ERROR else Meaning.WATCH,
    exports=False,
    size=200,
)


@require_GET
@door("registry.enterprise_read", scope=AreaScope)
def enterprises(request: HttpRequest, scope: AreaScope) -> HttpResponse:
    """The enterprises of the area."""
    table = enterprises_table(slug(request), queries.communes_of(scope))
    asked = table.query(request.GET)
    whole = table.wants_export(request)
    rows, total = queries.enterprise_list(
        scope,
        search=asked.search,
        unit=asked.filters.get("unit", ""),
        kind=asked.filters.get("kind", ""),
        linked=asked.filters.get("linked", ""),
        sort=asked.sort,
        descending=asked.descending,
        offset=0 if whole else asked.offset,
        limit=None if whole else asked.size,
    )
    if whole:
        from lienmach.kernel.web.exports import table_file

        return table_file(table, rows, kind=whole, language=get_language() or "vi", at=timezone.now())
    return render(request, "registry/enterprises.html", {"view": table.view(rows, request, total=total)})


@require_GET
@door("registry.enterprise_read", scope=AreaScope)
def enterprise(request: HttpRequest, scope: AreaScope, enterprise: UUID) -> HttpResponse:
    """One entry: what is known, where it stands, who it is linked to, and the events behind that."""
    try:
        page = queries.enterprise_get(scope, enterprise=enterprise)
    except queries.EnterpriseNotFound as error:
        raise Http404("enterprise") from error
    row = page.row
    facts = [
        (_("Tax code"), row.tax_code or "–"),
        (_("Kind"), _kind(row)),
        (_("Industry"), row.industry or "–"),
        (_("Address"), row.address or "–"),
        (_("Place when registered"), row.unit_name),
        (
            _("Place on today's map"),
            row.place_now or _("not decided by the change of map: needs an address"),
        ),
        (_("In the register since"), f"{row.registered_on:%d/%m/%Y}"),
        (_("Linked organisation"), page.organisation_name or _("none yet")),
    ]
    return render(request, "registry/enterprise.html", {"page": page, "facts": facts, "slug": slug(request)})


@require_http_methods(["GET", "POST"])
@door("registry.enterprise_import", scope=AreaScope)
def enterprise_import(request: HttpRequest, scope: AreaScope) -> HttpResponse:
    """Import a workbook of enterprises: all of it, or nothing and every problem."""
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        result = services.enterprise_import(
            scope, content=form.cleaned_data["file"].read(), at=timezone.now()
        )
        problems = result.problems
        if result.done:
            words = ngettext("%(count)d enterprise added.", "%(count)d enterprises added.", result.added)
            words = words % {"count": result.added}
            if result.known:
                words += " " + _("%(count)d were in the register already.") % {"count": result.known}
            messages.success(request, words)
            if not problems:
                return redirect("registry:enterprises", organisation=slug(request))
        else:
            messages.error(request, _("Nothing was imported. Correct these cells and import again."))
    failed = form.errors or any(problem.severity is Severity.ERROR for problem in problems)
    context = {
        "form": form,
        "slug": slug(request),
        "problems": PROBLEMS.view(problems, request) if problems else None,
    }
    return render(request, "registry/import.html", context, status=422 if failed else 200)


@require_GET
@door("registry.enterprise_import", scope=AreaScope)
def template_file(request: HttpRequest, scope: AreaScope) -> HttpResponse:
    """The empty workbook."""
    content = write_template(ENTERPRISES, language=get_language() or "vi")
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="lienmach-register.xlsx"'
    return response


@require_POST
@door("registry.claim_decide", scope=AreaScope)
def claim_decide(request: HttpRequest, scope: AreaScope, claim: UUID) -> HttpResponse:
    """Confirm or refuse that an entry is the organisation's."""
    accept = request.POST.get("decision") == "accept"
    try:
        decided = services.claim_decide(scope, claim=claim, accept=accept, at=timezone.now())
    except queries.EnterpriseNotFound as error:
        raise Http404("claim") from error
    except services.ClaimRefused as error:
        messages.error(request, str(error))
        return redirect("registry:enterprises", organisation=slug(request))
    messages.success(
        request, _("Linked: its evidence counts here now.") if accept else _("The claim is refused.")
    )
    return redirect("registry:enterprise", organisation=slug(request), enterprise=decided)


@require_GET
@door("registry.own_read")
def own(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """What the register says about us."""
    return _own(request, scope, None)


@require_POST
@door("registry.claim_request")
def claim_request(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Say that an entry is ours."""
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            services.claim_request(scope, tax_code=form.cleaned_data["tax_code"], at=timezone.now())
        except services.ClaimRefused as error:
            form.add_error("tax_code", str(error))
        else:
            messages.success(request, _("Asked. Your province confirms it."))
            return redirect("registry:own", organisation=slug(request))
    return _own(request, scope, form, status=422)


def _own(request: HttpRequest, scope: OrganisationScope, form: Any, status: int = 200) -> HttpResponse:
    own = queries.own_entry(scope, at=timezone.now())
    shown = own.entry or own.asked
    facts = (
        [
            (_("Name"), shown.name),
            (_("Tax code"), shown.tax_code or "–"),
            (_("Kind"), _kind(shown)),
            (_("Place"), shown.place_now or shown.unit_name),
            (_("In the register since"), f"{shown.registered_on:%d/%m/%Y}"),
        ]
        if shown
        else []
    )
    context = {
        "own": own,
        "facts": facts,
        "form": form or ClaimForm(initial={"tax_code": own.tax_code}),
        "may_ask": scope.allows("registry.claim_request"),
        "slug": slug(request),
    }
    return render(request, "registry/own.html", context, status=status)
