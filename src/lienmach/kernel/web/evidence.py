"""The "why and evidence" panel beside a number: reasons, origins, and the way down to the events."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

WIDTH = 1000
TITLE = _("Why, and by what evidence")
LINK = _("Show the events behind this")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a history: when, what, and on whose word."""

    time: Any
    text: str | Promise
    origin: str | Promise = ""


@dataclass(frozen=True, kw_only=True)
class EvidencePanel:
    """What a person needs in order to believe a number, or not.

    Attributes
    ----------
    reasons
        Sentences, the strongest first.
    confirmed, instrument, self_reported
        How many events of each origin stand behind the number; all zero draws no bar.
    facts
        (term, detail): as of which date, on which map, by which rule version.
    url, link
        Where the events themselves can be seen.
    receipts
        The newest events behind the fact, each with how far it has come in the log and the way to its
        proof (`receipts.receipts`).
    """

    title: str | Promise = TITLE
    reasons: tuple[str | Promise, ...] = ()
    confirmed: int = 0
    instrument: int = 0
    self_reported: int = 0
    facts: tuple[tuple[Any, Any], ...] = ()
    url: str = ""
    link: str | Promise = LINK
    receipts: tuple[Any, ...] = ()


@dataclass(frozen=True)
class MixPart:
    """One origin's share of the bar."""

    label: str | Promise
    count: int
    swatch: SafeString


@dataclass(frozen=True)
class Mix:
    """The bar of origins, solid for confirmed, striped for instruments, outlined for self-reported."""

    svg: SafeString
    parts: tuple[MixPart, ...]


# Shade and pattern both differ, so that the bar reads without colour.
_ORIGINS: tuple[tuple[str, Any, str], ...] = (
    ("confirmed", _("confirmed by the other side"), "confirmed"),
    ("instrument", _("from instruments"), "instrument"),
    ("self_reported", _("self-reported"), "reported"),
)


def mix_of(panel: EvidencePanel) -> Mix | None:
    """Return the bar of origins, or None when no event is counted."""
    total = panel.confirmed + panel.instrument + panel.self_reported
    if not total:
        return None
    parts, rects, at = [], [], 0.0
    for attribute, label, css in _ORIGINS:
        count = getattr(panel, attribute)
        if not count:
            continue
        width = WIDTH * count / total
        rects.append((css, f"{at:.1f}", f"{width:.1f}"))
        at += width
        swatch = format_html(
            '<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">'
            '<rect class="origin-{}" x="1" y="1" width="14" height="14"/></svg>',
            css,
        )
        parts.append(MixPart(label, count, swatch))
    body = format_html_join("", '<rect class="origin-{}" x="{}" y="0" width="{}" height="16"/>', rects)
    svg = format_html(
        '<svg class="mix" viewBox="0 0 {} 16" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        WIDTH,
        body,
    )
    return Mix(svg, tuple(parts))
