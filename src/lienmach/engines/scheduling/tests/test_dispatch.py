"""Dispatch as a piece of machinery: its queues, its work, its rules."""

from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.problem import Job, Machine, Mode, Operation, Precedence, Problem, chain
from lienmach.engines.scheduling.queues import Queue
from lienmach.engines.scheduling.rules import Form, Rule, rules_for
from lienmach.engines.scheduling.shop import Shop


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 60)), min_size=1, max_size=12),
    st.lists(st.integers(0, 12), max_size=8),
    st.floats(0.5, 40),
)
def test_the_best_of_a_queue_is_the_best_of_all(
    entries: list[tuple[float, int]], steps: list[int], patience: float
) -> None:
    """Two heaps give what looking at every operation gives, at any moment."""
    taken = bytearray(len(entries))
    deadlines = [float(deadline) for _, deadline in entries]
    queue = Queue(0, deadlines, patience, taken)
    for i, (value, _) in enumerate(entries):
        queue.push(i, 0, value, 0)
    t = 0
    for step in [0, *steps]:
        t += step
        left = [i for i in range(len(entries)) if not taken[i]]
        found = queue.best(t)
        if not left:
            assert found is None
            return
        scores = {i: entries[i][0] - max(0.0, deadlines[i] - t) / patience for i in left}
        assert found is not None
        assert math.isclose(found.score, max(scores.values()), abs_tol=1e-9)
        assert math.isclose(scores[found.operation], found.score, abs_tol=1e-9)
        assert {each.operation for each in queue.waiting(t)} == set(left)
        taken[found.operation] = 1


def shop_of(jobs: int, seed: int = 0) -> Shop:
    rng = random.Random(seed)
    made, precedences = [], list[Precedence]()
    for number in range(jobs):
        steps = tuple(
            Operation(
                f"{number}.{step}",
                tuple(Mode(str(m), rng.randrange(1, 99)) for m in rng.sample(range(10), 2)),
            )
            for step in range(5)
        )
        made.append(Job(str(number), steps, due=rng.randrange(1, 60 * jobs), weight=rng.randrange(1, 5)))
        precedences.extend(chain(steps))
    return Shop(Problem(tuple(Machine(str(m)) for m in range(10)), tuple(made), tuple(precedences)))


def test_work_grows_with_the_operations_not_with_their_square() -> None:
    """A queue of a thousand must not be looked through whenever a machine becomes free."""
    for rule in (Rule(Form.ATC), Rule(Form.SPT), Rule(Form.MWKR, choosy=False)):
        small, large = (dispatch(shop_of(jobs), rule).work / jobs for jobs in (100, 800))
        assert large < 2 * small, rule.name


def test_a_rule_does_what_its_name_says() -> None:
    """Shortest first, most work first, earliest due first; by hand on one machine."""
    rows = {"long": (9, 100, 0), "short": (1, 90, 0), "more": (4, 80, 50)}
    jobs, precedences = [], list[Precedence]()
    for name, (duration, due, rest) in rows.items():
        steps = [Operation(name, (Mode("M", duration),))]
        if rest:
            steps.append(Operation(f"{name} rest", (Mode("N", rest),)))
        jobs.append(Job(name, tuple(steps), due=due))
        precedences.extend(chain(steps))
    shop = Shop(Problem((Machine("M"), Machine("N")), tuple(jobs), tuple(precedences)))

    def first(form: Form) -> str:
        bookings = dispatch(shop, Rule(form)).bookings
        starts = {
            shop.operations[i].id: booking.placement.start
            for i, booking in enumerate(bookings)
            if booking is not None and booking.machine == 0
        }
        return min(starts, key=lambda name: starts[name])

    assert first(Form.SPT) == "short"
    assert first(Form.MWKR) == "more"
    assert first(Form.EDD) == "more"
    assert first(Form.FIFO) == "long"
    assert first(Form.SLACK) == "more"


def test_every_rule_has_a_name_of_its_own() -> None:
    """Results name the rule; two with one name could not be told apart."""
    names = [rule.name for rule in rules_for(shop_of(3), tardiness=True)]
    assert len(set(names)) == len(names)
