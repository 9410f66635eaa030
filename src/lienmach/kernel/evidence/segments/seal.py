"""The next stretch sealed: files, manifest, and the logged event that names the manifest's hash.

Files come first and the row that makes them count last, in one transaction with the event: a sealer that
dies leaves a folder nobody knows, which the next one removes. Two sealers cannot seal one stretch: its number
is unique.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from lienmach.engines.ledger.leaf import hash_of
from lienmach.engines.ledger.merkle import Frontier
from lienmach.kernel.evidence.envelope import Disclosure
from lienmach.kernel.evidence.events import SegmentSealed
from lienmach.kernel.evidence.log.files import sync_folder
from lienmach.kernel.evidence.log.pages import moment_sql, text_of
from lienmach.kernel.evidence.models import (
    INDEX_BITS,
    Erasure,
    EventRecord,
    Leaf,
    SequencedEvent,
)
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.queries import head_position
from lienmach.kernel.evidence.segments import projection
from lienmach.kernel.evidence.segments.manifest import NAME, File, Manifest
from lienmach.kernel.evidence.segments.models import Segment
from lienmach.kernel.evidence.segments.projection import Placed
from lienmach.kernel.evidence.writer import record
from lienmach.kernel.scope import SystemScope

LIMIT = 65_536
EVERY = timedelta(days=1)
CHUNK = 2000
OWN = "evidence.segment_sealed"


class SealedMeanwhile(Exception):
    """Another sealer was faster; nothing is lost, and nothing is left to do."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """Which stretch was sealed, how often, and under which hash."""

    number: int
    revision: int
    first: int
    last: int
    manifest: str


def seal_due(scope: SystemScope, *, at: datetime) -> bool:
    """Say whether a stretch is to be sealed: 65,536 events wait, or some have waited for a day."""
    first, head = _last_sealed() + 1, head_position(scope)
    if head - first + 1 >= LIMIT:
        return True
    waiting = SequencedEvent.objects.filter(position__gte=first).exclude(event__type=OWN)
    oldest = waiting.order_by("position").values_list("event__recorded_at", flat=True).first()
    if oldest is None:
        return False
    sealed = Segment.objects.aggregate(at=Max("sealed_at"))["at"]
    return bool(at - (sealed or oldest) >= EVERY)


def segments_seal(scope: SystemScope, *, at: datetime, limit: int = LIMIT) -> list[Sealed]:
    """Seal what is sequenced and not sealed yet, and again what an erasure reached; return what was sealed.

    A stretch ends before the first event whose log is held.

    Raises
    ------
    SealedMeanwhile
    """
    done = [segment_reseal(scope, number=number, at=at) for number in _reached_by_erasure()]
    head = head_position(scope)
    while (first := _last_sealed() + 1) <= head:
        last = _last_placed(first, min(head, first + limit - 1))
        waiting = SequencedEvent.objects.filter(position__gte=first, position__lte=last)
        if last < first or not waiting.exclude(event__type=OWN).exists():
            break
        number = (Segment.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        done.append(_seal(scope, number, 0, first, last, at))
    return done


def segment_reseal(scope: SystemScope, *, number: int, at: datetime) -> Sealed:
    """Seal a stretch once more from what the tables hold now; the older files are removed."""
    before = current(number)
    sealed = _seal(scope, number, before.revision + 1, before.first, before.last, at)
    shutil.rmtree(folder_of(before), ignore_errors=True)
    return sealed


def current(number: int) -> Segment:
    """Return the last sealing of a stretch."""
    return Segment.objects.filter(number=number).latest("revision")


def all_current() -> list[Segment]:
    """Return the last sealing of every stretch, in the order of the sequence."""
    newest = {row.number: row for row in Segment.objects.order_by("number", "revision")}
    return [newest[number] for number in sorted(newest)]


def folder_of(segment: Segment) -> Path:
    """Return where a segment's files lie; the hash in the name keeps a dead sealer's files apart."""
    return root_folder() / f"{segment.number:06d}.{segment.revision}-{segment.manifest[:16]}"


def root_folder() -> Path:
    """Return the folder of all segments."""
    return Path(settings.DATA) / "segments"


def placed(first: int, last: int) -> Iterator[Placed]:
    """Yield the events of a stretch, in the order of the sequence, as the tables hold them."""
    for low in range(first, last + 1, CHUNK):
        with connection.cursor() as cursor:
            times = {"time": moment_sql("e.time"), "recorded": moment_sql("e.recorded_at")}
            cursor.execute(STRETCH.format(**times), [low, min(last, low + CHUNK - 1)])
            rows = cursor.fetchall()
        for position, place, leaf, event_id, type_, version, time, recorded, *others in rows:
            whose, origin, corrects, retract, public = others
            yield Placed(
                position, place & INDEX_MASK, bytes(leaf), str(text_of(event_id)),
                type_, version, time, recorded,
                str(text_of(whose)), origin, text_of(corrects), bool(retract),
                None if public is None else bytes(public),
            )  # fmt: skip


INDEX_MASK = (1 << INDEX_BITS) - 1
STRETCH = """
    SELECT s.position, l.place, l.data, e.event_id, e.type, e.version, {time}, {recorded}, e.organisation,
           e.origin, e.corrects, CAST(e.retract AS INTEGER), o.body
    FROM evidence_sequencedevent s
    JOIN evidence_eventrecord e ON e.event_id = s.event_id
    JOIN evidence_leaf l ON l.event_id = s.event_id
    LEFT JOIN evidence_opening o ON o.event_id = s.event_id AND o."group" = 'public'
    WHERE s.position BETWEEN %s AND %s ORDER BY s.position
"""


def _seal(scope: SystemScope, number: int, revision: int, first: int, last: int, at: datetime) -> Sealed:
    root_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    previous = Segment.objects.filter(number=number - 1).order_by("-revision").first()
    with tempfile.TemporaryDirectory(dir=root_folder(), prefix=".sealing-") as name:
        draft = Path(name)
        made = _written(draft, number, revision, first, last, previous.manifest if previous else "")
        row = Segment(
            number=number, revision=revision, first=first, last=last, manifest=made.hash, sealed_at=at
        )
        target = folder_of(row)
        if target.exists():
            shutil.rmtree(target)  # of a sealer that died between its files and its row
        (draft / "out").replace(target)
    sync_folder(root_folder())
    try:
        with transaction.atomic():
            row.event = record(
                scope,
                SegmentSealed(
                    number=number, revision=revision, first=first, last=last, manifest=made.hash,
                    projection=projection.VERSION,
                ),
                subject=f"segment:{number}", time=at, at=at, organisation=PLATFORM,
            ).event_id  # fmt: skip
            row.save(force_insert=True)
    except IntegrityError as error:
        raise SealedMeanwhile(f"The stretch {number} was sealed by another process.") from error
    return Sealed(number=number, revision=revision, first=first, last=last, manifest=made.hash)


def _written(draft: Path, number: int, revision: int, first: int, last: int, previous: str) -> Manifest:
    """Write the files of a stretch and their manifest into `draft`/out."""
    from lienmach.kernel.evidence.segments import parquet

    out, spooling = draft / "out", draft / "spool"
    out.mkdir()
    spooling.mkdir()
    tree = Frontier()
    spool = parquet.Spool(spooling)
    hashes: list[bytes] = []
    for each in placed(first, last):
        hashes.append(hash_of(each.leaf))
        spool.add(each)
    spool.close()
    tree = tree.extend(hashes)
    files = []
    with parquet.connected() as duck:
        for type_name, version in sorted(spool.rows):
            columns = projection.columns_of(type_name)
            path = out / f"{type_name}.v{version}.parquet"
            parquet.write(duck, spool.path((type_name, version)), type_name, columns, path)
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            files.append(
                File(
                    path=path.name, type=type_name, version=version, rows=spool.rows[type_name, version],
                    bytes=path.stat().st_size, sha256=digest, columns=columns,
                )
            )  # fmt: skip
    made = Manifest(
        number=number, revision=revision, first=first, last=last, projection=projection.VERSION,
        root=tree.root().hex(), previous=previous, files=tuple(files),
    )  # fmt: skip
    with (out / NAME).open("xb") as file:
        file.write(made.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(out)
    return made


def _last_sealed() -> int:
    return Segment.objects.aggregate(last=Max("last"))["last"] or 0


def _last_placed(first: int, last: int) -> int:
    """Return the position before the first event whose leaf has no index yet."""
    unplaced = SequencedEvent.objects.filter(position__gte=first, position__lte=last).exclude(
        event__in=Leaf.objects.values("event_id")
    )
    stop = unplaced.order_by("position").values_list("position", flat=True).first()
    return last if stop is None else stop - 1


def _reached_by_erasure() -> Sequence[int]:
    """Stretches with an event whose public group was erased after they were sealed."""
    rows = Erasure.objects.filter(group=Disclosure.PUBLIC.value).values_list("event_id", "at")
    erased: dict[UUID, datetime] = dict(rows)
    if not erased:
        return []
    known = EventRecord.objects.filter(event_id__in=list(erased), sequenced__isnull=False)
    positions = known.values_list("event_id", "sequenced__position")
    segments = all_current()
    return sorted(
        {
            segment.number
            for event_id, position in positions
            for segment in segments
            if segment.first <= position <= segment.last and segment.sealed_at < erased[event_id]
        }
    )
