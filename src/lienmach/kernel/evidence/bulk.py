"""Events in and out as lines of JSON: the envelope, one event per line.

In: from other systems, of registered types; `time` and `recorded_at` are kept as given. Everything is checked
before anything is written, all errors are told by line, and an event that is here already is left alone.
Lines that were read wait in a file: of each, memory holds an identifier, a number and a hash.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import ValidationError

from lienmach.kernel.evidence.envelope import ERASED, Origin
from lienmach.kernel.evidence.log.leaves import leaf_of, moment
from lienmach.kernel.evidence.models import EventRecord, SequencedEvent
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.types import EventType, UnknownType, type_named
from lienmach.kernel.evidence.writer import events_write
from lienmach.kernel.scope import SystemScope

REQUIRED = (
    "event_id", "type", "version", "time", "recorded_at", "organisation", "subject", "actor", "origin", "body"
)  # fmt: skip
OPTIONAL = ("corrects", "retract")
CHUNK = 500
_Pair = tuple[EventRecord, EventType]
MAX_ERRORS = 10_000


@dataclass(frozen=True, order=True)
class LineError:
    """What is wrong with one line, and in which field."""

    line: int
    field: str
    message: str


class NothingImported(Exception):
    """Lines are wrong, so none was imported; `errors` lists them, the first 10,000 if there are more."""

    def __init__(self, errors: list[LineError], count: int) -> None:
        first = "" if count == len(errors) else f", the first {len(errors)} of them listed"
        super().__init__(f"{count} errors{first}; nothing was imported.")
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class Imported:
    """How many events came in, and how many were here already."""

    added: int
    known: int


@dataclass
class _Reading:
    """What was read so far: of each event its line and a hash of what it says; the first errors."""

    organisations: Mapping[str, UUID]
    seen: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    errors: list[LineError] = field(default_factory=list)
    count: int = 0

    def wrong(self, line: int, name: str, message: str) -> None:
        """Keep an error."""
        self.count += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(LineError(line, name, message))


def events_import(scope: SystemScope, *, lines: Iterable[str], organisations: Mapping[str, UUID]) -> Imported:
    """Import events; `organisations` says which are here, by every name a line may call them.

    Raises
    ------
    NothingImported
        With every error of every line.
    """
    scope.require("evidence.event_import")
    reading = _Reading(organisations)
    with TemporaryFile("w+", encoding="utf-8") as kept:
        for chunk in _chunks(_read(reading, lines)):
            _compare_with_known(reading, {row.event_id: row for row, _ in chunk})
            for row, _ in chunk:
                kept.write(json.dumps(_columns(row)) + "\n")
        if reading.count:
            raise NothingImported(sorted(reading.errors), reading.count)
        kept.seek(0)
        added = 0
        with transaction.atomic():
            for chunk in _chunks(map(_row_kept, kept)):
                ids = [row.event_id for row, _ in chunk]
                here = set(EventRecord.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
                new = [pair for pair in chunk if pair[0].event_id not in here]
                events_write(new)
                added += len(new)
    return Imported(added=added, known=len(reading.seen) - added)


def _chunks(pairs: Iterable[_Pair]) -> Iterator[list[_Pair]]:
    chunk: list[_Pair] = []
    for pair in pairs:
        chunk.append(pair)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _read(reading: _Reading, lines: Iterable[str]) -> Iterator[_Pair]:
    """Yield the event of every line that is right and says something new."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        pair = _read_line(reading, number, line)
        if pair is None:
            continue
        key, said = pair[0].event_id.int, _said(pair[0])
        known = reading.seen.get(key)
        if known is None:
            reading.seen[key] = (number, said)
            yield pair
        elif known[1] != said:
            reading.wrong(number, "event_id", f"Another event with this id stands on line {known[0]}.")


def _said(row: EventRecord) -> bytes:
    """Return a hash of what a line says, however it is spelled."""
    columns = {**_columns(row), "body": json.loads(row.body)}
    return sha256(json.dumps(columns, sort_keys=True).encode()).digest()


def _columns(row: EventRecord) -> dict[str, Any]:
    return {
        field.attname: value if value is None or isinstance(value, str | int) else str(value)
        for field in EventRecord._meta.fields
        for value in [getattr(row, field.attname)]
    }


def _row_kept(line: str) -> _Pair:
    columns = json.loads(line)
    for name in ("time", "recorded_at"):
        columns[name] = datetime.fromisoformat(columns[name])
    for name in ("event_id", "organisation", "corrects"):
        columns[name] = None if columns[name] is None else UUID(columns[name])
    return EventRecord(**columns), type_named(columns["type"])


def _compare_with_known(reading: _Reading, rows: Mapping[UUID, EventRecord]) -> None:
    """An event that is here already otherwise is an error of its line."""
    for row in EventRecord.objects.filter(event_id__in=list(rows)):
        if differences := _differences(row, rows[row.event_id]):
            message = f"This event is here already with another {', '.join(differences)}."
            reading.wrong(reading.seen[row.event_id.int][0], "event_id", message)


def _differences(row: EventRecord, given: EventRecord) -> list[str]:
    columns = ("type", "version", "time", "recorded_at", "organisation", "subject", "actor", "origin",
               "corrects", "retract")  # fmt: skip
    changed = [name for name in columns if getattr(row, name) != getattr(given, name)]
    body = json.loads(row.body)
    if ERASED in body:
        # Erased here: what went is not compared, and does not come back.
        return [name for name in changed if name not in {"subject", "actor"}]
    return changed + (["body"] if body != json.loads(given.body) else [])


def _read_line(reading: _Reading, number: int, line: str) -> _Pair | None:
    def wrong(name: str, message: str) -> None:
        reading.wrong(number, name, message)

    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        wrong("", f"Not JSON: {error}")
        return None
    if not isinstance(document, dict):
        wrong("", "A line is a JSON object with the envelope's fields.")
        return None
    before = reading.count
    for name in REQUIRED:
        if name not in document:
            wrong(name, "Missing.")
    for name in sorted(set(document) - {*REQUIRED, *OPTIONAL}):
        wrong(name, "Not a field of the envelope.")
    if reading.count > before:
        return None
    values = {name: _value(document, name, wrong) for name in ("event_id", "time", "recorded_at", "corrects")}
    organisation = reading.organisations.get(str(document["organisation"]))
    if organisation is None:
        wrong("organisation", f"{document['organisation']!r} is not an organisation here.")
    for name, limit in (("subject", 200), ("actor", 64)):
        text = document[name]
        if not isinstance(text, str) or not 0 < len(text) <= limit or "\0" in text:
            wrong(name, f"A text of 1 to {limit} characters, none of them NUL.")
    if document["origin"] not in {origin.value for origin in Origin}:
        wrong("origin", f"One of {', '.join(origin.value for origin in Origin)}.")
    retract = document.get("retract", False)
    if not isinstance(retract, bool) or (retract and document.get("corrects") is None):
        wrong("retract", "true or false; a retraction names in `corrects` what it takes back.")
    declared = _declared(document, wrong)
    if reading.count > before or declared is None or organisation is None:
        return None
    row = EventRecord(
        **values, organisation=organisation, retract=retract,
        **{name: document[name] for name in ("type", "version", "subject", "actor", "origin")},
        body=json.dumps(document["body"], ensure_ascii=False, separators=(",", ":")),
    )  # fmt: skip
    try:
        leaf_of(row, declared)  # finds now what the log could not hold
    except ValueError as error:
        wrong("body", str(error))
        return None
    return row, declared


def _value(document: dict[str, Any], name: str, wrong: Any) -> UUID | datetime | None:
    text: Any = document.get(name)
    if name == "corrects" and text is None:
        return None
    try:
        if name in {"event_id", "corrects"}:
            return UUID(text)
        moment_given = datetime.fromisoformat(text)
        if moment_given.tzinfo is None:
            raise ValueError("no time zone")
        return moment_given.astimezone(UTC)
    except (TypeError, ValueError, AttributeError) as error:
        kind = "UUID" if name in {"event_id", "corrects"} else "time with its zone, like 2026-01-31T07:05:00Z"
        wrong(name, f"{text!r} is not a {kind} ({error}).")
        return None


def _declared(document: dict[str, Any], wrong: Any) -> EventType | None:
    try:
        declared = type_named(str(document["type"]))
    except UnknownType as error:
        wrong("type", str(error))
        return None
    version = document["version"]
    if type(version) is not int or not 1 <= version <= declared.version:
        wrong("version", f"{version!r}: versions 1 to {declared.version} of {declared.name} are known.")
    try:
        declared.body.model_validate_json(json.dumps(document["body"]))
    except ValidationError as error:
        for one in error.errors(include_url=False):
            wrong(".".join(["body", *(str(part) for part in one["loc"])]), one["msg"])
    return declared


def events_export(scope: SystemScope, *, organisation: UUID | None = None) -> Iterator[str]:
    """Yield every sequenced event as a line, in the order of the platform's sequence.

    What the platform says of itself (its segments) is about this installation's files, and only comes when
    that organisation is asked for.
    An event some of whose content was erased has a field `erased` that names the groups.
    """
    rows = SequencedEvent.objects.select_related("event").order_by("position")
    if organisation is not None:
        rows = rows.filter(event__organisation=organisation)
    else:
        rows = rows.exclude(event__organisation=PLATFORM)
    for row in rows.iterator(chunk_size=2000):
        event = row.event
        body = json.loads(event.body)
        erased = body.pop(ERASED, None)
        document: dict[str, Any] = {
            "event_id": str(event.event_id),
            "type": event.type,
            "version": event.version,
            "time": moment(event.time),
            "recorded_at": moment(event.recorded_at),
            "organisation": str(event.organisation),
            "subject": event.subject,
            "actor": event.actor,
            "origin": event.origin,
            "body": body,
        }
        if event.corrects is not None:
            document["corrects"] = str(event.corrects)
        if event.retract:
            document["retract"] = True
        if erased:
            document["erased"] = erased
        yield json.dumps(document, ensure_ascii=False)
