"""A Gantt from plain dataclasses, drawn on the server as HTML and SVG.

It needs no script and no style attribute, so the same drawing stands in a page under the content policy, in a
file that opens alone, and on paper. Machines stay on the left and hours stay above while the rest scrolls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from math import ceil

from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lienmach.kernel.web import formatting
from lienmach.kernel.web.formatting import Language

ROW_PX = 36  # the height of .gantt-labels li
AXIS_PX = 60  # three lines: markers, days, hours
MARK_Y = 13
DAY_Y = 33
LEAST_BAR_PX = 2.0
LETTER_PX = 6.6  # of the 12 px text, on average
LEAST_LETTERS = 3
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Ticks the axis may have: (step, what is written at it).
STEPS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(minutes=15), "clock"),
    (timedelta(minutes=30), "clock"),
    (HOUR, "clock"),
    (2 * HOUR, "clock"),
    (4 * HOUR, "clock"),
    (6 * HOUR, "clock"),
    (12 * HOUR, "clock"),
    (DAY, "day"),
    (2 * DAY, "day"),
    (7 * DAY, "day"),
    (14 * DAY, "day"),
    (28 * DAY, "day"),
)
LEAST_TICK_PX = 64

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One piece of work on a row, from `start` to `end` (aware datetimes).

    Attributes
    ----------
    label
        What stands in the bar where there is room, and first in its explanation.
    detail
        Further lines of the explanation shown on pointing.
    meaning
        One of the five meanings; "" is plain work.
    group
        Bars of the same group (an order) light up together.
    setup_until
        The stretch from `start` to here is setting up.
    done
        Share finished, 0 to 1.
    fixed
        May not be moved by replanning; drawn with a heavy edge.
    """

    start: datetime
    end: datetime
    label: str
    detail: Sequence[Words] = ()
    meaning: str = ""
    href: str = ""
    group: str = ""
    setup_until: datetime | None = None
    done: float = 0.0
    fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One machine, worker or order: its bars and the stretches in which it is closed."""

    name: str
    note: Words = ""
    bars: Sequence[Bar] = ()
    closed: Sequence[tuple[datetime, datetime]] = ()
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A line through all rows: `now`, `due` or `freeze`."""

    at: datetime
    label: Words
    kind: str = "due"


@dataclass(frozen=True, kw_only=True)
class Gantt:
    """A whole drawing from `start` to `end`.

    Attributes
    ----------
    px_per_hour
        Width of an hour; None fits the whole into `width_px`.
    width_px
        1,000 for a screen; 540 fits A4 upright, 860 A4 across, beside the names of the machines.
    paper_px
        When the drawing for the screen is too wide for paper: a second one of this width, seen in print only.
    """

    title: Words
    rows: Sequence[Row]
    start: datetime
    end: datetime
    markers: Sequence[Marker] = ()
    row_title: Words = ""
    px_per_hour: float | None = None
    width_px: int = 1000
    paper_px: int = 0
    key: Sequence[tuple[str, Words]] = field(default_factory=tuple)


@dataclass(frozen=True)
class _Scale:
    start: datetime
    width: float
    px_per_s: float

    def x(self, at: datetime) -> float:
        return min(max((at - self.start).total_seconds() * self.px_per_s, 0.0), self.width)


def render(plan: Gantt, *, language: Language, zone: tzinfo) -> SafeString:
    """Return the drawing as HTML.

    Parameters
    ----------
    zone
        Where the shop stands: ticks, days and closed hours are read in it.

    Raises
    ------
    ValueError
        The drawing ends before it starts.
    """
    if plan.end <= plan.start:
        raise ValueError(f"Gantt {plan.title}: its end must lie after its start.")
    if not plan.paper_px:
        return _figure(plan, "gantt", language, zone)
    paper = replace(plan, px_per_hour=None, width_px=plan.paper_px)
    return _figure(plan, "gantt no-print", language, zone) + _figure(
        paper, "gantt print-only", language, zone
    )


def _figure(plan: Gantt, css: str, language: Language, zone: tzinfo) -> SafeString:
    scale = _scale(plan)
    height = ROW_PX * len(plan.rows)
    return format_html(
        '<figure class="{}" data-gantt="">'
        '<div class="gantt-frame" tabindex="0" role="region" aria-label="{}">'
        '<div class="gantt-grid"><div class="gantt-corner">{}</div><div class="gantt-axis">{}</div>'
        '<ul class="gantt-labels">{}</ul>{}</div></div>{}</figure>',
        css,
        plan.title,
        plan.row_title or _("Machine"),
        _axis(plan, scale, language, zone),
        format_html_join("", "{}", ((_label(row),) for row in plan.rows)),
        _body(plan, scale, height, language, zone),
        _key(plan),
    )


def _scale(plan: Gantt) -> _Scale:
    hours = (plan.end - plan.start) / HOUR
    per_hour = plan.px_per_hour or plan.width_px / hours
    return _Scale(plan.start, ceil(hours * per_hour), per_hour / 3600)


def _ticks(plan: Gantt, scale: _Scale, zone: tzinfo) -> Iterator[tuple[datetime, str, bool]]:
    """Yield (moment, what is written, whether a day begins), in the zone's own wall clock."""
    step, kind = next(
        (pair for pair in STEPS if pair[0].total_seconds() * scale.px_per_s >= LEAST_TICK_PX), STEPS[-1]
    )
    first = plan.start.astimezone(zone).replace(tzinfo=None)
    at = first.replace(hour=0, minute=0, second=0, microsecond=0)
    if step > DAY:
        at -= timedelta(days=at.weekday())
    while True:
        moment = at.replace(tzinfo=zone)
        if moment >= plan.end:
            return
        if moment >= plan.start:
            yield moment, kind, at.hour == 0 and at.minute == 0
        at += step


def _line(css: str, x: float, top: float, bottom: float) -> str:
    return f'<line class="{escape(css)}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'


def _rect(css: str, x: float, y: float, width: float, height: float, *, round_px: int = 0) -> str:
    corner = f' rx="{round_px}"' if round_px else ""
    return f'<rect class="{css}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}"{corner}/>'


def _text(css: str, x: float, y: float, words: Words) -> str:
    name = f' class="{escape(css)}"' if css else ""
    return f'<text{name} x="{x:.1f}" y="{y}">{escape(words)}</text>'


def _axis(plan: Gantt, scale: _Scale, language: Language, zone: tzinfo) -> SafeString:
    parts: list[str] = []

    def day_name(at: datetime) -> str:
        return formatting.day_short(at, language=language, zone=zone)

    for at, kind, begins_day in _ticks(plan, scale, zone):
        x = scale.x(at)
        parts.append(_line("g-tick-major" if begins_day else "g-tick", x, AXIS_PX - 18, AXIS_PX))
        words = formatting.clock(at, zone=zone) if kind == "clock" else day_name(at)
        parts.append(_text("", x + 4, AXIS_PX - 6, words))
        if kind == "clock" and begins_day:
            parts.append(_text("g-day", x + 4, DAY_Y, day_name(at)))
    first = plan.start.astimezone(zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    if first > midnight and (midnight + DAY - first).total_seconds() * scale.px_per_s > LEAST_TICK_PX:
        parts.append(_text("g-day", 4, DAY_Y, day_name(first)))
    parts += _marker_words(plan, scale)
    return _svg(scale.width, AXIS_PX, parts, hidden=True)


def _marker_words(plan: Gantt, scale: _Scale) -> Iterator[str]:
    """Yield the markers' words in their own line of the axis; one that would cover another is left out."""
    taken = 0.0
    for marker in sorted(plan.markers, key=lambda marker: marker.at):
        if not plan.start <= marker.at <= plan.end:
            continue
        x, width = scale.x(marker.at), LETTER_PX * len(str(marker.label))
        left = min(max(x - width / 2, 2), scale.width - width - 2)
        if left > taken:
            yield _text(f"g-mark-text {marker.kind}", left, MARK_Y, marker.label)
            yield _line(f"g-{marker.kind}", x, MARK_Y + 3, AXIS_PX)
            taken = left + width + 6


def _label(row: Row) -> SafeString:
    name = format_html('<a href="{}">{}</a>', row.href, row.name) if row.href else row.name
    note = format_html('<span class="note" title="{}">{}</span>', row.note, row.note) if row.note else ""
    return format_html('<li><span class="name" title="{}">{}</span>{}</li>', row.name, name, note)


def _body(plan: Gantt, scale: _Scale, height: int, language: Language, zone: tzinfo) -> SafeString:
    parts: list[str] = []
    for index, row in enumerate(plan.rows):
        for begin, end in row.closed:
            x, width = scale.x(begin), scale.x(end) - scale.x(begin)
            if width > 0:
                parts.append(_rect("g-closed", x, index * ROW_PX, width, ROW_PX))
    for at, _kind, begins_day in _ticks(plan, scale, zone):
        parts.append(_line("g-tick-major" if begins_day else "g-tick", scale.x(at), 0, height))
    for index in range(1, len(plan.rows) + 1):
        y = index * ROW_PX - 0.5
        parts.append(f'<line class="g-row" x1="0" x2="{scale.width:.0f}" y1="{y}" y2="{y}"/>')
    for index, row in enumerate(plan.rows):
        for bar in row.bars:
            if bar.end > plan.start and bar.start < plan.end:
                parts.append(_bar(bar, row, index * ROW_PX, scale, language, zone))
    for marker in plan.markers:
        if plan.start <= marker.at <= plan.end:
            line = _line(f"g-{marker.kind}", scale.x(marker.at), 0, height)
            title = f"<title>{escape(marker.label)} {formatting.moment(marker.at, zone=zone)}</title>"
            parts.append(f"<g>{title}{line}</g>")
    return _svg(scale.width, height, parts)


def _bar(bar: Bar, row: Row, y: int, scale: _Scale, language: Language, zone: tzinfo) -> str:
    x = scale.x(bar.start)
    width = max(scale.x(bar.end) - x, LEAST_BAR_PX)
    top, high = y + 5, ROW_PX - 11
    explained = (
        bar.label,
        row.name,
        f"{formatting.moment(bar.start, zone=zone)} – {formatting.moment(bar.end, zone=zone)}",
        formatting.duration(bar.end - bar.start, language=language),
        *(str(line) for line in bar.detail),
    )
    inner = [
        "<title>" + escape("\n".join(explained)) + "</title>",
        _rect("body", x, top, width, high, round_px=3),
    ]
    if bar.setup_until is not None and bar.setup_until > bar.start:
        inner.append(_rect("setup", x, top, min(scale.x(bar.setup_until) - x, width), high, round_px=3))
    if bar.done > 0:
        inner.append(_rect("done", x, top, width * min(bar.done, 1), high, round_px=3))
    room = int((width - 8) / LETTER_PX)
    if room >= LEAST_LETTERS:
        words = bar.label if len(bar.label) <= room else bar.label[: room - 1] + "…"
        inner.append(_text("", x + 4, top + 17, words))
    css = " ".join(filter(None, ["g-bar", bar.meaning, "fixed" if bar.fixed else ""]))
    group = f' data-group="{escape(bar.group)}"' if bar.group else ""
    body = f'<g class="{css}"{group}>{"".join(inner)}</g>'
    return f'<a href="{escape(bar.href)}">{body}</a>' if bar.href else body


def _svg(width: float, height: float, parts: list[str], *, hidden: bool = False) -> SafeString:
    return format_html(
        '<svg width="{}" height="{}" viewBox="0 0 {} {}"{}>{}</svg>',
        f"{width:.0f}",
        f"{height:.0f}",
        f"{width:.0f}",
        f"{height:.0f}",
        SafeString(' aria-hidden="true"') if hidden else "",
        SafeString("".join(parts)),  # every text in it went through escape()
    )


def _key(plan: Gantt) -> SafeString | str:
    if not plan.key:
        return ""
    items = (
        (
            format_html(
                '<svg width="28" height="16" viewBox="0 0 28 16" aria-hidden="true">{}</svg>',
                _key_swatch(kind),
            ),
            words,
        )
        for kind, words in plan.key
    )
    return format_html(
        '<figcaption><ul class="gantt-key">{}</ul></figcaption>', format_html_join("", "<li>{}{}</li>", items)
    )


def _key_swatch(kind: str) -> SafeString:
    if kind in ("now", "due", "freeze"):
        return format_html('<line class="g-{}" x1="14" x2="14" y1="0" y2="16"/>', kind)
    if kind == "closed":
        return SafeString('<rect class="g-closed" x="1" y="1" width="26" height="14"/>')
    extra = (
        SafeString('<rect class="setup" x="1" y="1" width="9" height="14" rx="3"/>')
        if kind == "setup"
        else ""
    )
    css = "" if kind in ("setup", "work") else kind
    return format_html(
        '<g class="g-bar {}"><rect class="body" x="1" y="1" width="26" height="14" rx="3"/>{}</g>', css, extra
    )
