"""``plan.html``: opens alone, without a network, prints on A4, and says first what is late and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lienmach.apps.production.planning.bargains import cost_phrase, missing_rates
from lienmach.apps.production.planning.costs import cost_lines
from lienmach.apps.production.planning.documents.gantt import plan_gantt
from lienmach.apps.production.planning.documents.words import word
from lienmach.apps.production.planning.explain import (
    assumption_sentence,
    order_names,
    reason_phrase,
    remedy_effect,
    remedy_phrase,
    summary_sentence,
)
from lienmach.apps.production.planning.plan import Plan, PlannedOrder, Remedy
from lienmach.kernel.web import formatting
from lienmach.kernel.web.formatting import language_of
from lienmach.kernel.web.gantt import render
from lienmach.kernel.web.tokens import stylesheet

SHOWN_LATE = 8
MONEY = {
    "saves": "number wide-only",
    "cost": "number wide-only",
    "net": "number",
    "by_money": "number wide-only",
}
"""What remedies say in money; on a phone only what is left."""
EXTRA_STYLE = """
.plan-why { margin: 0; padding-left: 1.1rem; }
"""


def plan_html(plan: Plan, *, language: str) -> str:
    """Return the whole page as one string without any outside resource."""
    sections = [
        _head(plan, language),
        _tiles(plan, language),
        _late(plan, language),
        _remedies(plan, language),
        _schedule(plan, language),
        _purchases(plan, language),
        _orders(plan, language),
        _costs(plan, language),
        _assumptions(plan, language),
        _foot(plan, language),
    ]
    title = escape(_title(plan, language))
    return (
        f'<!doctype html>\n<html lang="{escape(language[:2])}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{stylesheet()}\n{EXTRA_STYLE}</style>\n</head>\n<body>\n"
        f'<main class="report wide"><div class="stack">\n{"".join(sections)}</div></main>\n</body>\n</html>\n'
    )


def _title(plan: Plan, language: str) -> str:
    return f"{word('title', language)} · {plan.name}" if plan.name else word("title", language)


def _head(plan: Plan, language: str) -> str:
    made = word("made_at", language).format(moment=formatting.moment(plan.timeline.epoch, zone=_zone(plan)))
    return (
        f'<header class="report-head"><div><h1>{escape(_title(plan, language))}</h1>'
        f"<p>{escape(summary_sentence(plan, language))}</p></div><p>{escape(made)}</p></header>\n"
    )


def _tiles(plan: Plan, language: str) -> str:
    late = len(plan.late_orders)
    spoken = language_of(language)
    tiles = [
        (
            "good",
            word("on_time_count", language),
            formatting.number(len(plan.orders) - late, language=spoken),
        ),
        ("bad" if late else "good", word("late_count", language), formatting.number(late, language=spoken)),
        ("information", word("buy_count", language), formatting.number(len(plan.purchases), language=spoken)),
        ("information", word("last_end", language), formatting.day(plan.timeline.moment(plan.end))),
    ]
    inner = "".join(
        f'<li class="tile {meaning}"><span class="tile-title">{escape(label)}</span>'
        f'<span class="tile-figure">{escape(figure)}</span></li>'
        for meaning, label, figure in tiles
    )
    return f'<ul class="board">{inner}</ul>\n'


def _late(plan: Plan, language: str) -> str:
    if not plan.late_orders:
        return _section("late", word("late_orders", language), f"<p>{escape(word('no_late', language))}</p>")
    rows = [_late_row(plan, order, language) for order in plan.late_orders]
    headings = ["order", "customer", "due", "promised", "late", "why"]
    body = _table(headings, rows[:SHOWN_LATE], language)
    if rows[SHOWN_LATE:]:
        more = word("more_late", language).format(count=len(rows) - SHOWN_LATE)
        rest = _table(headings, rows[SHOWN_LATE:], language)
        body += f"<details><summary>{escape(more)}</summary>{rest}</details>"
    return _section("late", word("late_orders", language), body)


def _late_row(plan: Plan, order: PlannedOrder, language: str) -> list[str]:
    return [
        _strong(order.code),
        escape(order.customer),
        formatting.day(plan.timeline.moment(order.due - 1)),
        formatting.day(plan.timeline.moment(order.end)),
        f'<span class="badge bad">{escape(_late_words(order, language))}</span>',
        _reasons(order, language),
    ]


def _remedies(plan: Plan, language: str) -> str:
    if not plan.remedies:
        return ""
    headings = ["remedy", "helps_orders"] + (list(MONEY) if plan.money_known else [])
    rows = [_remedy(plan, remedy, language) for remedy in plan.remedies]
    body = _table(headings, rows, language, css={"helps_orders": "wide-only", **MONEY})
    notes = [word("remedies_note", language), missing_rates(plan, language)]
    body += "".join(f'<p class="muted">{escape(note)}</p>' for note in notes if note)
    return _section("remedies", word("remedies", language), body)


def _remedy(plan: Plan, remedy: Remedy, language: str) -> list[str]:
    below = [text for text in (remedy_effect(remedy, language), cost_phrase(remedy, language)) if text]
    row = [
        _strong(remedy_phrase(remedy, language))
        + "".join(f'<br><small class="muted">{escape(text)}</small>' for text in below),
        escape(order_names([code for code, _ in remedy.gains], language)),
    ]
    if plan.money_known:
        figures = (remedy.saves, remedy.cost, remedy.net, plan.rank_by_money(remedy))
        row += [formatting.number(figure, language=language_of(language)) for figure in figures]
    return row


def _purchases(plan: Plan, language: str) -> str:
    if not plan.purchases:
        body = f"<p>{escape(word('no_purchases', language))}</p>"
        return _section("buy", word("purchases", language), body)
    rows = []
    for purchase in plan.purchases:
        by = formatting.day(purchase.order_by)
        if purchase.overdue:
            by = f'<span class="badge watch">{escape(word("overdue", language))}</span>'
        assumed = f' <small class="muted">({escape(word("assumed", language))})</small>'
        rows.append(
            [
                f"{_strong(purchase.item)} {escape(purchase.name)}",
                escape(
                    formatting.number(purchase.quantity.normalize(), language=language_of(language))
                    + formatting.NO_BREAK
                    + purchase.unit
                ),
                by,
                formatting.day(purchase.arrives) + (assumed if purchase.lead_time_assumed else ""),
                escape(purchase.supplier),
                escape(", ".join(purchase.orders)),
            ]
        )
    headings = ["material", "quantity", "order_by", "arrives", "supplier", "for_orders"]
    return _section("buy", word("purchases", language), _table(headings, rows, language))


def _schedule(plan: Plan, language: str) -> str:
    if not plan.tasks:
        return ""
    drawing = render(plan_gantt(plan, language), language=language_of(language), zone=_zone(plan))
    return _section("schedule", word("schedule", language), str(drawing), css="landscape")


def _orders(plan: Plan, language: str) -> str:
    rows = []
    for order in sorted(plan.orders, key=lambda order: (order.end, order.code)):
        state = (
            f'<span class="badge bad">{escape(word("is_late", language))}</span>'
            if order.late_s
            else f'<span class="badge good">{escape(word("on_time", language))}</span>'
        )
        rows.append(
            [
                _strong(order.code),
                escape(order.item),
                escape(formatting.number(order.quantity.normalize(), language=language_of(language))),
                escape(order.customer),
                formatting.day(plan.timeline.moment(order.due - 1)),
                formatting.day(plan.timeline.moment(order.end)),
                state,
            ]
        )
    headings = ["order", "item", "quantity", "customer", "due", "promised", "state"]
    return _section("orders", word("orders", language), _table(headings, rows, language))


def _costs(plan: Plan, language: str) -> str:
    if plan.costs is None:
        return ""
    rows = [
        [escape(word(f"cost_{kind}", language)), formatting.number(amount, language=language_of(language))]
        for kind, amount in cost_lines(plan.costs)
    ]
    rows[-1] = [f"<strong>{cell}</strong>" for cell in rows[-1]]
    body = _table(["cost_kind", "cost_amount"], rows, language, css={"cost_amount": "number"})
    if plan.costs.unpriced:
        note = word("costs_unpriced", language).format(items=", ".join(plan.costs.unpriced))
        body += f'<p class="muted">{escape(note)}</p>'
    return _section("costs", word("costs", language), body)


def _assumptions(plan: Plan, language: str) -> str:
    if not plan.assumptions:
        body = f"<p>{escape(word('no_assumptions', language))}</p>"
    else:
        lines = "".join(
            f"<li>{escape(assumption_sentence(assumption, language))}</li>" for assumption in plan.assumptions
        )
        body = f'<ul>{lines}</ul><p class="muted">{escape(word("assumptions_note", language))}</p>'
    return _section("assumptions", word("assumptions", language), body)


def _foot(plan: Plan, language: str) -> str:
    found = word("found_by", language).format(
        method=plan.measure.method, seed=plan.measure.seed, budget=plan.measure.budget
    )
    return (
        f'<footer class="report-foot"><p>{escape(word("verified", language))}</p>'
        f"<p>{escape(found)}</p></footer>\n"
    )


def _late_words(order: PlannedOrder, language: str) -> str:
    return formatting.duration(order.late_s, language=language_of(language), rough=True)


def _reasons(order: PlannedOrder, language: str) -> str:
    lines = "".join(f"<li>{escape(reason_phrase(cause, language))}</li>" for cause in order.causes)
    return f'<ul class="plan-why">{lines}</ul>'


def _section(anchor: str, title: str, body: str, css: str = "") -> str:
    kind = f' class="{css}"' if css else ""
    return f'<section id="{anchor}"{kind}><h2>{escape(title)}</h2>{body}</section>\n'


def _table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    language: str,
    *,
    css: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A table; ``css`` gives classes to the columns of a heading."""
    classes = [f' class="{css[key]}"' if key in css else "" for key in headings]
    head = "".join(
        f'<th scope="col"{kind}>{escape(word(key, language))}</th>'
        for key, kind in zip(headings, classes, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for cell, kind in zip(row, classes, strict=True))}</tr>"
        for row in rows
    )
    return (
        f'<div class="table-frame" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _strong(text: str) -> str:
    return f"<strong>{escape(text)}</strong>"


def _zone(plan: Plan) -> ZoneInfo:
    return ZoneInfo(plan.timeline.zone)
