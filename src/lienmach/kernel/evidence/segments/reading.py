"""What numbers may be read from: files that a verified manifest lists, and the tail that is not sealed yet.

Nothing else in the folder is opened. A file that is not what its manifest says, or a manifest that is not the
one in the log, stops the reading: a number is not computed from what somebody may have changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from lienmach.kernel.evidence.envelope import Disclosure, Event
from lienmach.kernel.evidence.models import EventRecord, SequencedEvent
from lienmach.kernel.evidence.queries import event_from
from lienmach.kernel.evidence.segments.manifest import NAME, File, Manifest, ManifestDamaged, manifest_parse
from lienmach.kernel.evidence.segments.models import Segment
from lienmach.kernel.evidence.segments.projection import FIELD_PREFIX
from lienmach.kernel.evidence.segments.seal import OWN, all_current, folder_of
from lienmach.kernel.evidence.types import UnknownType, type_named
from lienmach.kernel.scope import SystemScope

REMEDY = "`lienmach evidence audit` says what was changed; bring the folder back from a backup."


class SegmentDamaged(Exception):
    """A segment is not what the log says; the message names the file and the remedy."""


@dataclass(frozen=True)
class SealedFile:
    """A verified Parquet file of one event type. `absent` gives the fields that came after it was sealed."""

    path: Path
    type: str
    columns: Mapping[str, str]
    absent: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Everything up to a position: verified files, and where the tail begins that only the tables hold."""

    files: tuple[SealedFile, ...]
    tail_from: int


def sealed_source(scope: SystemScope, *, types: Sequence[str], up_to: int) -> Source:
    """Return the files that hold the events of `types`, as far as whole segments lie before `up_to`.

    Raises
    ------
    SegmentDamaged
        When a manifest or a listed file is not what the log vouches for.
    """
    wanted, files, tail = set(types), [], 1
    for segment in all_current():
        if segment.last > up_to:
            break
        if segment.first != tail:
            raise SegmentDamaged(f"Between the segments, position {tail} is in none. {REMEDY}")
        manifest = verified_manifest(segment)
        for each in manifest.files:
            if each.type in wanted:
                files.append(_verified(segment, each))
        tail = segment.last + 1
    return Source(tuple(files), tail)


def tail_events(scope: SystemScope, *, types: Sequence[str], first: int, up_to: int) -> Iterator[Event]:
    """Yield the events from position `first` to `up_to` from the tables, with what a segment would hold."""
    rows = SequencedEvent.objects.filter(
        event__type__in=list(types), position__gte=first, position__lte=up_to
    )
    for row in rows.select_related("event").order_by("position").iterator(chunk_size=2000):
        yield event_from(row.event, groups=frozenset({Disclosure.PUBLIC}), position=row.position)


def verified_manifest(segment: Segment) -> Manifest:
    """Return a segment's manifest, which has to be the one its logged event names."""
    path = folder_of(segment) / NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SegmentDamaged(f"{path} is missing. {REMEDY}") from error
    if sha256(data).hexdigest() != segment.manifest or logged_hash(segment) != segment.manifest:
        raise SegmentDamaged(f"{path} is not the manifest that the log holds. {REMEDY}")
    try:
        manifest = manifest_parse(data)
    except ManifestDamaged as error:
        raise SegmentDamaged(f"{path}: {error} {REMEDY}") from error
    said = (manifest.number, manifest.revision, manifest.first, manifest.last)
    if said != (segment.number, segment.revision, segment.first, segment.last):
        raise SegmentDamaged(f"{path} is of another stretch. {REMEDY}")
    return manifest


def logged_hash(segment: Segment) -> str | None:
    """Return the manifest's hash as the logged event says it; None when there is no such event."""
    import json

    row = EventRecord.objects.filter(event_id=segment.event, type=OWN).first()
    if row is None:
        return None
    body = json.loads(row.body)
    same = (body["number"], body["revision"]) == (segment.number, segment.revision)
    return str(body["manifest"]) if same else None


def event_of(segment: Segment) -> UUID:
    """Return the logged event that vouches for a segment."""
    return UUID(str(segment.event))


def _verified(segment: Segment, listed: File) -> SealedFile:
    path = folder_of(segment) / listed.path
    if problem := file_problem(path, listed):
        raise SegmentDamaged(f"{path}: {problem} {REMEDY}")
    return SealedFile(path, listed.type, listed.columns, _absent(listed))


def file_problem(path: Path, listed: File) -> str:
    """Say what is wrong with a listed file; empty when its bytes are the ones that were sealed."""
    if path.name != listed.path or not path.is_file():
        return "It is missing."
    with path.open("rb") as file:
        if file_digest(file, "sha256").hexdigest() != listed.sha256:
            return "Its bytes are not the ones that were sealed."
    return ""


def _absent(listed: File) -> dict[str, Any]:
    """Fields with their defaults that the type has got since: readers see the union of all versions."""
    try:
        fields = type_named(listed.type).body.model_fields
    except UnknownType:
        return {}
    return {
        name: info.get_default(call_default_factory=True)
        for name, info in fields.items()
        if FIELD_PREFIX + name not in listed.columns and not info.is_required()
    }
