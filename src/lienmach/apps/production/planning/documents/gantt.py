"""The plan as a Gantt: one row per machine, late orders marked, setups and closed hours drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from lienmach.apps.production.planning.documents.words import word
from lienmach.apps.production.planning.plan import Plan, PlannedTask
from lienmach.apps.production.planning.timeline import Interval
from lienmach.kernel.web.formatting import language_of, number
from lienmach.kernel.web.gantt import Bar, Gantt, Marker, Row

MAXIMUM_CLOSED = 6_000
WIDEST_PX = 12_000
READABLE_PX_PER_HOUR = 6.0
ORDINARY_PX = 1_000
A4_ACROSS_PX = 860
HOUR_S = 3_600
LEAD_IN_S = 6 * HOUR_S


def plan_gantt(
    plan: Plan,
    language: str,
    *,
    href: Callable[[PlannedTask], str] | None = None,
    now: datetime | None = None,
) -> Gantt:
    """Return the drawing; ``href`` gives each bar its link, ``now`` draws a line."""
    late = {order.code for order in plan.late_orders}
    by_machine: dict[str, list[PlannedTask]] = defaultdict(list)
    for task in plan.tasks:
        by_machine[task.machine].append(task)
    end = max(plan.end, HOUR_S)
    least_closed = _least_closed_s(plan, end)
    rows = []
    for machine in [code for code in plan.machines if code in by_machine]:
        rows.append(
            Row(
                name=machine,
                note=plan.machines[machine],
                bars=[_bar(plan, task, late, language, href) for task in by_machine[machine]],
                closed=[
                    (plan.timeline.moment(start), plan.timeline.moment(stop))
                    for start, stop in _closed(plan.open.get(machine), end)
                    if stop - start >= least_closed
                ],
            )
        )
    markers = [Marker(at=now, label="", kind="now")] if now else []
    begin = _drawn_from(plan)
    hours = (end - begin) / HOUR_S
    return Gantt(
        title=word("schedule", language),
        rows=rows,
        start=plan.timeline.moment(begin),
        end=plan.timeline.moment(end),
        markers=markers,
        row_title=word("machine", language),
        px_per_hour=max(ORDINARY_PX / hours, min(READABLE_PX_PER_HOUR, WIDEST_PX / hours)),
        paper_px=A4_ACROSS_PX,
        key=[
            ("work", word("work", language)),
            ("bad", word("late_work", language)),
            ("setup", word("setup", language)),
            ("closed", word("closed", language)),
        ],
    )


def _drawn_from(plan: Plan) -> int:
    """Return where the drawing begins: shortly before the first work, not with a week of waiting."""
    starts = [task.start if task.setup_start is None else task.setup_start for task in plan.tasks]
    return max(0, min(starts, default=0) - LEAD_IN_S)


def _bar(
    plan: Plan,
    task: PlannedTask,
    late: set[str],
    language: str,
    href: Callable[[PlannedTask], str] | None,
) -> Bar:
    begin = task.start if task.setup_start is None else task.setup_start
    start, end = plan.timeline.moment(begin), plan.timeline.moment(task.end)
    amount = number(task.quantity, language=language_of(language))
    return Bar(
        start=start,
        end=max(end, start + timedelta(seconds=1)),
        label=f"{task.job} · {task.step}",
        detail=(f"{task.item} × {amount}",),
        meaning="bad" if late.intersection(task.orders) else "",
        href=href(task) if href else "",
        group=task.orders[0] if task.orders else task.job,
        setup_until=plan.timeline.moment(task.setup_end) if task.setup_end is not None else None,
    )


def _closed(opened: tuple[Interval, ...] | None, end: int) -> list[Interval]:
    """Return the gaps between open intervals from 0 to ``end``."""
    if opened is None:
        return []
    gaps, last = [], 0
    for start, stop in opened:
        if start >= end:
            break
        if start > last:
            gaps.append((last, start))
        last = stop
    if last < end:
        gaps.append((last, end))
    return gaps


def _least_closed_s(plan: Plan, end: int) -> int:
    """Leave out short closures where there would be too many to draw."""
    for least in (0, 6 * HOUR_S, 24 * HOUR_S):
        count = sum(
            stop - start >= least
            for code in plan.machines
            for start, stop in _closed(plan.open.get(code), end)
        )
        if count <= MAXIMUM_CLOSED:
            return least
    return 7 * 24 * HOUR_S
