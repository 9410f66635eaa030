"""Priority rules: which of the operations that could start now should.

Every rule is written as `value - max(0, deadline - t) / patience`: a constant that says how valuable it is
to start the operation, and a discount while there is time left before its latest start. Rules that do not
look at the clock have no discount. In this form the best of a queue is found with two heaps, without looking
at the whole queue again whenever the clock moves.

Symbols: p duration on the machine, R shortest remaining time of the order, d due date, w weight, t the
clock, P the shop's mean duration, s setup time. Sources: Vepsalainen and Morton 1987 (ATC), Lee, Bhaskaran
and Pinedo 1997 (ATCS).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from lienmach.engines.scheduling.shop import Shop

NO_DEADLINE = -math.inf

_LARGE = 300
"""From about this many operations on, WATC2 is better than ATC (measured on the public job shops)."""


class Form(StrEnum):
    """What a rule looks at."""

    SPT = "SPT"
    """Shortest duration first."""
    FIFO = "FIFO"
    """First come, first served."""
    MWKR = "MWKR"
    """Most remaining work first."""
    EDD = "EDD"
    """Earliest due date first."""
    SLACK = "slack"
    """Least slack first: d - R."""
    ATC = "ATC"
    """(w/p) exp(-max(0, d - t - R) / (k P))."""
    WATC2 = "WATC2"
    """(w/R) exp(-max(0, d - t - R) / (k P)): the whole order's remaining time in place of p."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its parameters.

    Parameters
    ----------
    patience
        k: how many mean durations before its latest start an order begins to matter.
    setup_aversion
        How strongly a setup counts against an operation; in ATCS 1/k2. 0 ignores setups.
    choosy
        An operation waits for a busy machine that would finish it earlier; otherwise it takes any free one.
    batch_patience
        Share of a batch's duration for which a part-filled furnace waits for the next known arrival.
    """

    form: Form
    patience: float = 2.0
    setup_aversion: float = 0.0
    choosy: bool = True
    batch_patience: float = 0.0

    @property
    def name(self) -> str:
        """A name that says all parameters, for results and benchmarks."""
        parts = [self.form.value]
        if self.form in (Form.ATC, Form.WATC2):
            parts.append(f"k={self.patience:g}")
        if self.setup_aversion:
            parts.append(f"setup={self.setup_aversion:g}")
        if not self.choosy:
            parts.append("any machine")
        if self.batch_patience:
            parts.append(f"batch wait={self.batch_patience:g}")
        return " ".join(parts)


class Priorities:
    """The numbers of one rule for one shop.

    Attributes
    ----------
    value
        Per operation and mode; for FIFO it is overwritten by the moment of arrival.
    deadline
        Per operation: latest start, or minus infinity for rules that do not look at the clock.
    patience
        Seconds over which the discount decays by 1.
    per_setup_second
        Subtracted from the value per second of setup.
    """

    def __init__(self, shop: Shop, rule: Rule, nudges: list[float] | None = None) -> None:
        self.by_arrival = rule.form is Form.FIFO
        logarithmic = rule.form in (Form.ATC, Form.WATC2)
        scale = 1.0 if logarithmic else shop.mean_duration
        self.patience = rule.patience * shop.mean_duration
        self.per_setup_second = rule.setup_aversion * scale / shop.mean_setup if shop.mean_setup else 0.0
        self.value: list[list[float]] = []
        self.deadline: list[float] = []
        for i, modes in enumerate(shop.modes):
            nudge = nudges[i] * scale if nudges is not None else 0.0
            self.value.append([_value(shop, rule.form, i, duration) + nudge for _, duration, _ in modes])
            self.deadline.append(shop.due[i] - shop.tail[i] if logarithmic else NO_DEADLINE)


def _value(shop: Shop, form: Form, i: int, duration: int) -> float:
    if form is Form.SPT:
        return -float(duration)
    if form is Form.MWKR:
        return shop.tail[i]
    if form is Form.EDD:
        return -shop.due[i]
    if form is Form.SLACK:
        return shop.tail[i] - shop.due[i]
    # A job without weight still has to be done some time: far behind all others, but in order.
    weight = math.log(shop.weight[i]) if shop.weight[i] else -50.0
    if form is Form.ATC:
        return weight - math.log(max(1, duration))
    if form is Form.WATC2:
        return weight - math.log(max(1.0, shop.tail[i]))
    return 0.0


def rules_for(shop: Shop, *, tardiness: bool) -> list[Rule]:
    """The rules worth trying on a shop, most promising first; the first alone must be a fair plan."""
    large = len(shop.operations) > _LARGE
    due = [
        Rule(Form.WATC2, 4.0) if large else Rule(Form.ATC, 2.0),
        Rule(Form.ATC, 2.0) if large else Rule(Form.WATC2, 4.0),
        Rule(Form.SLACK),
    ]
    flow = [Rule(Form.MWKR), Rule(Form.ATC, 2.0), Rule(Form.SPT)]
    rules = due if tardiness else flow
    if shop.mean_setup:
        rules = [replace(rule, setup_aversion=aversion) for aversion in (0.2, 0.0, 1.0) for rule in rules]
    if any(capacity > 1 for capacity in shop.capacity):
        rules = [replace(rule, batch_patience=wait) for rule in rules for wait in (0.0, 0.5)]
    more = [
        *(Rule(Form.ATC, patience) for patience in (1.0, 4.0, 0.5)),
        *(Rule(Form.WATC2, patience) for patience in (2.0, 8.0, 1.0)),
        Rule(Form.EDD),
        Rule(Form.FIFO),
        *(flow if tardiness else due),
    ]
    rules += [rule for rule in more if rule not in rules]
    if any(len(modes) > 1 for modes in shop.modes):
        rules += [replace(rule, choosy=False) for rule in rules[:3]]
    return rules
