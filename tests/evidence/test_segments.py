"""Sealed stretches: nothing erasable goes in, numbers come out the same, what was touched is refused."""

import json
from datetime import timedelta
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest
from django.db import DatabaseError, transaction

from lienmach.apps.targets import services as targets
from lienmach.apps.targets.models import Cell
from lienmach.apps.targets.tests.test_targets import Province
from lienmach.kernel.evidence.envelope import Disclosure, disclosure_of
from lienmach.kernel.evidence.erasure import body_erase
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.models import EventRecord, Segment
from lienmach.kernel.evidence.segments import seal
from lienmach.kernel.evidence.segments.manifest import NAME, ManifestDamaged, manifest_parse
from lienmach.kernel.evidence.segments.reading import SegmentDamaged, sealed_source, tail_events
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.evidence.types import all_types
from lienmach.kernel.jobs.upkeep import upkeep_ask
from lienmach.kernel.scope import SystemScope

from .conftest import Platform

SYSTEM = SystemScope()
MOVED = "evidence.pallet_moved"


def sealed_folder() -> Path:
    return seal.folder_of(seal.all_current()[-1])


def columns(path: Path, what: str) -> list[tuple[Any, ...]]:
    import duckdb

    return duckdb.connect().execute(f"SELECT {what} FROM read_parquet('{path}') ORDER BY position").fetchall()


@pytest.mark.django_db
def test_a_stretch_is_sealed_with_public_columns_only(platform: Platform) -> None:
    """Typed columns and the leaf; neither subject, actor nor any field of the partner or the person."""
    (one,) = seal.segments_seal(SYSTEM, at=platform.world.at)
    assert (one.number, one.revision, one.first) == (1, 0, 1)
    folder = sealed_folder()
    manifest = manifest_parse((folder / NAME).read_bytes())
    assert manifest.hash == one.manifest
    assert sum(each.rows for each in manifest.files) == one.last
    rows = columns(folder / f"{MOVED}.v1.parquet", "event_id, f_lane, origin, octet_length(leaf)")
    assert [row[0] for row in rows] == [str(event.event_id) for event in platform.events]
    assert {(row[1], row[2]) for row in rows} == {("L1", "self-reported"), ("L1", "confirmed")}
    assert all(row[3] > 100 for row in rows)
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    for secret in ("tài xế Bảy".encode(), b"pallet:1", platform.scope.actor.encode()):
        assert secret not in everything
    row = EventRecord.objects.get(event_id=Segment.objects.get().event)
    assert json.loads(row.body)["manifest"] == one.manifest
    platform.settle()
    assert audit(SYSTEM).findings == []


@pytest.mark.django_db
def test_sealing_again_finds_nothing_new(platform: Platform) -> None:
    """The event that names a segment is no reason for the next one; new events are."""
    seal.segments_seal(SYSTEM, at=platform.world.at)
    platform.settle()
    assert seal.segments_seal(SYSTEM, at=platform.world.at) == []
    platform.move(3)
    platform.settle()
    (second,) = seal.segments_seal(SYSTEM, at=platform.world.at)
    assert second.number == 2
    first, after = seal.all_current()
    assert manifest_parse((seal.folder_of(after) / NAME).read_bytes()).previous == first.manifest
    assert after.first == first.last + 1


@pytest.mark.django_db
def test_long_sequences_are_cut(platform: Platform) -> None:
    """Stretches follow each other without gap or overlap."""
    done = seal.segments_seal(SYSTEM, at=platform.world.at, limit=3)
    assert [(each.first, each.last) for each in done][:2] == [(1, 3), (4, 6)]
    source = sealed_source(SYSTEM, types=[MOVED], up_to=5)
    assert source.tail_from == 4


@pytest.mark.django_db
def test_when_it_is_due(platform: Platform) -> None:
    """After a day, or when 65,536 events wait; the worker asks for one job."""
    at = platform.world.at
    assert not seal.seal_due(SYSTEM, at=at)
    assert seal.seal_due(SYSTEM, at=at + timedelta(days=1, minutes=1))
    job = upkeep_ask(SYSTEM, at=at + timedelta(days=2))
    assert job is not None and upkeep_ask(SYSTEM, at=at + timedelta(days=2)) == job
    platform.world.run_jobs()
    assert Segment.objects.count() == 1
    sequence(at=at)
    assert upkeep_ask(SYSTEM, at=at + timedelta(days=2)) is None


@pytest.mark.django_db
def test_numbers_are_the_same_before_and_after(world: Any) -> None:
    """Cells computed from the tables and from sealed files with a tail are equal, column by column."""
    province = Province(world)
    for number in range(3):
        _organisation, scope = province.firm()
        kept = province.deliver(scope, days_late=number - 1)
        province.deliver(scope, short=number)
        province.deliver(scope, days_late=2, corrects=kept.event_id)
    fields = [field.name for field in Cell._meta.fields if field.name not in {"id", "snapshot"}]

    def cells(at: Any) -> list[tuple[Any, ...]]:
        targets.cells_compute(SYSTEM, at=at)
        newest = Cell.objects.filter(snapshot__known_before=at)
        return sorted(newest.values_list(*fields), key=str)

    world.deliver_all()
    at = world.later(minutes=1)
    before = cells(at)
    assert len(before) > 10
    seal.segments_seal(SYSTEM, at=at, limit=12)
    source = sealed_source(SYSTEM, types=["production.receipt_confirmed"], up_to=10**9)
    assert (
        source.files and list(tail_events(SYSTEM, types=[MOVED], first=source.tail_from, up_to=10**9)) == []
    )
    targets.Snapshot.objects.all().delete()
    assert cells(at) == before


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["file", "row group", "manifest", "missing file", "missing folder", "gap"])
def test_what_was_touched_is_not_read(platform: Platform, what: str) -> None:
    """Numbers are not computed from files that are not the sealed ones; the error says what to do."""
    seal.segments_seal(SYSTEM, at=platform.world.at)
    folder = sealed_folder()
    path = folder / f"{MOVED}.v1.parquet"
    match what:
        case "file":
            path.write_bytes(path.read_bytes() + b"\0")
        case "row group":
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(bytes(data))
        case "manifest":
            (folder / NAME).write_bytes((folder / NAME).read_bytes().replace(b'"rows":7', b'"rows":8'))
        case "missing file":
            path.unlink()
        case "missing folder":
            folder.rename(folder.with_name("elsewhere"))
        case "gap":
            row = Segment.objects.get()
            Segment.objects.create(
                number=2, revision=0, first=row.last + 2, last=row.last + 3, manifest=row.manifest,
                event=row.event, sealed_at=row.sealed_at,
            )  # fmt: skip
    with pytest.raises(SegmentDamaged, match="lienmach evidence audit"):
        sealed_source(SYSTEM, types=[MOVED], up_to=10**9)


@pytest.mark.django_db
def test_segments_only_grow(platform: Platform) -> None:
    seal.segments_seal(SYSTEM, at=platform.world.at)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Segment.objects.update(manifest="0" * 64)


@pytest.mark.django_db
def test_an_erased_public_group_is_sealed_away(platform: Platform) -> None:
    """Where the law asks for the public group too, the stretch is sealed again and the old file is gone."""
    seal.segments_seal(SYSTEM, at=platform.world.at)
    old = sealed_folder()
    body_erase(
        platform.scope, events=[platform.events[1].event_id], groups=["public"], ground="court order 7",
        requester="person", at=platform.world.later(hours=1),
    )  # fmt: skip
    platform.settle()
    done = seal.segments_seal(SYSTEM, at=platform.world.later(minutes=1))
    assert [(each.number, each.revision) for each in done] == [(1, 1), (2, 0)]
    assert not old.exists()
    first = seal.folder_of(seal.current(1))
    assert [row[0] for row in columns(first / f"{MOVED}.v1.parquet", "f_lane")].count(None) == 1
    sealed_source(SYSTEM, types=[MOVED], up_to=10**9)
    platform.settle()
    assert seal.segments_seal(SYSTEM, at=platform.world.later(minutes=1)) == []
    assert audit(SYSTEM).findings == []


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format":"lienmach/segment@v1"}', b"\xff"])
def test_what_is_no_manifest(data: bytes) -> None:
    with pytest.raises(ManifestDamaged):
        manifest_parse(data)


def test_public_fields_that_may_be_null_default_to_null() -> None:
    """Segments hold no difference between a null and a field that came later; then there must be none."""
    wrong = [
        f"{declared.name}.{name}"
        for declared in all_types()
        for name, info in declared.body.model_fields.items()
        if disclosure_of(info) is Disclosure.PUBLIC and not info.is_required()
        if NoneType in get_args(info.annotation) and info.get_default(call_default_factory=True) is not None
    ]
    assert wrong == []
