"""Plans of workshops drawn at random, held against their own documents by a judge that shares no code."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lienmach.apps.production.planning.documents.factory import described_factory
from lienmach.apps.production.planning.documents.factory_schema import FactoryDocument
from lienmach.apps.production.planning.documents.json import plan_json
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import NoPlan

from .factories import START, Document, factory
from .judge import judge

SECONDS = 0.3


def planned(document: Document) -> Document | NoPlan:
    """Plan a factory document; answer the plan as the document that a program reads."""
    workshop = described_factory(FactoryDocument.model_validate(document)).factory
    start = START.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    plan = make_plan(workshop, start=start, cpu_seconds=SECONDS)
    return plan if isinstance(plan, NoPlan) else json.loads(plan_json(plan, cpu_seconds=SECONDS))


def hard(document: Document) -> bool:
    """Whether something in the workshop may fit nowhere: a step without pauses, a longest wait."""
    steps = [step for item in document["items"] for step in item.get("steps", [])]
    return any(step.get("can_pause") is False or "max_wait_seconds" in step for step in steps)


@pytest.mark.parametrize("seed", range(40))
def test_a_stranger_finds_nothing_wrong(seed: int) -> None:
    """Machines, hours, people, loads, setups, waits, materials and dates hold, read from the documents."""
    document = factory(seed, orders=6 + seed % 20)
    plan = planned(document)
    if isinstance(plan, NoPlan):
        assert hard(document), plan
        assert all(obstacle.message and obstacle.place for obstacle in plan.obstacles)
    else:
        assert judge(plan) == []


def _first(plan: Document, wanted: Callable[[Any], bool]) -> Any:
    return next((task for task in plan["tasks"] if wanted(task)), None)


def _task_at_work(plan: Document) -> Any:
    """A task that could not be anything else: neither outside nor running now."""
    return _first(plan, lambda task: task["machine"] in {m["machine"] for m in plan["factory"]["machines"]}
                  and task["start"] > 0 and task["end"] > task["start"])  # fmt: skip


def _shorter(plan: Document) -> None:
    _task_at_work(plan)["end"] -= 1


def _sooner(plan: Document) -> None:
    task = _task_at_work(plan)
    length = task["end"] - task["start"]
    task["start"], task["end"] = -5 * length - 7, -4 * length - 7


def _elsewhere(plan: Document) -> None:
    task = _task_at_work(plan)
    groups = {m["machine"]: m["group"] for m in plan["factory"]["machines"]}
    task["machine"] = next(m for m, group in groups.items() if group != groups[task["machine"]])
    task["operators"], task["batch"] = [], None


def _gone(plan: Document) -> None:
    plan["tasks"].remove(_task_at_work(plan))


def _not_bought(plan: Document) -> None:
    plan["purchases"].clear()


def _set_up_in_no_time(plan: Document) -> None:
    for task in plan["tasks"]:
        task["setup_start"] = task["setup_end"] = None


def _nobody(plan: Document) -> None:
    for task in plan["tasks"]:
        task["operators"] = []


def _less_late(plan: Document) -> None:
    order = plan["orders"][0]
    order["late_seconds"] += 1


def _doubled(plan: Document) -> None:
    task = copy.deepcopy(_task_at_work(plan))
    task["batch"] = None
    plan["tasks"].append(task)


@pytest.fixture(scope="module")
def some_plans() -> list[Document]:
    """Ten plans; not every one has people or purchases to tamper with."""
    plans = [planned(factory(seed)) for seed in range(10)]
    return [plan for plan in plans if not isinstance(plan, NoPlan)]


MUTATIONS = [
    _shorter,
    _sooner,
    _elsewhere,
    _gone,
    _not_bought,
    _set_up_in_no_time,
    _nobody,
    _less_late,
    _doubled,
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.__name__)
def test_the_judge_finds_what_is_wrong(
    mutation: Callable[[Document], None], some_plans: list[Document]
) -> None:
    """A judge that accepts everything would prove nothing."""
    found = 0
    for plan in map(copy.deepcopy, some_plans):
        mutation(plan)
        try:
            found += bool(judge(plan))
        except (KeyError, ValueError, IndexError):
            found += 1
    assert found >= 4
