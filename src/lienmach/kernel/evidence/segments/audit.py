"""Sealed segments looked at again: what the log says of them, every file, and every column of every row."""

import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from lienmach.engines.ledger.leaf import hash_of
from lienmach.engines.ledger.merkle import Frontier
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
from lienmach.kernel.evidence.models import Leaf, Log, SequencedEvent
from lienmach.kernel.evidence.segments import projection
from lienmach.kernel.evidence.segments.manifest import NAME, File, Manifest, ManifestDamaged, manifest_parse
from lienmach.kernel.evidence.segments.models import Segment
from lienmach.kernel.evidence.segments.reading import file_problem, logged_hash
from lienmach.kernel.evidence.segments.seal import OWN, all_current, folder_of, placed
from lienmach.kernel.scope import SystemScope

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lienmach.kernel.evidence.segments.parquet import Spool


def segments_audit(scope: SystemScope, report: Report) -> Iterator[Finding]:
    """Yield what is wrong with the sealed segments."""
    yield from _logged_and_lost()
    following, previous = 1, ""
    for number, segment in enumerate(all_current(), start=1):
        if (segment.number, segment.first) != (number, following):
            what = f"After position {following - 1}, segment {segment.number} begins at {segment.first}."
            yield _at(following, Kind.SEGMENT_UNLOGGED, what)
        following = segment.last + 1
        report.segments += 1
        yield from _segment(segment, previous)
        previous = segment.manifest


def _logged_and_lost() -> Iterator[Finding]:
    """Find segments that the log names and the table does not."""
    known = {str(event) for event in Segment.objects.values_list("event", flat=True)}
    for row in SequencedEvent.objects.filter(event__type=OWN).select_related("event"):
        if str(row.event_id) not in known:
            what = f"Event {row.event_id} says that a segment was sealed; the table has none."
            yield _at(row.position, Kind.SEGMENT_UNLOGGED, what)


def _segment(segment: Segment, previous: str) -> Iterator[Finding]:
    name = f"Segment {segment.number}"
    if logged_hash(segment) != segment.manifest:
        yield _at(segment.first, Kind.SEGMENT_UNLOGGED, f"{name}: no logged event names its manifest.")
        return
    path = folder_of(segment) / NAME
    try:
        data = path.read_bytes()
        manifest = manifest_parse(data)
    except (OSError, ManifestDamaged) as error:
        yield _at(segment.first, Kind.SEGMENT_DAMAGED, f"{path}: {error}")
        return
    said = (manifest.number, manifest.revision, manifest.first, manifest.last)
    if sha256(data).hexdigest() != segment.manifest:
        yield _at(segment.first, Kind.SEGMENT_DAMAGED, f"{path} is not the manifest that the log holds.")
    elif said != (segment.number, segment.revision, segment.first, segment.last):
        yield _at(segment.first, Kind.SEGMENT_DAMAGED, f"{path} is of another stretch.")
    elif segment.revision == 0 and manifest.previous != previous and not _resealed(segment.number - 1):
        yield _at(segment.first, Kind.SEGMENT_DAMAGED, f"{path} follows another manifest.")
    yield from _files(segment, manifest)


def _resealed(number: int) -> bool:
    return Segment.objects.filter(number=number, revision__gt=0).exists()


def _files(segment: Segment, manifest: Manifest) -> Iterator[Finding]:
    """Compute every column again from the leaves and their opened public groups, and compare row by row."""
    from lienmach.kernel.evidence.segments import parquet

    settled = Path(settings.DATA) / "segments"
    settled.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settled, prefix=".auditing-") as name:
        spool, hashes = parquet.Spool(Path(name)), []
        for each in placed(manifest.first, manifest.last):
            hashes.append(hash_of(each.leaf))
            spool.add(each)
        spool.close()
        if Frontier().extend(hashes).root().hex() != manifest.root:
            what = f"Segment {manifest.number}: its leaves are not the ones it was sealed from."
            yield _at(manifest.first, Kind.SEGMENT_DAMAGED, what)
        listed = {(each.type, each.version): each for each in manifest.files}
        for key in sorted(set(spool.rows) - set(listed)):
            yield _at(_first(spool.path(key)), Kind.SEGMENT_DAMAGED, f"{key[0]} v{key[1]} is in no file.")
        with parquet.connected() as duck:
            for key in sorted(listed):
                yield from _file(segment, listed[key], spool, duck)


def _file(segment: Segment, each: File, spool: "Spool", duck: "DuckDBPyConnection") -> Iterator[Finding]:
    from lienmach.kernel.evidence.segments import parquet

    key = (each.type, each.version)
    path = folder_of(segment) / each.path
    problem = file_problem(path, each)
    first = _first(spool.path(key)) if key in spool.rows else segment.first
    if key not in spool.rows:
        yield _at(first, Kind.SEGMENT_DAMAGED, f"{path}: the stretch has no event of this type and version.")
        return
    known = projection.columns_of(each.type)
    if unknown := [name for name, kind in each.columns.items() if known.get(name, kind) != kind]:
        yield _at(first, Kind.SEGMENT_DAMAGED, f"{path}: column {unknown[0]} is of another type.")
        return
    if forbidden := sorted(set(each.columns) - set(known)):
        yield _at(
            first, Kind.SEGMENT_DAMAGED, f"{path}: column {forbidden[0]} does not belong into a segment."
        )
        return
    difference = None
    if path.is_file():
        try:
            difference = parquet.first_difference(duck, spool.path(key), each.type, each.columns, path)
        except parquet.Unreadable as error:
            problem = problem or str(error)
    if difference is not None:
        yield _at(difference[0], Kind.SEGMENT_DAMAGED, f"{path}: {difference[1]}. {problem}".strip())
    elif problem:
        yield _at(first, Kind.SEGMENT_DAMAGED, f"{path}: {problem}")


def _first(spool: Path) -> int:
    """Return the position of the first event in a spool file."""
    import json

    with spool.open(encoding="utf-8") as lines:
        return int(json.loads(lines.readline())["position"])


def _at(position: int, kind: Kind, what: str) -> Finding:
    """Return a finding that names the log and the index of the event at a position."""
    row = SequencedEvent.objects.filter(position=position).first()
    leaf = None if row is None else Leaf.objects.filter(event_id=row.event_id).first()
    origin = "" if leaf is None else Log.objects.values_list("origin", flat=True).get(id=leaf.log_id)
    return Finding(log=origin, index=None if leaf is None else leaf.index, kind=kind, what=what)
