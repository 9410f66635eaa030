"""The command `lienmach plan`. Nothing heavy is imported before it is known what to do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from django.utils.translation import gettext as _
from rich.console import Console

if TYPE_CHECKING:
    from lienmach.apps.production.cli.speaking import Progress
    from lienmach.apps.production.planning.factory import Factory
    from lienmach.apps.production.planning.plan import Obstacle, Plan
    from lienmach.kernel.sheets import Problem

FOUND, INVALID, INFEASIBLE = 0, 2, 3
ZONE = "Asia/Ho_Chi_Minh"

app = typer.Typer()
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Aim(StrEnum):
    """What a good plan is."""

    TARDINESS = "tardiness"
    MAKESPAN = "makespan"


class Layout(StrEnum):
    """How a benchmark file is laid out."""

    AUTO = "auto"
    JSP = "jsp"
    FJS = "fjs"
    LARGE = "large"
    CJS = "cjs"


class Speech(StrEnum):
    """The language of results."""

    VI = "vi"
    EN = "en"


@app.command()
def plan(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A workbook (.xlsx), a factory document (.json), a benchmark file, or a folder of orders."
        ),
    ] = None,
    cpu_seconds: Annotated[
        float,
        typer.Option(min=0.01, max=86_400, help="CPU seconds to search, translated into a work budget."),
    ] = 10.0,
    seed: Annotated[int, typer.Option(help="Same input, seed and budget: the same plan.")] = 0,
    objective: Annotated[
        Aim | None, typer.Option(help="Default: tardiness, or makespan when nothing has a due date.")
    ] = None,
    start: Annotated[
        str, typer.Option(help="The plan's now, ISO 8601 (2026-12-01T08:00); default: this minute.")
    ] = "",
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for plan.html, plan.xlsx and plan.json.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON document on stdout and write no files unless --out."),
    ] = False,
    layout: Annotated[Layout, typer.Option("--format", help="Layout of a benchmark file.")] = Layout.AUTO,
    due_factor: Annotated[
        float | None, typer.Option(min=0.0, help="Give a benchmark file due dates by the usual rule.")
    ] = None,
    language: Annotated[Speech, typer.Option(help="Language of the results.")] = Speech.VI,
    template: Annotated[
        Path | None, typer.Option(help="Write the empty workbook to this file and stop.")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="With --template: filled with an example.")
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full/--minimum",
            help="With --template: every sheet and column there is, or the four sheets to begin with.",
        ),
    ] = True,
) -> None:
    """Plan a workshop: what runs where and when, what to buy, which dates to promise, why something is late.

    Writes plan.html, plan.xlsx and plan.json into --out (default: a folder named after the file).
    Exit codes: 0 plan found; 2 input invalid, all errors listed; 3 no feasible plan exists, with the reason.
    """
    from lienmach.apps.production.cli.speaking import Progress, speak

    speak(language.value)
    if template is not None:
        _write_template(template, language=language, example=example, full=full)
        return
    if file is None:
        refuse(_("Say which file to plan, or --template FILE to get an empty workbook."), as_json=as_json)
    moment = read_moment(start, "--start", as_json=as_json)
    with Progress(err) as progress:
        if _is_benchmark(file):
            _plan_benchmark(
                file, layout, due_factor, objective, seed, cpu_seconds, as_json, out_folder, progress
            )
            return
        factory, given_start = _read_factory(file, language, as_json)
        moment = moment or given_start
        document = _plan_factory(factory, file, moment, objective, seed, cpu_seconds, language, as_json,
                                 out_folder, progress)  # fmt: skip
    if as_json:
        sys.stdout.write(document)


def _plan_factory(
    factory: Factory,
    file: Path,
    start: datetime | None,
    objective: Aim | None,
    seed: int,
    cpu_seconds: float,
    language: Speech,
    as_json: bool,
    out_folder: Path | None,
    progress: Progress,
) -> str:
    from lienmach.apps.production.cli.speaking import show_plan
    from lienmach.apps.production.planning.documents import plan_html, plan_json, plan_xlsx

    found = _made(factory, start, objective, seed, cpu_seconds, language, as_json, progress)
    document = plan_json(found, cpu_seconds=cpu_seconds)
    folder = out_folder or (None if as_json else Path(f"{file.stem}-plan"))
    if folder is not None:
        _write(folder, {
            "plan.json": document.encode(),
            "plan.html": plan_html(found, language=language.value).encode(),
            "plan.xlsx": plan_xlsx(found, language=language.value),
        })  # fmt: skip
    if not as_json:
        show_plan(out, found, language.value)
        err.print(f"{progress.spent} → {folder}/plan.html, plan.xlsx, plan.json")
    return document


def plan_file(
    file: Path,
    start: str,
    seed: int,
    cpu_seconds: float,
    language: Speech,
    progress: Progress,
    *,
    as_json: bool,
) -> Plan:
    """Return the plan of a workbook, a document or a folder; refuses what it cannot read."""
    moment = read_moment(start, "--start", as_json=as_json)
    factory, given_start = _read_factory(file, language, as_json)
    return _made(factory, moment or given_start, None, seed, cpu_seconds, language, as_json, progress)


def _made(
    factory: Factory,
    start: datetime | None,
    objective: Aim | None,
    seed: int,
    cpu_seconds: float,
    language: Speech,
    as_json: bool,
    progress: Progress,
) -> Plan:
    from lienmach.apps.production.planning.making import make_plan
    from lienmach.apps.production.planning.plan import NoPlan
    from lienmach.engines.scheduling.result import Objective

    zone = ZoneInfo(factory.zone)
    start = start or datetime.now(UTC).astimezone(zone).replace(second=0, microsecond=0)
    start = start if start.tzinfo else start.replace(tzinfo=zone)
    found = make_plan(
        factory,
        start=start,
        objective=Objective((objective or Aim.TARDINESS).value),
        seed=seed,
        cpu_seconds=cpu_seconds,
        progress=progress.report,
    )
    if isinstance(found, NoPlan):
        no_plan(found.obstacles, as_json, language)
    progress.close()
    return found


def _plan_benchmark(
    file: Path,
    layout: Layout,
    due_factor: float | None,
    objective: Aim | None,
    seed: int,
    cpu_seconds: float,
    as_json: bool,
    out_folder: Path | None,
    progress: Progress,
) -> None:
    from lienmach.apps.production.cli.benchmark import BenchmarkRefused, plan_benchmark
    from lienmach.apps.production.planning.plan import Obstacle
    from lienmach.engines.scheduling.result import Infeasible

    try:
        answer = plan_benchmark(
            file.read_text("utf-8", errors="replace"),
            layout=None if layout is Layout.AUTO else layout.value,
            due_factor=due_factor,
            objective=objective.value if objective else None,
            seed=seed,
            cpu_seconds=cpu_seconds,
            progress=progress.report,
        )
    except BenchmarkRefused as refused:
        refuse(f"{file.name}: {refused}", as_json=as_json)
    if isinstance(answer, Infeasible):
        obstacles = [Obstacle(each.kind.value, each.operation, each.message) for each in answer.obstacles]
        no_plan(obstacles, as_json, Speech.EN)
    progress.close()
    if out_folder is not None:
        _write(out_folder, {"plan.json": answer.document.encode()})
    if as_json:
        sys.stdout.write(answer.document)
    else:
        out.print(answer.summary)


def _read_factory(file: Path, language: Speech, as_json: bool) -> tuple[Factory, datetime | None]:
    """The workshop, and the plan's now when the input says it."""
    from lienmach.apps.production.importers.metal_forming import EPOCH, FolderUnreadable, is_order_book
    from lienmach.apps.production.importers.metal_forming import read_factory as read_order_book

    if file.is_dir():
        if not is_order_book(file):
            refuse(f"{file}: " + _("The folder is no order book that is known here."), as_json=as_json)
        try:
            return read_order_book(file), EPOCH
        except FolderUnreadable as problem:
            refuse(str(problem), as_json=as_json)
    if not file.is_file():
        refuse(f"{file}: " + _("There is no such file."), as_json=as_json)
    if _is_document(file):
        return _read_document(file, language, as_json)
    return _read_workbook(file, language, as_json)


def _read_document(file: Path, language: Speech, as_json: bool) -> tuple[Factory, datetime | None]:
    from lienmach.apps.production.cli.speaking import fault_problems, show_problems
    from lienmach.apps.production.planning.documents import DocumentRefused, read_factory_json

    try:
        read = read_factory_json(file.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        refuse(f"{file}: " + _("The file is not UTF-8 text."), as_json=as_json)
    except DocumentRefused as refused:
        _reject(fault_problems(file.name, refused.faults, language.value), as_json)
    if read.warnings and not as_json:
        show_problems(err, fault_problems(file.name, read.warnings, language.value))
    return read.described.factory, read.described.start


def _read_workbook(file: Path, language: Speech, as_json: bool) -> tuple[Factory, datetime | None]:
    from lienmach.apps.production.cli.speaking import show_problems
    from lienmach.apps.production.importers.frepple import is_frepple, read_frepple
    from lienmach.apps.production.sheets import FULL, read_factory
    from lienmach.kernel.sheets import Rejected, import_workbook

    if is_frepple(file):
        taken = read_frepple(file, language=language.value, name=file.stem)
        if isinstance(taken, Rejected):
            _reject(taken.problems, as_json)
        if not as_json:
            show_problems(err, taken.warnings)
        return taken.factory, taken.start
    imported = import_workbook(file, FULL)
    warnings = () if isinstance(imported, Rejected) else imported.warnings
    factory = read_factory(imported, language=language.value, name=file.stem, zone=ZONE)
    if isinstance(factory, Rejected):
        _reject((*warnings, *factory.problems), as_json)
    if not as_json:
        show_problems(err, warnings)
    return factory, None


def _write_template(path: Path, *, language: Speech, example: bool, full: bool) -> None:
    from lienmach.apps.production.sheets import FULL, MINIMUM
    from lienmach.apps.production.sheets.example import example_rows
    from lienmach.apps.production.sheets.full_example import full_example_rows
    from lienmach.kernel.sheets import write_template

    today = datetime.now(UTC).astimezone(ZoneInfo(ZONE)).date()
    filled = full_example_rows if full else example_rows
    rows = filled(today) if example else None
    try:
        path.write_bytes(write_template(FULL if full else MINIMUM, language=language.value, rows=rows))
    except OSError as problem:
        refuse(f"{path}: " + _("It cannot be written.") + f" ({problem.strerror})", as_json=False)
    err.print(f"→ {path}")


def _is_benchmark(file: Path) -> bool:
    """Workbooks, documents and folders are not; what else there is, is text."""
    if not file.is_file() or file.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}:
        return False
    with file.open("rb") as stream:
        return stream.read(4) not in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") and not _is_document(file)


def _is_document(file: Path) -> bool:
    """A JSON document, whatever it is called: no benchmark file begins with a brace."""
    if file.suffix.lower() == ".json":
        return True
    with file.open("rb") as stream:
        return stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_moment(text: str, option: str, *, as_json: bool) -> datetime | None:
    """Return the moment that an option names; None when it is empty."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        refuse(
            _("%(option)s: “%(text)s” is not a moment. Write it as 2026-12-01T08:00.")
            % {"option": option, "text": text},
            as_json=as_json,
        )


def _write(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as problem:
        refuse(f"{folder}: " + _("It cannot be written.") + f" ({problem.strerror})", as_json=False)


def _reject(problems: tuple[Problem, ...], as_json: bool) -> NoReturn:
    from lienmach.apps.production.cli.speaking import problems_json, show_problems

    if as_json:
        sys.stdout.write(problems_json(problems))
    else:
        show_problems(err, problems)
    raise typer.Exit(INVALID)


def refuse(message: str, *, as_json: bool) -> NoReturn:
    """Say what is wrong with the input, and stop."""
    from lienmach.kernel.sheets import Problem

    if as_json:
        _reject((Problem("input", message, ""),), as_json)
    err.print(message)
    raise typer.Exit(INVALID)


def no_plan(obstacles: Sequence[Obstacle], as_json: bool, language: Speech) -> NoReturn:
    """Say why there is no plan, and stop."""
    from lienmach.apps.production.cli.speaking import obstacles_json
    from lienmach.apps.production.planning.explain import obstacle_sentence

    if as_json:
        sys.stdout.write(obstacles_json(obstacles))
    else:
        for obstacle in obstacles:
            err.print(obstacle_sentence(obstacle, language.value))
    raise typer.Exit(INFEASIBLE)
