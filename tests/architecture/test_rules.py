"""Rules of the house that no linter knows: where the clock, signals and foreign data may be touched."""

import ast
from pathlib import Path

import pytest

from .tree import ENGINES, PACKAGE, dotted, modules, place

CLOCK = {
    "date.today",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.now",
    "datetime.utcnow",
    "time.time",
    "timezone.localdate",
    "timezone.localtime",
    "timezone.now",
}
# A budget of CPU seconds is measured with time.process_time and turned into work: that is not the calendar.
WORLD = {"open", "print", "input", "random.random", "random.shuffle", "random.choice", "np.random.rand"}
UNWANTED = {"django.contrib.admin", "django.contrib.contenttypes.fields", "django.db.models.signals"}
WORLD |= {"np.random.seed", "numpy.random.seed", "os.environ.get", "os.getenv", "uuid.uuid4", "uuid4"}


def calls(tree: ast.Module) -> list[tuple[ast.Call, str]]:
    """Every call in the file with the dotted name of what is called."""
    return [(node, dotted(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda path: path.name)
def test_engines_take_the_world_as_arguments(engine: Path) -> None:
    """No clock, no chance without a seed, no files or environment of its own: same input, same bytes."""
    found = [
        f"{place(path, node)}: {name}()"
        for path, tree in modules(engine)
        if path.name not in {"cli.py", "__main__.py", "verify.py"}
        for node, name in calls(tree)
        if name in CLOCK | WORLD
    ]
    assert not found, "Give it to the engine as an argument:\n" + "\n".join(found)


def test_time_comes_in_at_the_door() -> None:
    """Services, queries and models take `at`; only doors, background loops and commands read the clock."""
    inner = {"services", "queries", "models", "projections", "subscribers", "events", "sheets"}
    found = []
    for floor in ("apps", "kernel"):
        for path, tree in modules(PACKAGE / floor):
            parts = path.relative_to(PACKAGE / floor).with_suffix("").parts
            if not inner & set(parts[1:] if floor == "apps" else parts[-1:]):
                continue
            found += [f"{place(path, node)}: {name}()" for node, name in calls(tree) if name in CLOCK]
    assert not found, "Take `at: datetime` from the door:\n" + "\n".join(found)


def test_no_signals_no_admin_no_catch_all() -> None:
    """What happens on a change stands in the service that makes it; a module is named for what it holds."""
    found = []
    for path, tree in modules(PACKAGE):
        if path.stem in {"utils", "util", "helpers", "misc", "common"}:
            found.append(f"{place(path, tree)}: name the file for what it holds")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in UNWANTED:
                found.append(f"{place(path, node)}: {node.module}")
    assert not found, "\n".join(found)


def test_no_error_is_swallowed() -> None:
    """A bare `except`, or `except Exception: pass`, hides what the next person has to find."""
    found = []
    for path, tree in modules(PACKAGE):
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            silent = all(isinstance(step, ast.Pass) for step in node.body)
            if node.type is None or (dotted(node.type) in {"Exception", "BaseException"} and silent):
                found.append(place(path, node))
    assert not found, "Name the exception, or let it pass on:\n" + "\n".join(found)


def test_services_are_keyword_only() -> None:
    """`order_accept(scope, order=…, at=…)`: scope first, the rest by name: a call reads as a sentence."""
    found = []
    for path, tree in modules(PACKAGE / "apps"):
        parts = path.relative_to(PACKAGE / "apps").with_suffix("").parts
        if "services" not in parts[1:]:
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                positional = [argument.arg for argument in node.args.posonlyargs + node.args.args]
                if "scope" in positional and positional != ["scope"]:
                    found.append(f"{place(path, node)}: {node.name}({', '.join(positional)})")
    assert not found, "Only `scope` comes by position:\n" + "\n".join(found)


UNIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
UNIX_CALLS = {"os.fork", "os.system", "os.popen", "os.killpg", "os.getuid", "os.geteuid", "os.setsid"}


def test_nothing_assumes_a_unix_shell() -> None:
    """A workshop's PC runs Windows: no shell; what only Unix has, behind a question for the platform."""
    found = []
    for path, tree in modules(PACKAGE):
        for node in tree.body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{place(path, node)}: import {name}" for name in names if name in UNIX_ONLY]
        asks = {"sys.platform", "os.name"} & {dotted(node) for node in ast.walk(tree)}
        asks |= {name for call, name in calls(tree) if name == "hasattr" and dotted(call.args[0]) == "os"}
        for call, name in calls(tree):
            shell = [word for word in call.keywords if word.arg == "shell"]
            if (name in UNIX_CALLS and not asks) or shell:
                found.append(f"{place(path, call)}: {name}({'shell=…' if shell else ''})")
    assert not found, "\n".join(found)
