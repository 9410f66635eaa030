"""Write the reference pages out of the code: `python tools/reference.py`; `--check` only compares.

Pages in docs/reference that start with the mark below are made here, from what the installed apps
declare: commands, settings, events, permissions and pages, and the HTTP API. Nothing in them is written
by hand, so that they cannot be wrong for long.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/reference"
MARK = "<!-- Written by `make docs` from the code; do not edit. -->\n\n"

SETTINGS_INTRO = """# Settings

Everything is set by environment variables; each has a safe default. `lienmach check` looks at them.

"""
EVENTS_INTRO = """# Event types

What each app promises to tell, field by field. *Shown to*: the public, the partner of the transaction, or the
organisation alone (private).
"""
PERMISSIONS_INTRO = """# Permissions and pages

What an app lists is granted to the roles it names, and to nobody else.
"""
COMMANDS_INTRO = """# Commands

Data goes to stdout, progress and messages to stderr. `lienmach COMMAND --help` says the same as this page;
`lienmach --install-completion` adds completion to your shell.
"""
API_INTRO = """# HTTP API

Served with its documentation at `/api/v1/docs`; the machine-readable form is [openapi.json](openapi.json).
Send a token as `Authorization: Bearer …`; repeat a write safely with the same `Idempotency-Key`. An error is
`{"detail", "field", "remedy"}`.
"""


def prepare() -> None:
    """Start Django away from any real data; the pages are in English and independent of the machine."""
    os.environ["LIENMACH_DATA"] = tempfile.mkdtemp(prefix="lienmach-reference-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "lienmach.config.settings_test"
    os.environ["NO_COLOR"] = "1"
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.utils.translation import activate

    django.setup()
    activate("en")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; bars and line ends inside a cell are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell(text) for text in line) + " |\n" for line in lines)


def cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def paragraph(text: str | None) -> str:
    """A docstring as Markdown: its indentation removed, sections of NumPy style left to the code."""
    import inspect

    kept = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(part for part in kept if "\n---" not in part)


def settings_page() -> str:
    from lienmach.config.environment import SETTINGS

    rows = [[f"`{one.name}`", f"`{one.default}`" if one.default else "", one.meaning] for one in SETTINGS]
    return SETTINGS_INTRO + table(["name", "default", "meaning"], rows)


def events_page() -> str:
    from lienmach.kernel.evidence.envelope import disclosure_of
    from lienmach.kernel.evidence.subscribers import all_subscribers
    from lienmach.kernel.evidence.types import all_types

    text = EVENTS_INTRO
    for known in all_types():
        text += f"\n## `{known.name}`\n\nVersion {known.version}. {paragraph(known.body.__doc__)}\n\n"
        rows = []
        for name, field in known.body.model_fields.items():
            needed = "yes" if field.is_required() else "no"
            kind = type_words(field.annotation)
            rows.append([f"`{name}`", kind, needed, disclosure_of(field).value, field.description or ""])
        text += table(["field", "type", "required", "shown to", "meaning"], rows) if rows else "No fields.\n"
        readers = [
            f"`{each.name}` ({', '.join(f'`{one}`' for one in each.reads[known.name]) or 'envelope only'})"
            for each in all_subscribers()
            if known.name in each.reads
        ]
        text += f"\nRead by: {', '.join(readers)}.\n" if readers else ""
    return text


def type_words(annotation: Any) -> str:
    """`str | None` instead of `<class 'str'>`."""
    plain = (
        annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else None
    )
    return f"`{plain or str(annotation).replace('typing.', '').replace('datetime.', '')}`"


def permissions_page() -> str:
    from lienmach.kernel.apps import installed

    text = (
        "# Permissions and pages\n\nWhat an app lists is granted to the roles it names, and to nobody else.\n"
    )
    doors = list(pages())
    for config in installed():
        mine = [door for door in doors if door[2].startswith(f"{config.label}.")]
        if not config.permissions and not mine:
            continue
        text += f"\n## {config.title or config.label}\n\n"
        if config.permissions:
            rows = [
                [f"`{permission}`", ", ".join(sorted(roles)) or "nobody: by link or token only"]
                for permission, roles in sorted(config.permissions.items())
            ]
            text += table(["permission", "roles"], rows)
        if mine:
            rows = [[f"`{address}`", scope, f"`{permission}`"] for address, scope, permission in mine]
            text += "\n" + table(["page", "who enters", "permission"], rows)
    return text


def pages() -> Iterator[tuple[str, str, str]]:
    """Every address behind a door: the route, the kind of scope, the permission."""
    from django.urls import URLPattern, URLResolver, get_resolver

    names = {
        "OrganisationScope": "member",
        "AreaScope": "officer of an area",
        "LinkScope": "holder of a link",
    }

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str, str]]:
        for pattern in patterns:
            address = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, address)
            elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "policy"):
                policy = pattern.callback.policy
                who = names.get(policy.scope.__name__, "anybody")
                yield "/" + address, who, policy.permission

    yield from sorted(set(walk(get_resolver().url_patterns, "")))


def commands_page() -> str:
    import click
    import typer

    from lienmach.config import cli

    cli._add_commands()
    command = typer.main.get_command(cli.app)
    text = COMMANDS_INTRO

    def walk(one: Any, path: str, parent: Any) -> Iterator[tuple[str, Any]]:
        context = click.Context(one, info_name=path.rsplit(" ", 1)[-1], parent=parent, max_content_width=100)
        yield path, one
        for name in one.list_commands(context) if hasattr(one, "list_commands") else ():
            sub = one.get_command(context, name)
            if not sub.hidden:
                yield from walk(sub, f"{path} {name}", context)

    for path, one in list(walk(command, "lienmach", None))[1:]:
        arguments = [argument_name(each) for each in one.params if each.param_type_name == "argument"]
        group = ["COMMAND"] if hasattr(one, "list_commands") else []
        usage = " ".join([path, "[OPTIONS]", *arguments, *group])
        text += f"\n## `{path}`\n\n```\n{usage}\n```\n\n{paragraph(one.help)}\n"
        rows = [row for row in (parameter(each) for each in one.params) if row]
        text += "\n" + table(["argument", "default", "meaning"], rows) if rows else ""
    return text


def argument_name(one: Any) -> str:
    """`FILE`, or `[FILE]` when it may be left out."""
    name = str(one.metavar or one.name.upper())
    return name if one.required else f"[{name}]"


def parameter(one: Any) -> list[str] | None:
    """One argument or option: its names, default and help; None for what every command has."""
    if getattr(one, "hidden", False) or one.name == "help":
        return None
    is_option = one.param_type_name == "option"
    names = ", ".join([*one.opts, *one.secondary_opts]) if is_option else argument_name(one)
    default = one.default if not callable(one.default) else None
    shown = "" if default is None or default in ("", False, ()) else f"`{default}`"
    if isinstance(default, bool) and default:
        shown = f"`{one.opts[0]}`"
    if one.required:
        shown = "required"
    return [f"`{names}`", shown, getattr(one, "help", None) or ""]


def openapi() -> dict[str, Any]:
    from lienmach.config.urls import api

    text = json.dumps(api.get_openapi_schema(), default=str, ensure_ascii=False)
    # Python 3.13 took the newer names of RFC 9110; one page serves every version.
    for older, newer in (("Unprocessable Entity", "Unprocessable Content"), ("Request Entity", "Content")):
        text = text.replace(older, newer)
    return json.loads(text)


def api_permissions() -> dict[str, str]:
    """Which permission each operation demands, by its identifier."""
    from lienmach.config.urls import api

    found = {}
    for _, router in api._routers:
        for view in router.path_operations.values():
            for one in view.operations:
                name = one.operation_id or api.get_openapi_operation_id(one)
                found[name] = one.view_func.policy.permission if hasattr(one.view_func, "policy") else ""
    return found


def api_page() -> str:
    document, demanded = openapi(), api_permissions()
    text = API_INTRO
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            text += f"\n## `{method.upper()} {path}`\n\n"
            text += paragraph(operation.get("description") or operation.get("summary")) + "\n"
            if permission := demanded.get(operation.get("operationId", "")):
                text += f"\nNeeds `{permission}`.\n"
            rows = [
                [f"`{one['name']}`", one["in"], "yes" if one.get("required") else "no",
                 one.get("description") or one.get("schema", {}).get("description") or ""]
                for one in operation.get("parameters", [])
            ]  # fmt: skip
            text += "\n" + table(["parameter", "in", "required", "meaning"], rows) if rows else ""
            body = (
                operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            )
            if body:
                text += f"\nBody: `{body.get('$ref', body.get('type', 'object')).rsplit('/', 1)[-1]}`\n"
    return text


WORKBOOK_INTRO = """# The workbook

What may stand in a planning workbook (`lienmach plan --template FILE --full` writes an empty one). A heading
is understood in Vietnamese, in English and by its other names; case, accents, punctuation and a unit in
brackets never matter, nor does the order of sheets and columns. Only sheets marked *required* must be there.
"""


def workbook_page() -> str:
    from lienmach.apps.production.sheets import FULL

    text = WORKBOOK_INTRO
    for sheet in FULL.sheets:
        text += f"\n## {sheet.title.vi} / {sheet.title.en}\n\n"
        text += ("*Required.* " if sheet.required else "") + (sheet.note.en + "\n\n" if sheet.note else "\n")
        rows = []
        for column in sheet.columns:
            notes = [column.note.en] if column.note else []
            if column.choices:
                notes.append("One of: " + ", ".join(f"{c.label.vi} / {c.label.en}" for c in column.choices))
            if column.aliases:
                notes.append("Also: " + ", ".join(column.aliases))
            rows.append(
                [
                    f"{column.title('vi')} / {column.title('en')}",
                    column.kind.value,
                    "yes" if column.required else "no",
                    ". ".join(note.rstrip(".") for note in notes) + ("." if notes else ""),
                ]
            )
        text += table(["column", "kind", "required", "meaning"], rows)
    return text


DOCUMENTS_INTRO = """# Documents

The planner reads `lienmach.factory/1` (`lienmach plan factory.json`) and writes `lienmach.plan/1`
(`lienmach plan FILE --json`) and `lienmach.promise/1` (`lienmach promise FILE --json`). Their JSON Schemas,
for programs: [lienmach.factory.1.schema.json](lienmach.factory.1.schema.json),
[lienmach.plan.1.schema.json](lienmach.plan.1.schema.json),
[lienmach.promise.1.schema.json](lienmach.promise.1.schema.json).

In a factory every key that is not known is an error; every fault of a document is listed at once with its
JSON pointer, in Vietnamese and English. What is left out has the default given here. Local times have no
offset (one with an offset is converted to the factory's zone). Numbers may be written as JSON numbers or as
text such as `"0.125"`; they are kept exactly. Money is in đồng.

Between values these rules hold: codes are unique; what is named exists; a step has either a machine group, or
alternatives, or `outsourced_days`; waits and transfer batches stand on a step that has a next one; steps in
loads run on machines with a `load_capacity`; a lot reserved for an order is of the order's item.

The smallest factory:

```json
{
  "schema": "lienmach.factory/1",
  "items": [
    {"item": "SHAFT", "steps": [{"step": "10", "group": "TURN", "seconds_per_piece": 90,
                                 "components": [{"item": "STEEL", "quantity_per": 0.12}]}]}
  ],
  "orders": [{"order": "SO-1", "item": "SHAFT", "quantity": 500, "due": "2026-12-15"}]
}
```
"""


def documents_page() -> str:
    text = DOCUMENTS_INTRO
    for schema in schemas().values():
        text += f"\n## `{schema['title']}`\n"
        parts = {schema["title"]: schema, **schema["$defs"]}
        for name, part in parts.items():
            if "properties" not in part:
                continue
            text += f"\n### {name}\n\n" if part is not schema else "\n"
            text += paragraph(part.get("description")) + "\n\n"
            needed = set(part.get("required", ()))
            rows = [
                [
                    f"`{key}`",
                    schema_words(value),
                    "required"
                    if key in needed
                    else f"`{json.dumps(value.get('default'), ensure_ascii=False)}`",
                    value.get("description", ""),
                ]
                for key, value in part["properties"].items()
            ]
            text += table(["key", "type", "default", "meaning"], rows)
    return text


def schema_words(value: dict[str, Any]) -> str:
    """The type of a schema's value in words; a part is named."""
    if "$ref" in value:
        return value["$ref"].rsplit("/", 1)[-1]
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "anyOf" in value and "type" not in value:
        return " or ".join(dict.fromkeys(schema_words(each) for each in value["anyOf"]))
    if value.get("type") == "array" and "items" in value:
        return f"list of {schema_words(value['items'])}"
    formats = [value["format"]] if "format" in value else [e["format"] for e in value.get("anyOf", ())]
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    words = [" or ".join(formats) or value.get("type", "any")]
    words += [f"{sign} {value[key]}" for key, sign in bounds.items() if key in value]
    return " ".join(words)


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas by file name."""
    from lienmach.apps.production.planning.documents.factory_schema import FactoryDocument
    from lienmach.apps.production.planning.documents.plan_schema import PlanDocument
    from lienmach.apps.production.planning.documents.promise_schema import PromiseDocument

    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        "lienmach.factory.1.schema.json": dialect | FactoryDocument.model_json_schema(),
        "lienmach.plan.1.schema.json": dialect | PlanDocument.model_json_schema(),
        "lienmach.promise.1.schema.json": dialect | PromiseDocument.model_json_schema(),
    }


PAGES = {
    "api.md": api_page,
    "commands.md": commands_page,
    "documents.md": documents_page,
    "events.md": events_page,
    "permissions.md": permissions_page,
    "settings.md": settings_page,
    "workbook.md": workbook_page,
}


def documents() -> dict[str, str]:
    """Every generated file with its content."""
    made = {name: MARK + make() for name, make in PAGES.items()}
    made["openapi.json"] = json.dumps(openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    for name, schema in schemas().items():
        made[name] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    return made


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare and fail on a difference")
    options = parser.parse_args()
    prepare()
    stale = []
    for name, content in documents().items():
        path = FOLDER / name
        old = path.read_text("utf-8") if path.exists() else ""
        if old == content:
            continue
        stale.append(name)
        if options.check:
            lines = difflib.unified_diff(
                old.splitlines(), content.splitlines(), name, "from the code", lineterm=""
            )
            print("\n".join(list(lines)[:40]), file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
            print(f"docs/reference/{name}", file=sys.stderr)
    if stale and options.check:
        print(f"Out of date: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
