"""What the command says to people (tables, progress) and to programs (JSON)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

import lienmach.kernel
from lienmach.apps.production.planning.bargains import missing_rates
from lienmach.apps.production.planning.costs import Costs, cost_lines
from lienmach.apps.production.planning.documents.faults import Fault
from lienmach.apps.production.planning.documents.words import word
from lienmach.apps.production.planning.explain import (
    assumption_sentence,
    lateness_sentence,
    obstacle_sentence,
    remedy_effect,
    remedy_phrase,
    summary_sentence,
)
from lienmach.apps.production.planning.plan import Obstacle, Plan
from lienmach.engines.scheduling.search import Progress as Step
from lienmach.kernel.sheets import Problem, Severity
from lienmach.kernel.web import formatting
from lienmach.kernel.web.formatting import language_of

SCHEMA = "lienmach.problems/1"
MOST_SHOWN = 15
REFRESH_S = 0.2


def speak(language: str) -> None:
    """Let messages of the workbook importer come in ``language`` where no project is configured."""
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        kernel = Path(lienmach.kernel.__file__).parent
        own = Path(__file__).parents[1]
        settings.configure(
            USE_I18N=True,
            USE_TZ=True,
            INSTALLED_APPS=[],
            LANGUAGE_CODE=language,
            LOCALE_PATHS=[*kernel.glob("*/locale"), own / "locale"],
        )
        django.setup()
    translation.activate(language)


class Progress:
    """A line on the terminal that says what is happening; nothing when stderr is no terminal.

    Ctrl-C while searching stops with the best plan so far.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("…") if console.is_terminal else None
        self._began = time.process_time()
        self._shown = 0.0
        self._stop = False

    def __enter__(self) -> Progress:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def report(self, step: Step) -> bool:
        """Show how far the search is; True when it should stop."""
        now = time.monotonic()
        if self._status is not None and now - self._shown > REFRESH_S:
            self._shown = now
            share = min(100, 100 * step.work // max(1, step.budget))
            self._status.update(f"{share} % · {step.best:,} · {step.doing} · {self.spent}")
        return self._stop

    def close(self) -> None:
        """Take the line away."""
        if self._status is not None:
            self._status.stop()

    @property
    def spent(self) -> str:
        """CPU time used so far."""
        return f"{time.process_time() - self._began:.1f} CPU-s"


def show_plan(console: Console, plan: Plan, language: str) -> None:
    """Print the plan for a person: the sentence, what is late and why, what to buy, what was assumed."""
    console.print(summary_sentence(plan, language), style="bold")
    for order in plan.late_orders[:MOST_SHOWN]:
        console.print(f"  {lateness_sentence(order, language)}")
    if len(plan.late_orders) > MOST_SHOWN:
        console.print(f"  … {len(plan.late_orders) - MOST_SHOWN} more")
    if plan.remedies:
        console.print(_remedies(plan, language))
        if missing := missing_rates(plan, language):
            console.print(f"  {missing}")
    console.print(_orders(plan, language))
    if plan.purchases:
        console.print(_purchases(plan, language))
    if plan.costs is not None:
        console.print(_costs(plan.costs, language))
    if plan.assumptions:
        console.print(word("assumptions", language), style="bold")
        for assumption in plan.assumptions:
            console.print(f"  {assumption_sentence(assumption, language)}")


def _remedies(plan: Plan, language: str) -> Table:
    table = Table(title=word("remedies", language), title_justify="left")
    for key in ("remedy", "effect"):
        table.add_column(word(key, language), overflow="fold")
    for key in ("saves", "cost", "net", "by_money") if plan.money_known else ():
        table.add_column(word(key, language), justify="right")
    for remedy in plan.remedies:
        figures = (
            (remedy.saves, remedy.cost, remedy.net, plan.rank_by_money(remedy)) if plan.money_known else ()
        )
        table.add_row(
            remedy_phrase(remedy, language),
            remedy_effect(remedy, language),
            *(formatting.number(figure, language=language_of(language)) for figure in figures),
        )
    return table


def _orders(plan: Plan, language: str) -> Table:
    table = Table(title=word("orders", language), title_justify="left")
    for key in ("order", "item", "quantity", "due", "promised", "state"):
        table.add_column(word(key, language), justify="right" if key == "quantity" else "left")
    ordered = sorted(plan.orders, key=lambda order: (-order.late_s * order.weight, order.end, order.code))
    for order in ordered[:MOST_SHOWN]:
        late = formatting.duration(order.late_s, language=language_of(language), rough=True)
        table.add_row(
            order.code,
            order.item,
            formatting.number(order.quantity.normalize(), language=language_of(language)),
            formatting.day(plan.timeline.moment(order.due - 1)),
            formatting.day(plan.timeline.moment(order.end)),
            f"{word('is_late', language)} {late}" if order.late_s else word("on_time", language),
        )
    if len(ordered) > MOST_SHOWN:
        table.add_row("…", "", "", "", "", f"+ {len(ordered) - MOST_SHOWN}")
    return table


def _purchases(plan: Plan, language: str) -> Table:
    table = Table(title=word("purchases", language), title_justify="left")
    for key in ("material", "quantity", "order_by", "arrives", "for_orders"):
        table.add_column(word(key, language), justify="right" if key == "quantity" else "left")
    for purchase in plan.purchases[:MOST_SHOWN]:
        amount = formatting.number(purchase.quantity.normalize(), language=language_of(language))
        orders = ", ".join(purchase.orders[:4]) + (" …" if len(purchase.orders) > 4 else "")
        by, arrives = formatting.day(purchase.order_by), formatting.day(purchase.arrives)
        table.add_row(purchase.item, f"{amount} {purchase.unit}".strip(), by, arrives, orders)
    return table


def _costs(costs: Costs, language: str) -> Table:
    table = Table(title=word("costs", language), title_justify="left")
    table.add_column(word("cost_kind", language))
    table.add_column(word("cost_amount", language), justify="right")
    for kind, amount in cost_lines(costs):
        table.add_row(
            word(f"cost_{kind}", language), formatting.number(amount, language=language_of(language))
        )
    return table


def show_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print every problem with its address; one of the file as a whole is a sentence."""
    for problem in problems:
        if not problem.sheet:
            console.print(f"{problem.reason} {problem.remedy}".strip())
    placed = [problem for problem in problems if problem.sheet]
    if not placed:
        return
    table = Table(show_lines=True)
    for heading in (_("Sheet"), _("Cell"), _("Column"), _("Value"), _("What is wrong"), _("What to do")):
        table.add_column(heading, overflow="fold")
    for problem in placed:
        cell = problem.cell or (str(problem.row) if problem.row else "")
        table.add_row(problem.sheet, cell, problem.column, problem.value, problem.reason, problem.remedy)
    console.print(table)


def fault_problems(name: str, faults: Sequence[Fault], language: str) -> tuple[Problem, ...]:
    """Faults of a document as problems: the file stands for the sheet, the JSON pointer for the cell."""
    spoken = 0 if language == "vi" else 1
    return tuple(
        Problem(
            each.code,
            each.reason[spoken],
            each.remedy[spoken],
            sheet=name,
            column=each.pointer.rpartition("/")[2],
            cell=each.pointer or "/",
            value=each.value,
            severity=Severity.ERROR if each.error else Severity.WARNING,
        )
        for each in faults
    )


def problems_json(problems: Sequence[Problem]) -> str:
    """Return problems as one JSON document."""
    found = [
        {
            "severity": problem.severity.value,
            "code": problem.code,
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "cell": problem.cell,
            "value": problem.value,
            "reason": problem.reason,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]
    return json.dumps({"schema": SCHEMA, "errors": found}, ensure_ascii=False, indent=1) + "\n"


def obstacles_json(obstacles: Sequence[Obstacle]) -> str:
    """Return why there is no plan as one JSON document."""
    found = [
        asdict(obstacle) | {"text": {each: obstacle_sentence(obstacle, each) for each in ("vi", "en")}}
        for obstacle in obstacles
    ]
    document = {"schema": SCHEMA, "infeasible": found}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
