"""What stands around a page: where am I, who am I, where can I go, in which language and light.

The middleware fills it (`request.shell`); a page without one, such as an error, gets `Shell()`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Theme = Literal["auto", "light", "dark"]
THEMES: dict[str, str | Promise] = {"auto": _("Auto"), "light": _("Light"), "dark": _("Dark")}
THEME_COOKIE = "theme"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place one can go to. `current` is where one is; `count` stands behind the title (open tasks, say)."""

    title: str | Promise
    url: str
    current: bool = False
    count: int | None = None
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Links under one heading: the pages of one app."""

    title: str | Promise
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class Shell:
    """The frame of a signed-in page.

    Attributes
    ----------
    organisation, kind
        Its name and what it is ("Workshop", "Province"); empty when the page belongs to none.
    home
        Where the brand leads.
    navigation
        Groups in order; empty groups are left out by whoever builds it.
    person
        Name of the person signed in; empty when nobody is.
    account, switch, sign_out
        Addresses of the person's account, of the choice of organisation, and of signing out (a POST).
    """

    organisation: str = ""
    kind: str | Promise = ""
    home: str = "/"
    navigation: tuple[Group, ...] = ()
    person: str = ""
    account: str = ""
    switch: str = ""
    sign_out: str = ""


def theme_of(request: HttpRequest) -> Theme:
    """Return the theme the person chose; a cookie that says anything else counts as not chosen."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return cast(Theme, chosen if chosen in THEMES else "auto")


def furniture(request: HttpRequest) -> Mapping[str, Any]:
    """Context processor: `shell`, `theme` and `themes` for the base pages."""
    return {
        "shell": getattr(request, "shell", None) or Shell(),
        "theme": theme_of(request),
        "themes": THEMES.items(),
    }
