"""The command `lienmach plan`: exit codes, what stands on stdout, and nothing that needs a server."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lienmach.apps.production.cli import app
from lienmach.apps.production.sheets import FULL
from lienmach.apps.production.sheets.full_example import full_example_rows
from lienmach.apps.production.tests.test_workbook import clean
from lienmach.apps.production.tests.workbooks import xlsx

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "production"
START = ["--start", "2026-11-23T08:00"]


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["plan", *(str(argument) for argument in arguments)])


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "xuong.xlsx"
    path.write_bytes(xlsx(clean()))
    return path


@pytest.mark.parametrize("options", [["--minimum"], [], ["--language", "en"]])
def test_the_example_template_is_planned(tmp_path: Path, options: list[str]) -> None:
    """Template, filled with the example, planned: exit code 0 and three files."""
    path = tmp_path / "mau.xlsx"
    assert run("--template", path, "--example", *options).exit_code == 0
    answer = run(path, "--cpu-seconds", 0.1, "--out", tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"plan.html", "plan.xlsx", "plan.json"}
    assert "DH-001" in answer.stdout


def test_the_full_example_uses_every_column_of_the_workbook() -> None:
    """Whoever looks at the example sees what can be said, and the test of the round trip sees it too."""
    rows = full_example_rows(date(2026, 11, 23))
    unused = {
        (sheet.name, column.key)
        for sheet in FULL.sheets
        for column in sheet.columns
        if not any(row.get(column.key) not in (None, "") for row in rows[sheet.name])
    }
    assert unused == set()


def test_json_is_one_document_and_the_same_twice(workbook: Path) -> None:
    """Data on stdout, nothing else; the same bytes for the same input, seed and budget."""
    one = run(workbook, "--json", "--cpu-seconds", 0.2, *START)
    two = run(workbook, "--json", "--cpu-seconds", 0.2, *START)
    assert one.exit_code == 0
    assert one.stdout == two.stdout
    document = json.loads(one.stdout)
    assert document["schema"] == "lienmach.plan/1"
    assert {"objective", "makespan", "weighted_tardiness", "lower_bound", "cpu_seconds"} <= set(document)
    assert {"job", "operation", "machine", "start", "end"} <= set(document["tasks"][0])
    assert document["assumptions"] and document["orders"] and document["purchases"]


def test_errors_are_listed_with_their_cells_and_the_exit_code_is_2(tmp_path: Path) -> None:
    """For programs too."""
    sheets = clean()
    sheets["Đơn hàng"].append(["A3", "P", "vài", "2026-13-01"])
    path = tmp_path / "xuong.xlsx"
    path.write_bytes(xlsx(sheets))
    answer = run(path, "--json")
    assert answer.exit_code == 2
    found = json.loads(answer.stdout)["errors"]
    assert {problem["cell"] for problem in found if problem["severity"] == "error"} == {"C4", "D4"}
    assert all(problem["reason"] and problem["remedy"] for problem in found)
    assert run(path).exit_code == 2


@pytest.mark.parametrize("arguments", [["nowhere.xlsx"], [], ["--start", "gestern", "nowhere.xlsx"]])
def test_a_missing_file_or_a_strange_option_is_said_politely(arguments: list[str]) -> None:
    """Exit code 2, no stack trace."""
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output


def test_no_feasible_plan_is_exit_code_3(tmp_path: Path) -> None:
    """A step of three days that may not pause."""
    sheets = clean()
    steps = sheets["Sản phẩm và công đoạn"]
    steps[0] = [*steps[0], "Được ngắt giữa ca"]
    steps[1] = [*steps[1], "không"]
    path = tmp_path / "xuong.xlsx"
    path.write_bytes(xlsx(sheets))
    answer = run(path, "--json", *START)
    assert answer.exit_code == 3, answer.output
    assert json.loads(answer.stdout)["infeasible"][0]["text"]["vi"]


JSP = "2 2\n0 3 1 2\n1 4 0 1\n"
FJS = "2 2\n2 1 1 3 2 1 2 2 4\n1 2 1 5 2 3\n"


@pytest.mark.parametrize(
    ("text", "layout", "makespan"), [(JSP, "auto", 6), (JSP, "jsp", 6), (FJS, "auto", 5)]
)
def test_benchmark_files_are_planned_in_their_own_numbers(
    tmp_path: Path, text: str, layout: str, makespan: int
) -> None:
    """Jobs, operations and machines from 0, times as in the file."""
    path = tmp_path / "case.txt"
    path.write_text(text)
    answer = run(path, "--json", "--format", layout, "--cpu-seconds", 0.5)
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert (document["objective"], document["makespan"]) == ("makespan", makespan)
    assert all(
        isinstance(task[key], int) for task in document["tasks"] for key in ("job", "operation", "machine")
    )
    dated = run(path, "--json", "--format", layout, "--due-factor", 1.3, "--cpu-seconds", 0.5)
    assert json.loads(dated.stdout)["objective"] == "tardiness"
    broken = tmp_path / "broken.txt"
    broken.write_text("this is\nno shop\n")
    assert run(broken, "--json").exit_code == 2


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA} (LIENMACH_TEST_DATA)")
def test_the_real_order_book_is_planned() -> None:
    """307 orders on four levels, from the four files as they are."""
    answer = run(DATA / "metal_forming_factory", "--json", "--cpu-seconds", 0.1)
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert len(document["orders"]) == 307 and len(document["tasks"]) == 1228
    assert document["makespan"] < 182 * 86_400


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA} (LIENMACH_TEST_DATA)")
@pytest.mark.parametrize(
    "name", ["jsp/ft06.txt", "fjsp/kacem/Kacem1.txt", "fjsp/large/bv246.txt", "cjs/random01.cjs.input"]
)
def test_files_of_the_literature_are_planned(name: str) -> None:
    """One of each layout, found out from the text."""
    path = DATA / name
    if not path.exists():
        path = next((DATA / name).parent.iterdir())
    answer = run(path, "--json", "--cpu-seconds", 0.05)
    assert answer.exit_code == 0, answer.output
