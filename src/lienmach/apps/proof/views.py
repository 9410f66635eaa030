"""Pages: parse, one call into services or queries, answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienmach.apps.proof import offline, presentation, queries, services
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.scope import LinkScope, OrganisationScope, PublicScope
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.events import event_body, event_envelope
from lienmach.kernel.web.receipts import proof_download, receipts, to_proof

MOST_EXPORTED = 10_000
SESSION = "proof.partner_link"


class VerifyForm(forms.Form):
    """A proof file, as a file or as pasted text, and the reader's own policy if there is one."""

    file = forms.FileField(label=gettext_lazy("Proof file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or its content, pasted here"),
        required=False,
        strip=False,
        max_length=queries.LARGEST_FILE,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    policy = forms.CharField(
        label=gettext_lazy("Your own policy"),
        required=False,
        max_length=100_000,
        help_text=gettext_lazy(
            "Lines log …, witness …, group …, quorum …. Empty: the keys inside the file are used."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Something has to be examined."""
        given = super().clean() or self.cleaned_data
        if not given.get("file") and not (given.get("text") or "").strip() and not self.errors:
            self.add_error("file", _("Choose a proof file, or paste what stands in it."))
        return given

    def data_given(self) -> bytes:
        """Return the bytes to examine, never more than one too many."""
        file = self.cleaned_data["file"]
        if file:
            return bytes(file.read(queries.LARGEST_FILE + 1))
        # A browser sends pasted lines with CR LF, and the last newline may be lost on the way.
        text: str = self.cleaned_data["text"]
        return (text.replace("\r\n", "\n").strip() + "\n").encode("utf-8", "surrogatepass")


@require_GET
@door("proof.log_read")
def log(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """The organisation's log, newest first."""
    asked = presentation.ADDRESS.query(request.GET)
    export = presentation.ADDRESS.wants_export(request)
    page = queries.leaves(
        scope,
        kind=request.GET.get("kind", ""),
        stage=request.GET.get("stage", ""),
        offset=0 if export else asked.offset,
        limit=MOST_EXPORTED if export else asked.size,
    )
    table = presentation.leaves_table(slug(request), page)
    file = table.export(page.lines, request, at=timezone.now())
    context = {"view": table.view(page.lines, request, total=page.total), "page": page}
    return file or render(request, "proof/log.html", context)


@require_GET
@door("proof.log_read")
def leaf(request: HttpRequest, scope: OrganisationScope, leaf: UUID) -> HttpResponse:
    """One leaf: what it says, how far it has come, what it commits to, and its proof to take along."""
    try:
        found = queries.leaf(scope, leaf=leaf)
    except EventNotFound as error:
        raise Http404("leaf") from error
    event, organisation = found.event, slug(request)
    token = request.session.get(SESSION, {}).get(str(leaf), "")
    context = {
        "record": found.leaf,
        "title": presentation.record_title(found),
        "badge": presentation.record_badge(found.leaf),
        "event": event,
        "body": event_body(event) if event else [],
        "envelope": event_envelope(event) if event else [],
        "steps": presentation.steps_of(found.leaf),
        "facts": presentation.leaf_facts(found.leaf),
        "groups": presentation.groups_of(found.leaf.groups),
        "openable": presentation.openable(found.leaf.groups),
        "receipts": receipts(scope, found.others, to=to_proof(scope, organisation)),
        "names": receipts(scope, found.names, to=to_proof(scope, organisation)),
        "named_by": receipts(scope, found.named_by, to=to_proof(scope, organisation)),
        "address": request.build_absolute_uri(reverse("proof-public:leaf", args=[leaf])),
        "link": request.build_absolute_uri(reverse("proof-link:subject", args=[token])) if token else "",
        "may_share": event is not None and scope.allows("proof.link_share"),
        "may_download": scope.allows("proof.file_download"),
        "slug": organisation,
    }
    return render(request, "proof/leaf.html", context)


@require_GET
@door("proof.file_download")
def leaf_file(request: HttpRequest, scope: OrganisationScope, leaf: UUID) -> HttpResponse:
    """The offline proof of a leaf, with the groups that were chosen (`show`) opened."""
    groups = [group for group in queries.GROUPS if group in request.GET.getlist("show")]
    return _file(request, scope, leaf, groups, province="province" in request.GET)


@require_POST
@door("proof.link_share")
def leaf_share(request: HttpRequest, scope: OrganisationScope, leaf: UUID) -> HttpResponse:
    """Make a link for a partner; it is shown once."""
    try:
        token = services.subject_share(scope, leaf=leaf, at=timezone.now())
    except EventNotFound as error:
        raise Http404("leaf") from error
    request.session[SESSION] = {str(leaf): token}
    return redirect(reverse("proof:leaf", args=[slug(request), leaf]) + "#partner")


@require_GET
@door("proof.health_read")
def health(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """How the log is doing, and what to do next."""
    found = queries.health(scope, at=timezone.now())
    context = {
        "health": found.log,
        "facts": presentation.health_facts(found.log, found.at),
        "failing": [each for each in found.log.witnesses if each.failing_since is not None],
        "witnesses": presentation.WITNESSES.view(found.log.witnesses, request),
        "advice": presentation.ADVICE[found.log.advice],
        "meaning": presentation.ADVICE_MEANING[found.log.advice],
    }
    return render(request, "proof/health.html", context)


@require_GET
@door("proof.subject_read", scope=LinkScope)
def subject(request: HttpRequest, scope: LinkScope) -> HttpResponse:
    """What a partner's link shows: everything recorded about one thing, and proof files of it."""
    found = queries.subject(scope)
    context = {"found": found, "cards": presentation.subject_cards(found.leaves, _token(request))}
    return render(request, "proof/subject.html", context)


@require_GET
@door("proof.subject_read", scope=LinkScope)
def subject_file(request: HttpRequest, scope: LinkScope, leaf: UUID) -> HttpResponse:
    """The offline proof of one of them, with the public and the partner's group opened."""
    return _file(request, scope, leaf, queries.FOR_PARTNERS)


# Changes nothing and knows nobody: needs no protection from another site's form, and programs may post to it.
@csrf_exempt
@require_http_methods(["GET", "POST"])
@door("proof.file_verify", scope=PublicScope)
def verify(request: HttpRequest, scope: PublicScope) -> HttpResponse:
    """Examine a proof file of anybody: a verdict in words, or as JSON where JSON is asked for."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    examined = None
    if request.method == "POST" and form.is_valid():
        examined = queries.file_examine(
            scope, data=form.data_given(), policy=form.cleaned_data["policy"], at=timezone.now()
        )
    status = 422 if form.errors else 200
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(_verdict_json(form, examined), status=status)
    context = {
        "form": form,
        "verdict": presentation.verdict_of(examined) if examined else None,
        "page_hash": offline.single_file_hash(),
    }
    return render(request, "proof/verify.html", context, status=status)


@require_GET
@door("proof.file_verify", scope=PublicScope)
def offline_page(request: HttpRequest, scope: PublicScope) -> HttpResponse:
    """The page that verifies without us, as a file to keep."""
    response = HttpResponse(offline.single_file(), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{offline.NAME}"'
    return response


@require_GET
@door("proof.file_verify", scope=PublicScope)
def limits(request: HttpRequest, scope: PublicScope) -> HttpResponse:
    """What a log proves and what it does not, in plain words."""
    return render(request, "proof/limits.html")


@require_GET
@door("proof.file_verify", scope=PublicScope)
def public_leaf(request: HttpRequest, scope: PublicScope, leaf: UUID) -> HttpResponse:
    """Where the QR code of a printed receipt leads: the leaf's place, and no content."""
    try:
        record = queries.leaf_of_anybody(scope, leaf=leaf)
    except EventNotFound:
        return render(request, "proof/public_unknown.html", {"leaf": leaf}, status=404)
    context = {
        "record": record,
        "title": presentation.kind_title(record.line.kind),
        "badge": presentation.record_badge(record),
        "steps": presentation.steps_of(record),
        "facts": presentation.leaf_facts(record),
        "groups": presentation.groups_of(record.groups),
    }
    return render(request, "proof/public_leaf.html", context)


def _token(request: HttpRequest) -> str:
    """The secret of the link whose door was entered: /l/<token>/…"""
    return request.path.split("/")[2]


def _file(
    request: HttpRequest, scope: Any, leaf: UUID, groups: Sequence[str], *, province: bool = False
) -> HttpResponse:
    return proof_download(
        request, leaf, lambda: queries.proof_file(scope, leaf=leaf, groups=groups, province=province)
    )


def _verdict_json(form: VerifyForm, examined: queries.Examined | None) -> dict[str, Any]:
    if examined is None:
        return {"verified": False, "fault": "request", "problems": form.errors.get_json_data()}
    if examined.shown is None:
        return {"verified": False, "fault": examined.fault, "reason": examined.reason}
    shown = examined.shown
    return {
        "verified": True,
        "trust": examined.trust,
        "witnessed": bool(examined.witnesses),
        "witnesses": [
            {"name": each.name, "key": each.key, "at": each.at, "known": each.known}
            for each in examined.witnesses
        ],
        "log": shown.verdict.checkpoint.origin,
        "size": shown.verdict.checkpoint.size,
        "index": shown.index,
        "event": shown.leaf.event,
        "kind": shown.leaf.kind,
        "time": shown.leaf.time,
        "leaf_hash": examined.hash,
        "author_key_held": examined.tier,
        "held_by": shown.province.checkpoint.origin if shown.province else None,
        "opened": dict(shown.groups),
        "closed": list(shown.closed),
    }
