"""Where the project's parts stand, for the tests that walk them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/lienmach"
APPS = sorted(path for path in (PACKAGE / "apps").iterdir() if (path / "__init__.py").exists())
ENGINES = sorted(path for path in (PACKAGE / "engines").iterdir() if (path / "__init__.py").exists())
DOORS = ("views", "api", "cli", "tasks", "config")


def modules(folder: Path, *, tests: bool = False) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file below `folder` with its syntax tree; migrations left out, tests unless asked for."""
    for path in sorted(folder.rglob("*.py")):
        inside = path.relative_to(folder).parts
        if "migrations" in inside or "new_app_template" in inside or ("tests" in inside and not tests):
            continue
        yield path, ast.parse(path.read_text("utf-8"), str(path))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute chain, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr}" if front else ""
    return ""


def place(path: Path, node: ast.AST) -> str:
    """`src/…/file.py:12`, as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"
