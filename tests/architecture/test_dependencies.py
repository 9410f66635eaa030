"""Every dependency earns its line in docs/reference/dependencies.md; the locks hold what was asked for."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PAGE = (ROOT / "docs/reference/dependencies.md").read_text("utf-8")
OPPONENTS = {"pymerkle"}  # run by benchmarks alone, beside ours, to compare with
COPYLEFT = re.compile(r"(?<!L)GPL|AGPL", re.IGNORECASE)


def declared() -> dict[str, Requirement]:
    """Every requirement of pyproject.toml, by normal name."""
    lines = list(PROJECT["project"]["dependencies"])
    for group in (
        *PROJECT["project"]["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ):
        lines += group
    requirements = map(Requirement, lines)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def described() -> dict[str, list[str]]:
    """Rows of the page's tables: package name -> its cells."""
    rows = [line.strip("| \n").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return {row[0]: row for row in rows if row[0] != "package"}


def pinned(lock: str) -> dict[str, str]:
    """Packages of a lock with the first pinned version."""
    text = (ROOT / lock).read_text("utf-8")
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==([\w.+!]+)", text, re.M)
    }


def test_every_dependency_has_its_line() -> None:
    """What for, licence, why this one; a line without its dependency is removed."""
    wanted, have = set(declared()), {canonicalize_name(name) for name in described()}
    assert wanted - have == set(), "No line in docs/reference/dependencies.md"
    assert have - wanted - {"uv"} == set(), "A line for what pyproject.toml does not ask for"
    assert [row for row in described().values() if len(row) < 4 or not all(row)] == [], "An empty cell"


def test_no_copyleft_beyond_lgpl() -> None:
    """Nothing that would bind a province's or a firm's own code."""
    bound = {name for name, row in described().items() if COPYLEFT.search(" ".join(row[2:4]))}
    assert bound - OPPONENTS == set()
    sources = (ROOT / "src").rglob("*.py")
    imports = re.compile(rf"^\s*(?:from|import) (?:{'|'.join(OPPONENTS)})\b", re.M)
    assert [path for path in sources if imports.search(path.read_text("utf-8"))] == []
    assert OPPONENTS & set(pinned("requirements.lock")) == set()


def test_locks_hold_what_is_declared() -> None:
    """`make lock` was run after pyproject.toml changed."""
    default = [canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]]
    user, developer = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert [name for name in default if name not in user] == [], "run `make lock`"
    for name, requirement in declared().items():
        assert name in developer, f"{name} is not locked: run `make lock`"
        assert requirement.specifier.contains(developer[name]), f"{name}: run `make lock`"
    assert {name: (user[name], developer[name]) for name in user if user[name] != developer.get(name)} == {}


def test_locks_name_no_package_index() -> None:
    """A developer's own mirror must not travel to a user's machine."""
    for lock in ("requirements.lock", "requirements-dev.lock", "tools/uv.lock.txt"):
        text = (ROOT / lock).read_text("utf-8")
        assert not re.search(r"https?://|file:|^-|^\s*--(?!hash)", text, re.M), lock
        assert "--hash=sha256:" in text
