"""What one pass over a log's leaves carries along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import VerifierKey
from lienmach.engines.ledger.merkle import Frontier
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.tiles import WIDTH, read_hashes, width_at
from lienmach.kernel.evidence.log.files import CHECKPOINT, LogFiles, files_of
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
from lienmach.kernel.evidence.models import Log

if TYPE_CHECKING:
    from lienmach.kernel.evidence.log.provincial import Gathering


@dataclass
class Pass:
    """One log's leaves as far as they were read.

    `others` are the roots computed for logs that were read before, by origin and size; `gathering` is there
    for the provincial log alone.
    `wanted` are the sizes at which a checkpoint says a root; `hashes` the leaves' hashes in order, of which
    the first `signed_up_to` are covered by a batch or are one; `authors` the keys named since.
    """

    log: Log
    keys: Mapping[str, VerifierKey]
    wanted: set[int]
    report: Report
    others: Mapping[tuple[str, int], bytes]
    gathering: "Gathering | None" = None
    expected: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    hashes: list[bytes] = field(default_factory=list)
    signed_up_to: int = 0
    authors: set[str] = field(default_factory=set)
    devices: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unsigned: list[tuple[int, int, int]] = field(default_factory=list)
    """Batches that do not hold: first leaf, index of the signing leaf, how many it signs."""

    def found(self, index: int | None, kind: Kind, what: str) -> None:
        """Keep a finding."""
        self.findings.append(Finding(log=self.log.origin, index=index, kind=kind, what=what))

    def extend(self) -> None:
        """Take the hashes read since into the tree; keep its root at every size that is wanted."""
        for stop in (*sorted(size for size in self.wanted if size > self.frontier.size), len(self.hashes)):
            if stop <= len(self.hashes):
                self.frontier = self.frontier.extend(self.hashes[self.frontier.size : stop])
                if stop in self.wanted:
                    self.roots[stop] = self.frontier.root()

    def first_difference(self) -> int | None:
        """Return the first leaf that differs from the published tiles; None when these do not tell."""
        files = files_of(self.log.origin)
        for size in published_size(files):
            for tile in range((size + WIDTH - 1) // WIDTH):
                try:
                    known = read_hashes(files.read, 0, tile, width_at(0, tile, size))
                except LedgerError:
                    return None
                ours = self.hashes[tile * WIDTH : tile * WIDTH + len(known)]
                for at, value in enumerate(known):
                    if at >= len(ours) or ours[at] != value:
                        return tile * WIDTH + at
        return None


def published_size(files: LogFiles) -> set[int]:
    """Return the size of the published checkpoint, in a set that is empty when there is none to read."""
    data = files.read(CHECKPOINT)
    try:
        return set() if data is None else {checkpoint_parse(note_parse(data).body).size}
    except LedgerError:
        return set()
