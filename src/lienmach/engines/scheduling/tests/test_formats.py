"""Benchmark files as the literature writes them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from lienmach.engines.scheduling.formats import Format, FormatError, read, with_due_dates

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "production"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"benchmark data not found at {DATA}")

JSP = "# two jobs\n2 2\n0 3 1 2\n1 4 0 1\n"
FJS = "2 2 1.5\n2 1 1 3 2 1 2 2 5\n1 1 2 4\n"
LARGE = "2\n2\n1 2\n3 0\n1 2\n0 4\n"
CJS = "1 2 2\nTWT\n3 20 5 2 0 1\n2\n1\n1 0 7\n2 0 3 1 4\n0 6\n5 0\n"


def test_each_layout_is_recognised_and_read() -> None:
    """Nobody should have to say what the file already says."""
    jsp, fjs, large, cjs = (read(text) for text in (JSP, FJS, LARGE, CJS))
    assert [mode.duration for _, op in jsp.operations() for mode in op.modes] == [3, 2, 4, 1]
    assert [[(m.machine, m.duration) for m in op.modes] for _, op in fjs.operations()] == [
        [("0", 3)],
        [("0", 2), ("1", 5)],
        [("1", 4)],
    ]
    assert [[(m.machine, m.duration) for m in op.modes] for _, op in large.operations()] == [
        [("0", 3)],
        [("0", 1), ("1", 2)],
        [("1", 4)],
    ]
    assert [(machine.batch_capacity, machine.setups) for machine in cjs.machines] == [
        (2, "setups"),
        (1, "setups"),
    ]
    assert (cjs.jobs[0].release, cjs.jobs[0].due, cjs.jobs[0].weight) == (3, 20, 5)
    assert cjs.setups[0].seconds("0", "1") == 6


@pytest.mark.parametrize(
    ("text", "layout", "message"),
    [
        ("", None, "empty"),
        ("2 2\n0 3 1 x\n1 4 0 1\n", Format.JSP, "Line 2: a duration must be an integer, not 'x'"),
        ("2 2\n0 3 7 2\n1 4 0 1\n", Format.JSP, "Line 2: a machine must be from 0 to 1, not 7"),
        ("2 2\n0 3 1 2\n", Format.JSP, "ends where a machine is expected"),
        (JSP + "9", Format.JSP, "nothing more is expected"),
    ],
)
def test_a_bad_file_says_where(text: str, layout: Format | None, message: str) -> None:
    """The line and what stands there instead."""
    with pytest.raises(FormatError, match=message):
        read(text, layout)


def test_due_dates_follow_the_published_rule() -> None:
    """Factor times mean work; the first fifth of the jobs weighs 4, the last 1."""
    problem = with_due_dates(read(FJS), "1.5")
    assert [(job.due, job.weight) for job in problem.jobs] == [(int(1.5 * (3 + 3.5)), 4), (6, 2)]


@needs_data
def test_every_public_file_is_recognised_with_its_size() -> None:
    """The sizes in the table of bounds are those of the problems read."""
    with (DATA / "best_known_bounds.csv").open() as file:
        for row in csv.DictReader(file):
            problem = read((DATA / row["file"]).read_text())
            found = (len(problem.jobs), len(problem.machines), problem.operation_count)
            assert found == (int(row["jobs"]), int(row["machines"]), int(row["operations"])), row["instance"]
