"""What the living style guide shows: every component. Nobody and nothing in it is real."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.kernel.web import formatting
from lienmach.kernel.web.chart_kinds import Point, bars, share_by_month
from lienmach.kernel.web.evidence import Entry, EvidencePanel
from lienmach.kernel.web.forms import DayField
from lienmach.kernel.web.gantt import Bar, Gantt, Marker, Row
from lienmach.kernel.web.meaning import WORD, Meaning
from lienmach.kernel.web.shell import Group, Link, Shell
from lienmach.kernel.web.tables import Column, Filter, Kind, Table

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)  # 07:00 in Vietnam


@dataclass(frozen=True)
class Order:
    """An order of the made-up workshop."""

    number: str
    customer: str
    item: str
    quantity: int
    value: int
    due: date
    promised: date | None
    state: tuple[Meaning, Any]


class OrderForm(forms.Form):
    """A form with every kind of field and one of every kind of problem."""

    item = forms.CharField(
        label=gettext_lazy("Item"), help_text=gettext_lazy("As it stands in the parts list.")
    )
    quantity = forms.IntegerField(label=gettext_lazy("Quantity"), min_value=1)
    due = DayField(
        label=gettext_lazy("Due date"), help_text=gettext_lazy("The day it must be with the customer.")
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Machine group"),
        choices=[("turning", gettext_lazy("Turning")), ("grinding", gettext_lazy("Grinding"))],
        required=False,
    )
    shifts = forms.MultipleChoiceField(
        label=gettext_lazy("Shifts"),
        choices=[
            ("1", gettext_lazy("Morning")),
            ("2", gettext_lazy("Afternoon")),
            ("3", gettext_lazy("Night")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    workbook = forms.FileField(label=gettext_lazy("Workbook"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    urgent = forms.BooleanField(label=gettext_lazy("This order goes first"), required=False)


def orders() -> list[Order]:
    """Return the order book of the made-up workshop."""
    customers = ("Cơ khí Sao Mai", "Vòng bi Hòa Phú", "Máy nông nghiệp Đồng Xanh", "Thiết bị Bến Tre Mới")
    items = ("Vòng trong 6205", "Vòng ngoài 6205", "Vòng bi 6205-2RS", "Con lăn NU206", "Vòng cách 6304")
    states = (
        (Meaning.BAD, _("2 days late")),
        (Meaning.WATCH, _("no slack")),
        (Meaning.GOOD, _("on time")),
        (Meaning.GOOD, _("on time")),
        (Meaning.IDLE, _("not planned")),
        (Meaning.INFORMATION, _("shipped")),
    )
    return [
        Order(
            f"ĐH-{1041 + index}",
            customers[index * 7 % 4],
            items[index * 3 % 5],
            quantity := 500 + (index * 1370) % 11_500,
            quantity * (18_500 + index % 5 * 2_250),
            date(2026, 11, 24) + timedelta(days=index * 5 % 34),
            None if index % 6 == 4 else date(2026, 11, 23) + timedelta(days=index * 5 % 36),
            states[index % 6],
        )
        for index in range(137)
    ]


def orders_table() -> Table:
    """Return the list page's table."""
    return Table(
        "orders",
        title=_("Orders"),
        columns=(
            Column("number", _("Order"), Kind.CODE, href=lambda order: f"#{order.number}"),
            Column("customer", _("Customer")),
            Column("item", _("Item"), wide_only=True),
            Column("quantity", _("Quantity"), Kind.NUMBER, unit=_("pieces")),
            Column("value", _("Value"), Kind.MONEY, wide_only=True),
            Column("due", _("Due"), Kind.DATE),
            Column("promised", _("Planned"), Kind.DATE),
            Column("state", _("State"), Kind.BADGE),
        ),
        filters=(
            Filter("state", _("State"), choices=[(meaning.value, WORD[meaning]) for meaning in Meaning]),
        ),
        search=("number", "customer", "item"),
        sort="due",
        size=12,
        meaning=lambda order: order.state[0] if order.state[0] in (Meaning.BAD, Meaning.WATCH) else None,
    )


def plan(*, width_px: int | None = None) -> Gantt:
    """Return two days of seven machines, at 34 px an hour or fitted into a width for paper."""
    machines = (
        (_("Lathe"), "T1"),
        (_("Lathe"), "T2"),
        (_("Furnace"), "F1"),
        (_("Grinding"), "G1"),
        (_("Grinding"), "G2"),
        (_("Washing"), "W1"),
        (_("Assembly"), "A1"),
    )
    start = MONDAY - timedelta(hours=1)
    end = MONDAY + timedelta(days=2, hours=10)
    rows = []
    for place, (group, code) in enumerate(machines):
        bars_of_row, at = [], MONDAY + timedelta(minutes=35 * place)
        for index in range(9):
            lasts = timedelta(minutes=(95 + (index * 53 + place * 41) % 190) * (2 if code == "F1" else 1))
            if (at - MONDAY) % timedelta(days=1) > timedelta(hours=9):
                at = MONDAY + ((at - MONDAY) // timedelta(days=1) + 1) * timedelta(days=1)
            order = f"ĐH-{1041 + (index * 2 + place) % 11}"
            bars_of_row.append(
                Bar(
                    start=at,
                    end=at + lasts,
                    label=order,
                    detail=(_("Inner ring 6205, 1,200 pieces"),),
                    group=order,
                    meaning="bad" if order == "ĐH-1043" else "watch" if order == "ĐH-1046" else "",
                    setup_until=at + timedelta(minutes=20) if index % 2 == 0 else None,
                    done=1.0 if index == 0 else 0.4 if index == 1 else 0,
                    fixed=index < 2,
                )
            )
            at += lasts + timedelta(minutes=12)
        nights = [
            (MONDAY + timedelta(days=night, hours=11), MONDAY + timedelta(days=night + 1))
            for night in range(-1, 3)
        ]
        rows.append(Row(name=f"{group} {code}", note=_("2 shifts"), bars=bars_of_row, closed=nights))
    return Gantt(
        title=_("Plan of the workshop"),
        rows=rows,
        start=start,
        end=end,
        px_per_hour=None if width_px else 34,
        width_px=width_px or 1000,
        markers=(
            Marker(at=MONDAY + timedelta(hours=4, minutes=20), label=_("now"), kind="now"),
            Marker(at=MONDAY + timedelta(hours=24), label=_("frozen until here"), kind="freeze"),
            Marker(at=MONDAY + timedelta(hours=33), label=_("%(order)s due") % {"order": "ĐH-1043"}),
        ),
        key=(
            ("work", _("work")),
            ("setup", _("setup")),
            ("bad", _("late")),
            ("watch", _("no slack")),
            ("closed", _("closed")),
            ("now", _("now")),
            ("due", _("due")),
        ),
    )


def _shell() -> Shell:
    return Shell(
        organisation="Vòng bi Sông Hàn",
        kind=_("Workshop"),
        home="#",
        person="Nguyễn Thị Lan",
        account="#account",
        navigation=(
            Group(
                title=_("Production"),
                links=(
                    Link(title=_("Board"), url="#board", icon="list", current=True),
                    Link(title=_("Orders"), url="#orders", icon="box", count=137),
                    Link(title=_("Plan"), url="#plan", icon="calendar"),
                    Link(title=_("Shipments"), url="#shipments", icon="truck", count=3),
                ),
            ),
            Group(
                title=_("Programme"),
                links=(
                    Link(title=_("Maturity"), url="#maturity", icon="chart"),
                    Link(title=_("Evidence"), url="#evidence", icon="proof"),
                ),
            ),
        ),
    )


def specimens(request: HttpRequest) -> dict[str, Any]:
    """Return everything the style guide's templates draw."""
    shares = (0.71, 0.74, 0.78, None, 0.76, 0.81, 0.83, 0.82, 0.88, 0.90)
    language = formatting.language_of(get_language())
    form = OrderForm({"item": "", "quantity": "0", "due": "31/02/2026"})
    return {
        "shell": _shell(),
        "table": orders_table().view(orders(), request),
        "empty_table": Table(
            "shipments",
            columns=(Column("number", _("Shipment")),),
            empty_title=_("No shipments yet"),
            empty_text=_("What leaves the workshop stands here, with the customer’s confirmation."),
            empty_url="#plan",
            empty_action=_("Show the plan"),
        ).view([], request),
        "form": form,
        "free_form": OrderForm(),
        "plan": plan(),
        "plan_on_paper": plan(width_px=540),
        "on_time": share_by_month(
            name="on-time",
            title=_("Nine deliveries in ten arrived on time in October 2025"),
            points=[
                Point(
                    month=date(2025, month, 1),
                    value=value,
                    low=None if value is None else value - 0.05,
                    high=None if value is None else min(1, value + 0.04),
                    basis=None if value is None else 40 + month * 7,
                )
                for month, value in enumerate(shares, start=1)
            ],
            target=0.85,
            target_source=_("plan of the province"),
            note=_("Confirmed by customers. April: nothing reported. Made-up numbers."),
        ),
        "loads": bars(
            name="loads",
            title=_("Grinding is the bottleneck this week"),
            values=[
                (_("Grinding"), 148),
                (_("Turning"), 121),
                (_("Furnace"), 96),
                (_("Assembly"), 54),
                (_("Washing"), None),
            ],
            unit=_("hours planned"),
        ),
        "meanings": [(meaning.value, WORD[meaning]) for meaning in Meaning],
        "facts": (
            (_("Customer"), "Cơ khí Sao Mai"),
            (_("Quantity"), formatting.quantity(12_000, _("pieces"), language=language)),
            (_("Value"), formatting.money(222_000_000, language=language)),
            (_("Due"), "04/12/2026"),
            (_("Work left"), formatting.duration(timedelta(hours=26, minutes=5), language=language)),
            (_("Setup"), formatting.duration(timedelta(minutes=20), language=language), _("assumed")),
        ),
        "steps": (_("Upload"), _("Check"), _("Plan"), _("Publish")),
        "panel": EvidencePanel(
            reasons=(
                _("The furnace is full until Wednesday; two orders of higher priority wait in front of it."),
                _("The order came 3 days after the steel had to be ordered."),
            ),
            confirmed=46,
            instrument=12,
            self_reported=9,
            facts=((_("As of"), "21/11/2026"), (_("Rule"), "on-time-delivery v3"), (_("Map"), "01/07/2025")),
            url="#evidence",
        ),
        "history": (
            Entry(
                time=MONDAY,
                text=_("Receipt confirmed: 1,200 pieces"),
                origin=_("confirmed by the other side"),
            ),
            Entry(
                time=MONDAY - timedelta(days=1, hours=3),
                text=_("Shipment left the workshop"),
                origin=_("self-reported"),
            ),
        ),
        "report_address": request.build_absolute_uri("/r/5x9k2"),
        "today": timezone.localtime(MONDAY),
    }
