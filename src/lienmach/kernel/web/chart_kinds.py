"""The charts our pages use, declared with Altair: a series over months with target and band, and bars.

Each returns a `Chart` with its table. Missing values are gaps, never zeros.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.kernel.web import formatting
from lienmach.kernel.web.charts import Chart, Words, token

MAP_CHANGED = date(2025, 7, 1)  # 63 provinces became 34; source: Nghị quyết 202/2025/QH15


@dataclass(frozen=True, kw_only=True)
class Point:
    """A value of a month; None where nothing is known. `low` and `high` bound it where it is uncertain."""

    month: date
    value: float | None
    low: float | None = None
    high: float | None = None
    basis: int | None = None
    """How many events stand behind it."""


def share_by_month(
    *,
    name: str,
    title: Words,
    points: Sequence[Point],
    unit: Words = "%",
    target: float | None = None,
    target_source: Words = "",
    note: Words = "",
    map_changed: date | None = MAP_CHANGED,
) -> Chart:
    """Return a line of shares (0 to 1) by month, with its target, its band and the day the map changed."""
    import altair as alt

    language = formatting.language_of(get_language())
    values = [
        {
            "month": point.month.isoformat(),
            "value": point.value,
            "low": point.low,
            "high": point.high,
        }
        for point in points
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("month:T", title=None, axis=alt.Axis(format="%m/%Y", labelOverlap=True, tickCount="month"))
    )
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format=".0%", tickCount=5)
    layers = []
    if any(point.low is not None for point in points):
        layers.append(
            base.mark_area(opacity=0.18, color=token("accent"), invalid="break-paths-filter-domains").encode(
                y=alt.Y("low:Q", scale=scale, axis=axis, title=str(unit)), y2="high:Q"
            )
        )
    layers.append(
        base.mark_line(
            point=alt.OverlayMarkDef(color=token("accent")), invalid="break-paths-show-domains"
        ).encode(
            y=alt.Y("value:Q", scale=scale, axis=axis, title=str(unit)),
            tooltip=[
                alt.Tooltip("month:T", title=_("Month"), format="%m/%Y"),
                alt.Tooltip("value:Q", title=_("Value"), format=".1%"),
            ],
        )
    )
    if target is not None:
        words = _("target %(share)s") % {"share": formatting.share(target, language=language, decimals=0)}
        line = alt.Chart(alt.Data(values=[{"y": target, "words": f"{words} · {target_source}".strip(" ·")}]))
        layers.append(
            line.mark_rule(color=token("bad"), strokeDash=[5, 4]).encode(y=alt.Y("y:Q", scale=scale))
        )
        layers.append(
            line.mark_text(align="left", dx=4, dy=-7, color=token("bad")).encode(
                y="y:Q", x=alt.value(0), text="words:N"
            )
        )
    months = [point.month for point in points]
    if map_changed is not None and months and min(months) < map_changed <= max(months):
        mark = alt.Chart(alt.Data(values=[{"x": map_changed.isoformat(), "words": _("new map")}]))
        layers.append(mark.mark_rule(color=token("ink-3"), strokeDash=[2, 3]).encode(x="x:T"))
        layers.append(
            mark.mark_text(align="left", dx=4, color=token("ink-3"), baseline="top").encode(
                x="x:T", y=alt.value(2), text="words:N"
            )
        )
    return Chart(
        name=name,
        title=title,
        drawing=alt.layer(*layers).properties(height=240),
        columns=(_("Month"), _("Value"), _("Events behind it")),
        rows=[
            (
                f"{point.month:%m/%Y}",
                formatting.share(point.value, language=language),
                formatting.number(point.basis, language=language),
            )
            for point in points
        ],
        note=note,
    )


def bars(
    *,
    name: str,
    title: Words,
    values: Sequence[tuple[str, float | None]],
    unit: Words,
    note: Words = "",
    decimals: int = 0,
) -> Chart:
    """Return horizontal bars, labelled directly, in the order given; None is said, not drawn as zero."""
    import altair as alt

    language = formatting.language_of(get_language())
    data = [
        {
            "name": label,
            "value": value,
            "words": _("no data")
            if value is None
            else formatting.number(value, language=language, decimals=decimals),
        }
        for label, value in values
    ]
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    )
    axis = alt.Axis(grid=True, tickCount=5, format=",.0f")
    drawing = alt.layer(
        base.mark_bar(height=16, cornerRadiusEnd=2).encode(x=alt.X("value:Q", title=str(unit), axis=axis)),
        base.mark_text(align="left", dx=4, color=token("ink"))
        .encode(x=alt.X("shown:Q"), text="words:N")
        .transform_calculate(shown="datum.value === null ? 0 : datum.value"),
    ).properties(height=28 * len(data))
    return Chart(
        name=name,
        title=title,
        drawing=drawing,
        columns=("", unit),
        rows=[(str(row["name"]), str(row["words"])) for row in data],
        note=note,
    )
