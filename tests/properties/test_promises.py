"""Promises on plans of random workshops: the two together satisfy the judge, and nothing booked moves."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lienmach.apps.production.planning.documents.factory import described_factory
from lienmach.apps.production.planning.documents.factory_schema import FactoryDocument
from lienmach.apps.production.planning.documents.json import plan_document, plan_from_document, task_document
from lienmach.apps.production.planning.documents.promise import promise_document
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import NoPlan
from lienmach.apps.production.planning.promise import NoPromise, Wanted, promise_date

from .factories import START, Document, factory
from .judge import Court, judge

FAR = "2036-01-01"


@pytest.mark.parametrize("seed", range(24))
def test_one_order_more_fits_between_what_is_booked(seed: int) -> None:
    """Asked of the plan's document, as `lienmach promise plan.json` does it."""
    document = factory(seed, orders=4 + seed % 16)
    workshop = described_factory(FactoryDocument.model_validate(document)).factory
    made = make_plan(workshop, start=START.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")), cpu_seconds=0.3)
    if isinstance(made, NoPlan):
        pytest.skip("this workshop has no plan: a step fits nowhere")
    booked = json.loads(json.dumps(plan_document(made, cpu_seconds=0.3)))
    plan = plan_from_document(booked)
    rng = random.Random(seed)
    item = rng.choice([item["item"] for item in document["items"] if item.get("steps")])
    quantity = rng.randint(1, 150)
    promised = promise_date(plan, Wanted(item, Decimal(quantity)))
    if isinstance(promised, NoPromise):
        assert all(obstacle.message for obstacle in promised.obstacles)
        return
    purchases = json.loads(json.dumps(promise_document(promised)))["purchases"]
    together = {
        **booked,
        "tasks": booked["tasks"] + [task_document(plan, task) for task in promised.tasks],
        "purchases": booked["purchases"] + purchases,
    }
    together["factory"]["orders"].append({"order": "NEW", "item": item, "quantity": quantity, "due": FAR})
    moment = (plan.timeline.second_of(START.replace(year=2036, month=1, day=2, hour=0, minute=0)),)
    together["orders"] = [
        *booked["orders"],
        {
            "order": "NEW",
            "item": item,
            "quantity": quantity,
            "end": promised.end,
            "due": moment[0],
            "late_seconds": 0,
        },
    ]
    _join_loads(together)
    _set_up_after_what_is_new(together)
    assert judge(together) == []


def _join_loads(plan: Document) -> None:
    """What is new may ride in a booked load; only then does that load need a name."""
    takes = {machine["machine"] for machine in plan["factory"]["machines"] if machine.get("load_capacity")}
    for task in plan["tasks"]:
        if task["machine"] in takes:
            task["batch"] = f"{task['machine']} {task['start']}"


def _set_up_after_what_is_new(plan: Document) -> None:
    """Where something new stands before a booked operation, that is set up again in the gap between them."""
    court = Court(plan)
    left_in: dict[str, Document] = {}
    for task in sorted(plan["tasks"], key=lambda task: (task["start"], task["end"])):
        code = task["machine"]
        if code not in court.machine or court.family(task) is None:
            continue
        before = left_in.get(code)
        if (
            before
            and before["job"].startswith("NEW")
            and not task["job"].startswith("NEW")
            and task["start"] > 0
        ):
            needed = court.setup_needed(code, court.family(before), task)
            task["setup_start"] = court.latest_setup(code, needed, task["start"]) if needed else None
            task["setup_end"] = task["start"] if needed else None
        left_in[code] = task
