"""Bring every translation catalogue in line with the code, and say what is not translated.

Usage: python tools/messages.py [--check] [PATH …]

Each app and kernel part keeps its own catalogue, `locale/<language>/LC_MESSAGES/django.po`; English is the
msgid. Strings are found in Python (`gettext` and its kin) and in templates (`{% translate %}`, `{%
blocktranslate %}`). New ones are added untranslated, gone ones removed, translations kept. `--check`
changes nothing and fails when a catalogue lacks a string or the Vietnamese of one. Works without GNU
gettext.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src/lienmach"
LANGUAGES = ("vi",)  # en is the msgid; km is prepared: a catalogue that exists is kept up
KEYWORDS = {
    "_": None,
    "_n": (1, 2),
    "_p": ((1, "c"), 2),
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SKIPPED = ("tests", "migrations", "new_app_template")


def parts() -> list[Path]:
    """Folders with a catalogue of their own: every app, every kernel part, and config."""
    found = [path for floor in ("kernel", "apps") for path in sorted((PACKAGE / floor).iterdir())]
    return [path for path in [*found, PACKAGE / "config"] if (path / "__init__.py").exists()]


def sources(part: Path) -> Iterator[Path]:
    """The Python files and templates whose strings people see."""
    for path in sorted(part.rglob("*")):
        inside = path.relative_to(part).parts
        if set(inside) & set(SKIPPED):
            continue
        if path.suffix == ".py" or ("templates" in inside and path.suffix in {".html", ".txt", ".svg"}):
            yield path


def _flush_left(code: str) -> str:
    """Django's rendering of a template has the calls but not Python's indentation; none is read easily."""
    return "\n".join(line.strip() for line in code.splitlines())


def collect(part: Path) -> Catalog:
    """Every translatable string of `part`, with the place it stands."""
    catalogue = Catalog(project="lienmach")
    for path in sources(part):
        text = path.read_text("utf-8")
        code = text if path.suffix == ".py" else _flush_left(templatize(text, origin=str(path)))
        stream = io.BytesIO(code.encode())
        options = {"encoding": "utf-8"}
        for line, message, comments, context in extract(
            "python", stream, KEYWORDS, ["Translators:"], options
        ):
            if message and message != "":
                place = (str(path.relative_to(ROOT)), line)
                catalogue.add(message, None, [place], auto_comments=comments, context=context)
        if path.name == "events.py":
            for line, sentence in told(text):
                catalogue.add(sentence, None, [(str(path.relative_to(ROOT)), line)])
    return catalogue


def told(text: str) -> Iterator[tuple[int, str]]:
    """What event types say to people: first lines of the docstrings, descriptions of the fields."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and any(
            "event_type" in ast.unparse(d) for d in node.decorator_list
        ):
            yield node.lineno, (ast.get_docstring(node) or "").splitlines()[0]
            for call in ast.walk(node):
                if isinstance(call, ast.keyword) and call.arg == "description":
                    yield call.value.lineno, str(ast.literal_eval(call.value))


def said(message: Message) -> bool:
    """Whether a translation stands behind this message and nobody marked it as doubtful."""
    strings: Sequence[str | None] = (
        message.string if isinstance(message.string, (list, tuple)) else [message.string]
    )
    return bool(strings) and all(strings) and not message.fuzzy


def in_step(part: Path, language: str, *, check: bool) -> list[str]:
    """Update one catalogue (or, with `check`, only look) and return what is missing, one line each."""
    target = part / "locale" / language / "LC_MESSAGES/django.po"
    template = collect(part)
    if not len(template) and not target.exists():
        return []
    old = Catalog(locale=language)
    if target.exists():
        with target.open("rb") as stream:
            old = read_po(stream, locale=language)
    problems: list[str] = []
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        if known is None or (language == "vi" and not said(known)):
            place = ":".join(map(str, message.locations[0]))
            problems.append(f"{place}: not in {language}: {message.id!r}")
    if not check:
        write(target, language, template, old)
    return problems


def write(target: Path, language: str, template: Catalog, old: Catalog) -> None:
    """Write the catalogue: strings of `template`, translations of `old`, in the order of the code."""
    new = Catalog(locale=language, project="lienmach", charset="utf-8", fuzzy=False)
    headers = [
        ("Language", language),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", "nplurals=1; plural=0;" if language in {"vi", "km"} else old.plural_forms),
    ]
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        string = known.string if known is not None else None
        # Places without line numbers: a line added above does not touch the catalogue.
        places = sorted({(name, 0) for name, _ in message.locations})
        new.add(
            message.id,
            string,
            places,
            flags=set(message.flags) | ({"fuzzy"} if known is not None and known.fuzzy else set()),
            auto_comments=message.auto_comments,
            context=message.context,
        )
    buffer = io.BytesIO()
    write_po(buffer, new, width=110, include_lineno=False, omit_header=True)
    header = 'msgid ""\nmsgstr ""\n' + "".join(f'"{name}: {value}\\n"\n' for name, value in headers)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(header.encode() + b"\n" + buffer.getvalue())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, help="parts to look at; all without one")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is missing")
    options = parser.parse_args()
    settings.configure(USE_I18N=True, INSTALLED_APPS=[])
    django.setup()
    problems: list[str] = []
    for part in [path.resolve() for path in options.paths] or parts():
        existing = {path.parent.parent.name for path in part.glob("locale/*/LC_MESSAGES/django.po")}
        for language in sorted(existing | set(LANGUAGES)):
            problems += in_step(part, language, check=options.check)
    print("\n".join(problems), file=sys.stderr) if problems else None
    print(f"{len(problems)} strings without their translation", file=sys.stderr)
    return 1 if options.check and problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
