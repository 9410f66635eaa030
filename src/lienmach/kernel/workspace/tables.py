"""Tables of the kernel's own pages."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from lienmach.kernel.identity.models import Role
from lienmach.kernel.web.events import ORIGINS, event_title
from lienmach.kernel.web.tables import Column, Filter, Kind, Table


def events_table(slug: str) -> Table:
    """Return the table of an organisation's events, each leading to its own page."""
    return Table(
        "events",
        columns=(
            Column("time", _("Happened"), Kind.DATETIME),
            Column(
                "type",
                _("Event"),
                value=event_title,
                href=lambda row: reverse("workspace:event", args=[slug, row.event_id]),
            ),
            Column("subject", _("About"), wide_only=True),
            Column("actor", _("By"), wide_only=True),
            Column("origin", _("On whose word"), value=lambda row: ORIGINS[row.origin]),
            Column("recorded_at", _("Recorded"), Kind.DATETIME, wide_only=True),
            Column("position", _("Position"), Kind.NUMBER, wide_only=True),
        ),
        filters=(Filter("type", _("Event")), Filter("subject", _("About"))),
        sort="-time",
        empty_title=_("No events yet"),
        empty_text=_("Whatever happens in this organisation is recorded once and stands here from then on."),
    )


MEMBERS = Table(
    "members",
    columns=(
        Column("name", _("Name")),
        Column("username", _("User name")),
        Column("role", _("Role"), value=lambda row: Role(row.role).label),
        Column("pseudonym", _("Called in events"), wide_only=True),
        Column("last_login", _("Last signed in"), Kind.DATETIME, wide_only=True),
        Column("end", "", Kind.HTML, value=lambda row: row.end, sortable=False, export=False),
    ),
    sort="name",
)

READS = Table(
    "reads",
    title=_("Who has read our data"),
    show_title=True,
    columns=(
        Column("at", _("When"), Kind.DATETIME),
        Column("reader_name", _("Who")),
        Column("what", _("What")),
        Column("ground", _("On which ground"), wide_only=True),
    ),
    sort="-at",
    empty_title=_("Nobody has read anything"),
    empty_text=_("When an agency opens a single event of yours, it is written here at once."),
)


def link_button(url: str, words: Any) -> Any:
    """Return a small button that leads somewhere, for a cell."""
    return format_html('<a class="button compact" href="{}">{}</a>', url, words)
