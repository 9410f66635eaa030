"""What somebody can do to the files and tables that numbers are read from is found, with the first leaf it
touches.

Segments and their manifests, rows that apps derive from events, cells of indicators. Each mutation is made on
a sound installation, audited and undone.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from django.db import transaction

from lienmach.apps.maturity.models import WorkEvent
from lienmach.apps.maturity.projections import KEEPER
from lienmach.apps.targets.models import Cell, Fact
from lienmach.apps.targets.tests.test_targets import Province
from lienmach.kernel.evidence import record
from lienmach.kernel.evidence.events import SegmentSealed
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.models import EventRecord, Leaf, Segment
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.segments import seal
from lienmach.kernel.evidence.segments.manifest import NAME, Manifest, manifest_parse
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import SystemScope

from .conftest import Platform

SYSTEM = SystemScope()
RECEIPT = "production.receipt_confirmed"
Mutation = Callable[[Any], int | None]
CATALOGUE: dict[str, tuple[Mutation, set[Kind]]] = {}


def mutation(name: str, *kinds: Kind) -> Callable[[Mutation], Mutation]:
    """Put a mutation into the catalogue; it returns the index of the first leaf it touches."""

    def keep(function: Mutation) -> Mutation:
        CATALOGUE[name] = (function, set(kinds))
        return function

    return keep


class Sealed(Platform):
    """A firm whose receipts count for the province, sealed, computed and delivered to every subscriber."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.province = Province(world)
        self.province.register_firm(self.organisation)
        with transaction.atomic():
            self.receipts = [self.province.deliver(self.scope, days_late=number - 2) for number in range(5)]
        world.deliver_all()
        self.settle()
        # Recorded in one moment, they stand in the order of their ids.
        self.receipts.sort(key=lambda one: Leaf.objects.get(event_id=one.event_id).index)
        (self.segment,) = seal.segments_seal(SYSTEM, at=world.at)
        world.deliver_all()
        self.province.compute()
        self.settle()

    @property
    def sealed_folder(self) -> Path:
        return seal.folder_of(seal.current(1))

    @property
    def parquet(self) -> Path:
        return self.sealed_folder / f"{RECEIPT}.v1.parquet"

    def index_of(self, number: int) -> int:
        """Index of the leaf of a receipt."""
        return Leaf.objects.get(event_id=self.receipts[number].event_id).index

    def rewritten(self, query: str) -> None:
        """Replace the receipts' file by a sound Parquet file with other rows: `t` is what it holds."""
        out = self.parquet.with_suffix(".new")
        with duckdb.connect() as duck:
            duck.execute(f"CREATE TABLE t AS SELECT * FROM read_parquet('{self.parquet}')")
            duck.execute(f"COPY ({query}) TO '{out}' (FORMAT parquet)")
        out.replace(self.parquet)

    def manifest(self) -> Manifest:
        return manifest_parse((self.sealed_folder / NAME).read_bytes())

    def sealed_as(self, manifest: Manifest) -> Path:
        """Put another manifest in place, with the table's row following it."""
        old = self.sealed_folder
        (old / NAME).write_bytes(manifest.to_bytes())
        Segment.objects.filter(number=1).update(manifest=manifest.hash)
        new = self.sealed_folder
        if new != old:
            old.rename(new)
        return new

    def relisted(self) -> Manifest:
        """The manifest with the receipts' file as it is now."""
        data = self.parquet.read_bytes()
        files = tuple(
            replace(each, sha256=sha256(data).hexdigest(), bytes=len(data)) if each.type == RECEIPT else each
            for each in self.manifest().files
        )
        return replace(self.manifest(), files=files)


EDIT = """
    SELECT * REPLACE (
        CASE position WHEN (SELECT position FROM t ORDER BY 1 OFFSET 1 LIMIT 1) THEN 99 ELSE f_quantity END
        AS f_quantity
    ) FROM t
"""


def at_receipt(name: str, query: str, index: int) -> None:
    def mutate(sealed: Sealed) -> int:
        sealed.rewritten(query)
        return sealed.index_of(index)

    CATALOGUE[name] = (mutate, {Kind.SEGMENT_DAMAGED})


at_receipt("a sealed quantity is edited", EDIT, 1)
at_receipt(
    "a sealed row is deleted",
    "FROM t WHERE position <> (SELECT position FROM t ORDER BY 1 OFFSET 2 LIMIT 1)",
    2,
)
at_receipt("a sealed row is doubled", "FROM t UNION ALL (FROM t ORDER BY position LIMIT 1)", 0)
at_receipt("two sealed rows change their origin", "SELECT * REPLACE ('instrument' AS origin) FROM t", 0)
at_receipt("a sealed row goes to another firm", "SELECT * REPLACE ('x' AS organisation) FROM t", 0)
at_receipt("a sealed row gets another day", "SELECT * REPLACE (f_promised + 1 AS f_promised) FROM t", 0)
at_receipt("a sealed leaf is edited", "SELECT * REPLACE ('x'::BLOB AS leaf) FROM t", 0)
at_receipt("a sealed index is edited", "SELECT * REPLACE (idx + 1 AS idx) FROM t", 0)
at_receipt("a column is taken out", "SELECT * EXCLUDE (f_good_quantity) FROM t", 0)
at_receipt("a column is put in", "SELECT *, 'An' AS f_driver FROM t", 0)
at_receipt("a column changes its type", "SELECT * REPLACE (f_quantity::VARCHAR AS f_quantity) FROM t", 0)
at_receipt("rows are only sorted otherwise", "FROM t ORDER BY position DESC", 0)


@mutation("a byte of a sealed file is flipped", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> int:
    data = bytearray(sealed.parquet.read_bytes())
    data[len(data) // 3] ^= 4
    sealed.parquet.write_bytes(bytes(data))
    return sealed.index_of(0)


@mutation("a sealed file is cut off", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> int:
    sealed.parquet.write_bytes(sealed.parquet.read_bytes()[:-9])
    return sealed.index_of(0)


@mutation("a sealed file is deleted", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> int:
    sealed.parquet.unlink()
    return sealed.index_of(0)


@mutation("a sealed file is another one", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> int:
    shutil.copy(next(path for path in sealed.sealed_folder.glob("registry.*.parquet")), sealed.parquet)
    return sealed.index_of(0)


@mutation("a manifest is edited", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> None:
    path = sealed.sealed_folder / NAME
    path.write_bytes(path.read_bytes().replace(b'"rows":5', b'"rows":6'))


@mutation("a manifest is deleted", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> None:
    (sealed.sealed_folder / NAME).unlink()


@mutation("a manifest drops a file", Kind.SEGMENT_UNLOGGED)
def _(sealed: Sealed) -> None:
    files = tuple(each for each in sealed.manifest().files if each.type != RECEIPT)
    sealed.sealed_as(replace(sealed.manifest(), files=files))


@mutation("file, manifest and table row are rewritten together", Kind.SEGMENT_UNLOGGED)
def _(sealed: Sealed) -> None:
    sealed.rewritten(EDIT)
    sealed.sealed_as(sealed.relisted())


@mutation("… and the body of the event that vouches for them", Kind.EVENT_CHANGED)
def _(sealed: Sealed) -> int:
    sealed.rewritten(EDIT)
    made = sealed.relisted()
    event = Segment.objects.get(number=1).event
    sealed.sealed_as(made)
    row = EventRecord.objects.get(event_id=event)
    body = {**json.loads(row.body), "manifest": made.hash}
    EventRecord.objects.filter(event_id=event).update(body=json.dumps(body))
    return Leaf.objects.get(event_id=event).index


@mutation("edited columns are sealed and logged by the platform itself", Kind.SEGMENT_DAMAGED)
def _(sealed: Sealed) -> int:
    sealed.rewritten(EDIT)
    made = replace(sealed.relisted(), revision=1)
    at, old = sealed.world.at, sealed.sealed_folder
    with transaction.atomic():
        event = record(
            SYSTEM,
            SegmentSealed(
                number=1, revision=1, first=made.first, last=made.last, manifest=made.hash, projection=1
            ),
            subject="segment:1", time=at, at=at, organisation=PLATFORM,
        )  # fmt: skip
        Segment.objects.create(
            number=1, revision=1, first=made.first, last=made.last, manifest=made.hash, event=event.event_id,
            sealed_at=at,
        )  # fmt: skip
    (old / NAME).write_bytes(made.to_bytes())
    shutil.copytree(old, sealed.sealed_folder)
    sealed.settle()
    return sealed.index_of(1)


@mutation("a segment's row is deleted", Kind.SEGMENT_UNLOGGED)
def _(sealed: Sealed) -> int:
    event = Segment.objects.get(number=1).event
    Segment.objects.all().delete()
    return Leaf.objects.get(event_id=event).index


@mutation("a segment's stretch is moved", Kind.SEGMENT_UNLOGGED)
def _(sealed: Sealed) -> None:
    Segment.objects.filter(number=1).update(first=2)


@mutation("a segment is claimed that nobody sealed", Kind.SEGMENT_UNLOGGED)
def _(sealed: Sealed) -> None:
    row = Segment.objects.get(number=1)
    Segment.objects.create(
        number=2, revision=0, first=row.last + 1, last=row.last + 1, manifest=row.manifest, event=UUID(int=4),
        sealed_at=row.sealed_at,
    )  # fmt: skip


@mutation("a counted event moves into another month", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> int:
    WorkEvent.objects.filter(event=sealed.receipts[3].event_id).update(month="2026-01")
    return sealed.index_of(3)


@mutation("a counted event is of another type", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> int:
    WorkEvent.objects.filter(event=sealed.receipts[2].event_id).update(type="production.plan_published")
    return sealed.index_of(2)


@mutation("a counted event is no longer counted", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> int:
    WorkEvent.objects.filter(event=sealed.receipts[2].event_id).delete()
    return sealed.index_of(2)


@mutation("work is counted that nobody recorded", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    row = WorkEvent.objects.get(event=sealed.receipts[2].event_id)
    row.pk, row.event = uuid7(sealed.world.at), UUID(int=8)
    row.save(force_insert=True)


def newest_cells() -> Any:
    return Cell.objects.filter(numerator__gt=0)


@mutation("a cell's numerator is edited", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    Cell.objects.filter(id=newest_cells()[0].id).update(numerator=1000)


@mutation("a cell hides how few firms are behind it", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    Cell.objects.filter(id=newest_cells()[0].id).update(few=[])


@mutation("a cell is deleted", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    newest_cells()[0].delete()


@mutation("a cell is put in", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    row = newest_cells()[0]
    row.pk, row.period = None, "2020-01"
    row.save(force_insert=True)


@mutation("a fact behind a number is edited", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    Fact.objects.filter(id=Fact.objects.all()[0].id).update(denominator=7)


@mutation("a fact behind a number is deleted", Kind.PROJECTION_CHANGED)
def _(sealed: Sealed) -> None:
    Fact.objects.all()[0].delete()


@pytest.mark.django_db
def test_every_mutation_of_what_numbers_are_read_from_is_found(world: Any, tmp_path: Path) -> None:
    """One hundred per cent, and the sound installation in between raises no alarm."""
    sealed = Sealed(world)
    assert WorkEvent.objects.filter(event=sealed.receipts[0].event_id).exists(), KEEPER
    assert audit(SYSTEM).findings == []
    missed = []
    for name, (mutate, kinds) in CATALOGUE.items():
        folders = (seal.root_folder(), sealed.folder.parent)
        for folder in folders:
            shutil.rmtree(tmp_path / folder.name, ignore_errors=True)
            shutil.copytree(folder, tmp_path / folder.name)
        with sealed.tampering(tmp_path / "kept"):
            index = mutate(sealed)
            report = audit(SYSTEM)
        for folder in folders:
            shutil.rmtree(folder)
            shutil.copytree(tmp_path / folder.name, folder)
        relevant = [one for one in report.findings if one.kind in kinds]
        found = {one.kind for one in report.findings}
        if not kinds <= found or (index is not None and min(one.index for one in relevant) != index):
            missed.append((name, index, [(one.kind.value, one.index, one.what) for one in report.findings]))
    assert not missed, "\n".join(map(str, missed))
    assert audit(SYSTEM).findings == []


def test_the_catalogue_is_long_enough() -> None:
    assert len(CATALOGUE) >= 30
