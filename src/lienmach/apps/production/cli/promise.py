"""The command `lienmach promise`. Nothing heavy is imported before it is known what to do."""

from __future__ import annotations

import json
import sys
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from lienmach.apps.production.cli import plan as planning
from lienmach.apps.production.cli.plan import Speech, err, out

if TYPE_CHECKING:
    from lienmach.apps.production.planning.plan import Plan
    from lienmach.apps.production.planning.promise import Promise

app = typer.Typer()


@app.command()
def promise(
    file: Annotated[Path, typer.Argument(help="A plan.json; or what `plan` takes, which is planned first.")],
    item: Annotated[str, typer.Option(help="Code of the item.")],
    quantity: Annotated[str, typer.Option(help="How many pieces (or kg, m …).")],
    due: Annotated[str, typer.Option(help="The wanted day, ISO 8601 (2026-12-24).")] = "",
    asked: Annotated[
        str, typer.Option("--at", help="When it is asked, ISO 8601; default: the plan's now.")
    ] = "",
    cpu_seconds: Annotated[
        float, typer.Option(min=0.01, max=86_400, help="CPU seconds to plan, when FILE is not a plan.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(help="For planning, when FILE is not a plan.")] = 0,
    start: Annotated[str, typer.Option(help="The plan's now, when FILE is not a plan.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
    language: Annotated[Speech, typer.Option(help="Language of the results.")] = Speech.VI,
) -> None:
    """Say by when one more order could be delivered, every booked order in its place, and why not earlier.

    Considers what no order is promised, purchases with their lead times, machines, people and calendars.
    Exit codes: 0 a date was found; 2 input invalid, all errors listed; 3 there is no date, with the reason.
    """
    from lienmach.apps.production.cli.speaking import speak
    from lienmach.apps.production.planning.booked import CannotPutBack
    from lienmach.apps.production.planning.documents.promise import promise_json
    from lienmach.apps.production.planning.promise import NoPromise, UnknownItem, Wanted, promise_date

    speak(language.value)
    pieces = _pieces(quantity, as_json=as_json)
    day = _day(due, as_json=as_json)
    plan = _plan(file, start, seed, cpu_seconds, language, as_json=as_json)
    moment = planning.read_moment(asked, "--at", as_json=as_json)
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=plan.timeline.moment(0).tzinfo)
    try:
        found = promise_date(plan, Wanted(item, pieces, day), at=moment)
    except UnknownItem:
        planning.refuse(_("--item: the workshop has no item “%(item)s”.") % {"item": item}, as_json=as_json)
    except CannotPutBack as problem:
        planning.refuse(f"{file}: {problem}", as_json=as_json)
    if isinstance(found, NoPromise):
        planning.no_plan(found.obstacles, as_json, language)
    if as_json:
        sys.stdout.write(promise_json(found))
    else:
        _show(found, language.value)


def _plan(file: Path, start: str, seed: int, cpu_seconds: float, language: Speech, *, as_json: bool) -> Plan:
    """The plan in the file, or one made from it."""
    from lienmach.apps.production.cli.speaking import Progress
    from lienmach.apps.production.planning.documents import SCHEMA, plan_from_document

    if file.is_file() and file.suffix.lower() == ".json":
        document = _document(file, as_json=as_json)
        if isinstance(document, dict) and document.get("schema") == SCHEMA:
            try:
                return plan_from_document(document)
            except (ValueError, KeyError, TypeError) as problem:
                planning.refuse(
                    f"{file}: "
                    + _("It is not a plan that this version can read. Make it again with `lienmach plan`.")
                    + f" ({problem})",
                    as_json=as_json,
                )
    with Progress(err) as progress:
        return planning.plan_file(file, start, seed, cpu_seconds, language, progress, as_json=as_json)


def _document(file: Path, *, as_json: bool) -> object:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        planning.refuse(f"{file}: " + _("The file is not JSON.") + f" ({problem})", as_json=as_json)


def _pieces(text: str, *, as_json: bool) -> Decimal:
    try:
        pieces = Decimal(text)
    except InvalidOperation:
        pieces = Decimal(0)
    if not pieces.is_finite() or pieces <= 0:
        planning.refuse(
            _("--quantity: “%(text)s” is not a number above 0.") % {"text": text}, as_json=as_json
        )
    return pieces


def _day(text: str, *, as_json: bool) -> datetime | None:
    """The end of the wanted day, as the workshop's clock shows it."""
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        planning.refuse(
            _("--due: “%(text)s” is not a day. Write it as 2026-12-24.") % {"text": text}, as_json=as_json
        )
    return day + timedelta(days=1) if day.time() == time() else day


def _show(found: Promise, language: str) -> None:
    from lienmach.apps.production.planning.documents.words import word
    from lienmach.apps.production.planning.explain import cause_phrase, price_sentence, promise_sentence
    from lienmach.kernel.web import formatting
    from lienmach.kernel.web.formatting import language_of

    out.print(promise_sentence(found, language), style="bold")
    for cause in found.causes:
        out.print(f"  {cause_phrase(cause, language)}")
    if found.purchases:
        out.print(word("purchases", language), style="bold")
        for each in found.purchases:
            amount = formatting.number(each.quantity.normalize(), language=language_of(language))
            by, arrives = formatting.day(each.order_by), formatting.day(each.arrives)
            out.print(
                f"  {each.item} {each.name}  {amount} {each.unit}  {word('order_by', language)} {by}, "
                f"{word('arrives', language)} {arrives}"
            )
    if found.price is not None:
        out.print(price_sentence(found, language))
