"""The components, as template tags: `{% load lienmach %}`. The page /design/ shows them."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages import constants
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from lienmach.kernel.web import formatting, forms, gantt, icons, qr, tokens
from lienmach.kernel.web.evidence import EvidencePanel, mix_of
from lienmach.kernel.web.meaning import ICON, WORD, Meaning
from lienmach.kernel.web.tables import Page, TableView

register = template.Library()

Number = Decimal | float | None

OWN_NAME = {"vi": "Tiếng Việt", "en": "English", "km": "ខ្មែរ"}


def _language() -> formatting.Language:
    return formatting.language_of(get_language())


# ---- numbers and dates ---------------------------------------------------------------------------


@register.filter
def number(value: Number, decimals: int | None = None) -> str:
    """`{{ 1234567|number }}` → 1.234.567; `{{ x|number:1 }}` keeps one decimal."""
    return formatting.number(value, language=_language(), decimals=decimals)


@register.filter
def money(value: int | None, currency: str = "VND") -> str:
    """`{{ 1500000|money }}` → 1.500.000 ₫."""
    return formatting.money(value, language=_language(), currency=currency)


@register.filter
def share(value: Number, decimals: int = 1) -> str:
    """`{{ 0.835|share }}` → 83,5%."""
    return formatting.share(value, language=_language(), decimals=decimals)


@register.filter
def day(value: date | datetime | None) -> str:
    """`{{ when|day }}` → 21/11/2026, in the current zone."""
    return formatting.day(value, zone=timezone.get_current_timezone())


@register.filter
def moment(value: datetime | None) -> str:
    """`{{ when|moment }}` → 21/11/2026 14:05, in the current zone."""
    return formatting.moment(value, zone=timezone.get_current_timezone())


@register.filter
def clock(value: datetime) -> str:
    """`{{ when|clock }}` → 14:05, in the current zone."""
    return formatting.clock(value, zone=timezone.get_current_timezone())


@register.filter
def duration(value: timedelta | float | None) -> str:
    """`{{ lasting|duration }}` → 26 giờ 5 phút. A bare number counts seconds."""
    return formatting.duration(value, language=_language())


@register.filter
def own_name(code: str) -> str:
    """Return a language's name in that language."""
    return OWN_NAME.get(code, code)


# ---- small pieces -----------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "search" %}`: see icons.py for the names."""
    return icons.icon(name)


@register.simple_tag
def badge(meaning: Meaning | str, text: Any = "") -> SafeString:
    """`{% badge "watch" "2 days late" %}`: colour, shape and word together."""
    kind = Meaning(meaning)
    return format_html(
        '<span class="badge {}">{}<span>{}</span></span>',
        kind.value,
        icons.icon(ICON[kind]),
        text or WORD[kind],
    )


@register.simple_tag
def stylesheet() -> SafeString:
    """Write the stylesheet into the page, for files that open alone."""
    return SafeString(tokens.stylesheet())


@register.simple_tag
def message_notice(message: Any) -> SafeString:
    """Draw one of Django's messages."""
    meaning = {
        constants.SUCCESS: Meaning.GOOD,
        constants.WARNING: Meaning.WATCH,
        constants.ERROR: Meaning.BAD,
    }.get(message.level, Meaning.INFORMATION)
    return _notice(message.message, meaning)


def _notice(content: Any, meaning: Meaning | str, title: Any = "") -> SafeString:
    kind = Meaning(meaning)
    heading = format_html("<h3>{}</h3>", title) if title else ""
    return format_html(
        '<div class="notice {}">{}<div>{}{}</div></div>', kind.value, icons.icon(ICON[kind]), heading, content
    )


@register.simple_block_tag
def notice(content: str, meaning: str = "information", title: str = "") -> SafeString:
    """`{% notice "watch" "Two machines are missing" %}what to do{% endnotice %}`."""
    return _notice(SafeString(content), meaning, title)


@register.simple_block_tag
def empty(content: str, title: str, icon: str = "list") -> SafeString:
    """`{% empty "No orders yet" icon="box" %}what will stand here, and one button{% endempty %}`."""
    return format_html(
        '<div class="empty">{}<h2>{}</h2>{}</div>', icons.icon(icon), title, SafeString(content)
    )


@register.inclusion_tag("web/components/crumbs.html")
def crumbs(*parts: Any) -> dict[str, Any]:
    """`{% crumbs _("Orders") orders_url order.number "" %}`: title and address in turn; the last has none."""
    if len(parts) % 2:
        raise template.TemplateSyntaxError(
            "crumbs takes titles and addresses in turn; the last address is ''."
        )
    return {"crumbs": list(zip(parts[::2], parts[1::2], strict=True))}


@register.inclusion_tag("web/components/facts.html")
def facts(rows: Iterable[Sequence[Any]] | Mapping[Any, Any]) -> dict[str, Any]:
    """`{% facts rows %}`: pairs (term, detail), or triples whose third says that the value is assumed."""
    pairs = rows.items() if isinstance(rows, Mapping) else rows
    return {"facts": [(row[0], row[1], row[2] if len(row) > 2 else "") for row in pairs]}


@register.inclusion_tag("web/components/stepper.html")
def stepper(titles: Sequence[Any], current: int) -> dict[str, Any]:
    """`{% stepper titles 2 %}`: the steps of a task; `current` counts from 1."""
    return {
        "steps": [
            {"title": title, "done": place < current, "current": place == current}
            for place, title in enumerate(titles, start=1)
        ]
    }


_progress_ids = itertools.count(1)


@register.inclusion_tag("web/components/progress.html")
def progress(
    label: Any, value: float | None = None, maximum: float = 1, meaning: str = "", figure: Any = None
) -> dict[str, Any]:
    """`{% progress _("Orders planned") 12 40 %}`; no value: under way, length unknown."""
    if figure is None:
        figure = (
            ""
            if value is None
            else formatting.share(value / maximum if maximum else 0, language=_language(), decimals=0)
        )
    return {
        "id": f"progress-{next(_progress_ids)}",
        "label": label,
        "figure": figure,
        "value": value,
        "value_text": f"{value or 0:.6g}",
        "maximum_text": f"{maximum:.6g}",
        "meaning": Meaning(meaning).value if meaning else "",
    }


# ---- tables ---------------------------------------------------------------------------------------------


@register.simple_tag
def table(view: TableView) -> SafeString:
    """`{% table view %}`: what `Table.view(...)` returned, with filters, counts, sort links and exports."""
    return render_to_string("web/components/table.html", {"view": view})


@register.inclusion_tag("web/components/pagination.html")
def pagination(page: Page, label: Any = "") -> dict[str, Any]:
    """`{% pagination page %}`: which rows these are of how many, and the other pages."""
    return {"page": page, "label": label or page.range_text}


# ---- forms ----------------------------------------------------------------------------------------------


@register.inclusion_tag("web/components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """`{% field form.name %}`: label above, help beside, error below the input and tied to it."""
    return forms.field_context(bound)


@register.inclusion_tag("web/components/form_errors.html")
def form_errors(*many: BaseForm) -> dict[str, Any]:
    """`{% form_errors form %}`: all problems of all forms of the page at once, each leading to its field."""
    problems = [problem for form in many if form for problem in forms.problems_of(form)]
    heading = ngettext(
        "One thing needs another look", "%(count)d things need another look", len(problems)
    ) % {"count": len(problems)}
    return {"problems": problems, "heading": heading}


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """`{% fields form %}`: every field in order, hidden ones included."""
    parts = [str(bound) for bound in form.hidden_fields()]
    parts += [
        render_to_string("web/components/field.html", forms.field_context(bound))
        for bound in form.visible_fields()
    ]
    return SafeString("\n".join(parts))


# ---- pictures ------------------------------------------------------------------------------------------


@register.simple_tag(name="gantt")
def gantt_tag(plan: gantt.Gantt) -> SafeString:
    """`{% gantt plan %}`: a frame that scrolls by itself, rows by machine, the hours along the top."""
    return gantt.render(plan, language=_language(), zone=timezone.get_current_timezone())


@register.simple_tag(takes_context=True)
def chart(context: template.Context, drawing: Any) -> SafeString:
    """`{% chart drawing %}`: a `charts.Chart`, drawn in the page, printed from SVG, with its table below.

    In a file that opens alone (`alone` in the context) there is the SVG only.
    """
    from lienmach.kernel.web import charts

    return charts.render(drawing, language=_language(), alone=bool(context.get("alone")))


@register.simple_tag(name="qr")
def qr_tag(text: str, label: Any) -> SafeString:
    """`{% qr address _("Report this step") %}`: a QR code with the words a person reads beside it."""
    return qr.render(text, label)


@register.inclusion_tag("web/components/evidence.html")
def evidence(panel: EvidencePanel) -> dict[str, Any]:
    """`{% evidence panel %}`: why a number is what it is, and the way down to its events."""
    return {
        "panel": panel,
        "title": panel.title,
        "id": f"evidence-{next(_progress_ids)}",
        "mix": mix_of(panel),
    }


@register.inclusion_tag("web/components/events.html")
def events(entries: Iterable[Any]) -> dict[str, Any]:
    """`{% events entries %}`: what happened, newest first: objects with `time`, `text` and `origin`."""
    return {"events": entries}
