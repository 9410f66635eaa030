"""What stands around every page: the shell of whoever is signed in, and answers kept out of shared caches."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from lienmach.kernel.apps import installed, load
from lienmach.kernel.identity.models import OrganisationKind
from lienmach.kernel.identity.queries import Entry, organisations_of_person
from lienmach.kernel.web.shell import Group, Link, Shell

Answer = Callable[[HttpRequest], HttpResponse]


class ShellMiddleware:
    """Give each request a shell, built when a page is rendered: the door knows the organisation then."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hang the lazy shell on the request."""
        request.shell = SimpleLazyObject(lambda: shell_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)


class NoStoreMiddleware:
    """Keep pages that depend on who asks out of shared caches, and links out of search indexes.

    A link's secret leaves in no referrer either: the site-wide policy is `same-origin`. (`no-referrer` would
    make browsers send forms with `Origin: null`, which the forgery check refuses.)
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark such answers as private."""
        response = self.get_response(request)
        if request.path.startswith(("/o/", "/l/", "/api/")) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        if request.path.startswith("/l/"):
            response["X-Robots-Tag"] = "noindex"
        return response


def shell_of(request: HttpRequest) -> Shell:
    """Return the frame of a page: nothing for strangers, the organisation's navigation for its members."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell()
    entry: Entry | None = getattr(request, "entry", None)
    home = reverse("workspace-public:home")
    person = Shell(
        person=str(user), account=reverse("mfa_index"), sign_out=reverse("account_logout"), home=home
    )
    if entry is None:
        return person
    return replace(
        person,
        organisation=entry.organisation.name,
        kind=OrganisationKind(entry.organisation.kind).label,
        switch=home if len(organisations_of_person(person=user.pk)) > 1 else "",
        navigation=_navigation(request, entry),
    )


def _navigation(request: HttpRequest, entry: Entry) -> tuple[Group, ...]:
    found: dict[Any, list[tuple[int, Link]]] = defaultdict(list)
    lengths: list[int] = []
    for config in installed():
        for item in config.navigation:
            if not entry.scope.allows(item.permission):
                continue
            url = reverse(item.view, kwargs={"organisation": entry.organisation.slug})
            if request.path.startswith(url):
                lengths.append(len(url))
            count = load(item.count)(entry.scope) if item.count else None
            found[config.title].append((item.order, Link(title=item.label, url=url, count=count)))
    best = max(lengths, default=-1)
    groups = sorted(found.items(), key=lambda group: min(order for order, _ in group[1]))
    return tuple(
        Group(
            title=title,
            links=tuple(_marked(link, request.path, best) for _, link in sorted(links, key=_order)),
        )
        for title, links in groups
    )


def _order(numbered: tuple[int, Link]) -> int:
    return numbered[0]


def _marked(link: Link, path: str, best: int) -> Link:
    """Mark the link with the longest address that the page stands under."""
    current = path.startswith(link.url) and len(link.url) == best
    return replace(link, current=current)
