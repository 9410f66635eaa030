"""Charts: declared once, drawn in the page by Vega, printed as SVG, with the numbers as a table behind.

Colours in a declaration are tokens, `token("accent")`: in the page they follow the theme, on paper they are
the light ones. Altair and vl-convert are imported when a chart is made, never when the web process starts.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lienmach.kernel.web import formatting, tokens
from lienmach.kernel.web.formatting import Language

Words = str | Promise
BUNDLE = "web/charts.js"
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

NUMBER = SafeString(' class="number"')
_TOKEN = re.compile(r"token\(([a-z0-9-]+)\)")


def token(name: str) -> str:
    """Return the stand-in for a design token's colour; KeyError if there is no such token."""
    if name not in tokens.tokens():
        raise KeyError(f"No design token {name!r}.")
    return f"token({name})"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart and what stands around it.

    Attributes
    ----------
    name
        Unique on its page; becomes an id.
    title
        The finding or the question, not the name of the table.
    drawing
        An Altair chart, or a Vega-Lite specification.
    columns, rows
        The same numbers, as already formatted text: the table behind the chart.
    note
        Source, date, what is missing.
    """

    name: str
    title: Words
    drawing: Any
    columns: Sequence[Words] = ()
    rows: Sequence[Sequence[str]] = ()
    note: Words = ""

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification with our looks and with tokens for colours."""
        plain = dict(self.drawing) if isinstance(self.drawing, Mapping) else self.drawing.to_dict()
        plain["config"] = _merged(looks(), plain.get("config", {}))
        plain.setdefault("background", "transparent")
        if "width" not in plain and not {"hconcat", "vconcat", "facet", "concat"} & plain.keys():
            plain["width"] = "container"
        plain.setdefault("autosize", {"type": "fit-x", "contains": "padding"})
        return plain


def looks() -> dict[str, Any]:
    """Return the Vega-Lite configuration that makes every chart ours."""
    ink, quiet, line = token("ink"), token("ink-2"), token("line")
    return {
        "font": "Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif",
        "view": {"stroke": None},
        "axis": {
            "domainColor": token("line-strong"),
            "gridColor": line,
            "labelColor": quiet,
            "labelFontSize": 12,
            "tickColor": line,
            "titleColor": quiet,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "axisX": {"grid": False},
        "legend": {
            "labelColor": quiet,
            "titleColor": quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "orient": "top",
        },
        "title": {"color": ink, "fontSize": 14, "anchor": "start"},
        "header": {"labelColor": ink, "titleColor": ink},
        "text": {"color": ink, "fontSize": 12},
        "mark": {"color": token("accent")},
        "bar": {"color": token("accent")},
        "line": {"color": token("accent"), "strokeWidth": 2},
        "point": {"color": token("accent"), "filled": True, "size": 45},
        "rule": {"color": token("ink-2")},
        "range": {
            "category": [token("accent"), token("information"), token("watch"), token("idle"), token("bad")]
        },
    }


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in more.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = _merged(result[key], value) if both else value
    return result


def coloured(spec: Mapping[str, Any], theme: str = "light") -> dict[str, Any]:
    """Return the specification with the theme's colours in place of its tokens."""
    colours = tokens.tokens(theme)
    text = json.dumps(spec, ensure_ascii=False)
    result: dict[str, Any] = json.loads(_TOKEN.sub(lambda found: colours[found.group(1)], text))
    return result


def number_locale(language: Language) -> dict[str, Any]:
    """Return how Vega writes numbers in a language (d3-format)."""
    return {
        "decimal": formatting.DECIMAL[language],
        "thousands": formatting.THOUSANDS[language],
        "grouping": [3],
        "currency": ["", "\u00a0₫"] if language is Language.VI else ["VND\u00a0", ""],
    }


def time_locale(language: Language) -> dict[str, Any]:
    """Return how Vega writes dates in a language (d3-time-format)."""
    if language is Language.VI:
        days = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"]
        months = [f"Tháng {month}" for month in range(1, 13)]
        short_months = [f"Th{month}" for month in range(1, 13)]
        short_days = ["CN", "T2", "T3", "T4", "T5", "T6", "T7"]
    else:
        days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        months = list(ENGLISH_MONTHS)
        short_days = [day[:3] for day in days]
        short_months = [month[:3] for month in months]
    return {
        "dateTime": "%d/%m/%Y %H:%M",
        "date": "%d/%m/%Y",
        "time": "%H:%M",
        "periods": ["SA", "CH"] if language is Language.VI else ["AM", "PM"],
        "days": days,
        "shortDays": short_days,
        "months": months,
        "shortMonths": short_months,
    }


def to_svg(chart: Chart, *, language: Language, theme: str = "light", width: int = 640) -> str:
    """Return the chart as SVG text: for print, for pages without script, for files that open alone."""
    spec = coloured(chart.spec(), theme)
    if spec.get("width") == "container":
        spec["width"] = width
    return _svg(json.dumps(spec, ensure_ascii=False, sort_keys=True), language)


@lru_cache(maxsize=128)
def _svg(spec: str, language: Language) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(
        spec,
        format_locale=number_locale(language),
        time_format_locale=time_locale(language),
    )
    return drawn


def to_png(chart: Chart, *, language: Language, scale: float = 2.0, width: int = 640) -> bytes:
    """Return the chart as PNG, to be shared by chat."""
    import vl_convert

    spec = coloured(chart.spec())
    if spec.get("width") == "container":
        spec["width"] = width
    spec["background"] = tokens.tokens()["surface"]
    drawn: bytes = vl_convert.vegalite_to_png(
        spec,
        scale=scale,
        format_locale=number_locale(language),
        time_format_locale=time_locale(language),
    )
    return drawn


def render(chart: Chart, *, language: Language, alone: bool = False) -> SafeString:
    """Return the figure: caption, SVG, the interactive drawing's place and data, and the table behind.

    Parameters
    ----------
    alone
        For a file that opens by itself: no script, the SVG only.
    """
    drawn = SafeString(_presentation_only(to_svg(chart, language=language)))
    live: SafeString | str = ""
    attributes: SafeString | str = ""
    if not alone:
        spec_id = f"chart-{chart.name}-spec"
        attributes = format_html(
            ' data-chart="{}" data-chart-spec="{}" data-chart-numbers="{}" data-chart-times="{}"',
            static(BUNDLE),
            spec_id,
            json.dumps(number_locale(language), ensure_ascii=False),
            json.dumps(time_locale(language), ensure_ascii=False),
        )
        live = format_html(
            '<div class="chart-drawing live" hidden></div>'
            '<script type="application/json" id="{}">{}</script>',
            spec_id,
            _json_for_html(chart.spec()),
        )
    return format_html(
        '<figure class="chart" id="chart-{}"{}><figcaption>{}{}</figcaption>'
        '<div class="chart-drawing chart-print" role="img" aria-label="{}">{}</div>{}{}</figure>',
        chart.name,
        attributes,
        chart.title,
        format_html('<span class="chart-note">{}</span>', chart.note) if chart.note else "",
        chart.title,
        drawn,
        live,
        _table(chart),
    )


def _json_for_html(spec: Mapping[str, Any]) -> SafeString:
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    return SafeString(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _presentation_only(svg: str) -> str:
    """Turn the drawing's style attributes, which the policy forbids, into plain attributes."""

    def plain(found: re.Match[str]) -> str:
        pairs = (part.split(":", 1) for part in found.group(1).split(";") if ":" in part)
        return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in pairs)

    return re.sub(r'style="([^"]*)"', plain, svg)


def _table(chart: Chart) -> SafeString | str:
    if not chart.columns:
        return ""
    heads = format_html_join(
        "",
        '<th scope="col"{}>{}</th>',
        ((NUMBER if place else "", words) for place, words in enumerate(chart.columns)),
    )
    body = format_html_join("", "<tr>{}</tr>", ((_row(row),) for row in chart.rows))
    return format_html(
        "<details><summary>{}</summary>"
        '<div class="table-frame whole" tabindex="0" role="region" aria-label="{}"><table class="dense">'
        '<caption class="visually-hidden">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody>'
        "</table></div></details>",
        _("The numbers as a table"),
        chart.title,
        chart.title,
        heads,
        body,
    )


def _row(row: Sequence[str]) -> SafeString:
    first, *others = row
    return format_html(
        '<th scope="row">{}</th>{}',
        first,
        format_html_join("", "<td{}>{}</td>", ((NUMBER, cell) for cell in others)),
    )
