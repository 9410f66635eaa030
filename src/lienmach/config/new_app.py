"""`lienmach new-app NAME`: a small working app in src/lienmach/apps, to be replaced piece by piece.

The templates beside this file are the app in full, with `__app__`, `__App__`, `__title__` and
`__title_vi__` for its names. A test creates one in a copy of the sources and runs everything on it.
"""

import keyword
import re
from pathlib import Path

TEMPLATE = Path(__file__).with_name("new_app_template")
NAME = re.compile(r"[a-z][a-z0-9]{1,17}")  # with a suffix it names an index: 30 characters at most
TAKEN = {
    "account",
    "accounts",
    "allauth",
    "api",
    "auth",
    "django",
    "mfa",
    "ninja",
    "sessions",
    "static",
    "test",
}


class CannotCreate(Exception):
    """The app was not written; the message says why and what to do."""


def apps_folder() -> Path:
    """Return the folder of apps of the sources this package runs from.

    Raises
    ------
    CannotCreate
        The package is installed from a wheel: an app would be lost with the next version.
    """
    package = Path(__file__).resolve().parents[1]
    if not (package.parents[1] / "pyproject.toml").exists():
        raise CannotCreate(
            "new-app writes into a checkout of the sources, and this is an installed package.\n"
            "Clone the repository, run `make dev`, and use .venv/bin/lienmach there."
        )
    return package / "apps"


def problems_of(name: str, folder: Path) -> list[str]:
    """Return what speaks against the name; nothing when it is good."""
    kernel = {path.name.removesuffix(".py") for path in (folder.parent / "kernel").iterdir()}
    found = []
    if not NAME.fullmatch(name):
        found.append(
            "write 2 to 18 small letters and digits, a letter first: it starts event names and addresses"
        )
    if keyword.iskeyword(name):
        found.append("Python uses this word itself")
    if name in TAKEN | kernel:
        found.append("the platform uses this name itself")
    if (folder / name).exists():
        found.append(f"{folder / name} exists already")
    return found


def create(name: str, *, title: str, title_vi: str, folder: Path) -> list[Path]:
    """Write the app and return its files.

    Parameters
    ----------
    name
        Module name, start of its event types and segment of its addresses.
    title, title_vi
        What people call it, in English and Vietnamese.
    folder
        Where apps stand.

    Raises
    ------
    CannotCreate
        The name or a title is no good; nothing is written.
    """
    problems = problems_of(name, folder)
    problems += [
        f"the title {text!r} is empty or holds a quotation mark, backslash, brace or line end"
        for text in (title, title_vi)
        if not text.strip() or re.search(r'["\\{}\n]', text)
    ]
    if problems:
        raise CannotCreate(f"The app {name!r} cannot be made:\n" + "\n".join(f"- {one}" for one in problems))
    words = {
        "__app__": name,
        "__App__": name.capitalize(),
        "__title__": title.strip(),
        "__title_vi__": title_vi.strip(),
    }
    written = []
    for source in sorted(TEMPLATE.rglob("*.tmpl")):
        target = folder / name / filled(source.relative_to(TEMPLATE).as_posix(), words).removesuffix(".tmpl")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(filled(source.read_text("utf-8"), words), "utf-8", newline="\n")
        written.append(target)
    return written


def filled(text: str, words: dict[str, str]) -> str:
    """Return the text with each name in its place."""
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
