"""A standard benchmark file, planned; jobs, operations and machines in the file's order, from 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lienmach.apps.production.planning.documents.json import SCHEMA
from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.formats import Format, FormatError, read, with_due_dates
from lienmach.engines.scheduling.problem import Problem, ProblemError
from lienmach.engines.scheduling.result import Infeasible, Objective, Planned
from lienmach.engines.scheduling.search import Progress
from lienmach.engines.scheduling.solve import solve


class BenchmarkRefused(Exception):
    """The file is not of the layout; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The plan as JSON and in one line."""

    document: str
    summary: str


def plan_benchmark(
    text: str,
    *,
    layout: str | None,
    due_factor: float | None,
    objective: str | None,
    seed: int,
    cpu_seconds: float,
    progress: Callable[[Progress], bool | None] | None = None,
) -> Answer | Infeasible:
    """Plan the file's problem; tardiness when it has due dates, otherwise makespan, unless asked.

    Raises
    ------
    BenchmarkRefused
        When the text is not such a file.
    """
    try:
        problem = read(text, Format(layout) if layout else None)
    except (FormatError, ProblemError) as error:
        raise BenchmarkRefused(str(error)) from error
    if due_factor is not None:
        problem = with_due_dates(problem, due_factor)
    dated = any(job.due is not None for job in problem.jobs)
    aim = Objective(objective) if objective else Objective.TARDINESS if dated else Objective.MAKESPAN
    result = solve(
        problem, objective=aim, budget=work_for(cpu_seconds, problem), seed=seed, progress=progress
    )
    if isinstance(result, Infeasible):
        return result
    document = _document(problem, result, cpu_seconds)
    return Answer(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        f"makespan {result.evaluation.makespan} · "
        f"weighted tardiness {result.evaluation.weighted_tardiness} · "
        f"lower bound {result.lower_bound} · {result.method}",
    )


def _document(problem: Problem, result: Planned, cpu_seconds: float) -> dict[str, Any]:
    evaluation = result.evaluation
    tasks = []
    for placed in result.solution.operations:
        job, _, operation = placed.operation.partition(".")
        tasks.append(
            {
                "job": int(job),
                "operation": int(operation),
                "machine": int(placed.machine),
                "start": placed.start,
                "end": placed.end,
                "setup_start": placed.setup_start,
                "setup_end": placed.setup_end,
                "batch": placed.batch,
            }
        )
    orders = [
        {
            "order": int(job.id),
            "due": job.due,
            "weight": job.weight,
            "end": evaluation.job_ends[job.id],
            "late": None if job.due is None else max(0, evaluation.job_ends[job.id] - job.due),
        }
        for job in problem.jobs
    ]
    return {
        "schema": SCHEMA,
        "objective": result.objective.value,
        "makespan": evaluation.makespan,
        "weighted_tardiness": evaluation.weighted_tardiness,
        "lower_bound": result.lower_bound,
        "cpu_seconds": cpu_seconds,
        "time_unit": "as in the file",
        "found_by": {
            "method": result.method,
            "seed": result.seed,
            "work_budget": result.budget,
            "work": result.work,
            "complete": result.complete,
        },
        "verified": True,
        "tasks": tasks,
        "orders": orders,
        "purchases": [],
        "assumptions": [],
    }
