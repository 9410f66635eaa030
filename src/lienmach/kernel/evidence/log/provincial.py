"""The provincial log: everybody's published checkpoints, each verbatim a leaf, in the platform's own log.

Whoever watches this one log, and its witnesses do, has seen the heads of all: a log shown to two people in
two ways has to show two checkpoints here. It grows at most every few seconds, with the newest head of every
log that was published since.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import VerifierKey
from lienmach.engines.ledger.notes import note_parse, note_verify
from lienmach.kernel.evidence.log.append import leaves_append, log_of
from lienmach.kernel.evidence.log.audit_pass import Pass
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.gathered import GatheredCheckpoint
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.models import Log, LogCheckpoint
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.rows import stored_form
from lienmach.kernel.ids import uuid7

EVERY_S = 10.0
LIMIT = 5000


@transaction.atomic
def checkpoints_gather(*, at: datetime) -> int:
    """Append the newest published checkpoint of every log that has a new one; return how many.

    Raises
    ------
    append.Contended
    """
    newest = Log.objects.exclude(organisation=PLATFORM).annotate(gathered=Max("gatheredcheckpoint__size"))
    due = newest.filter(released__gt=0).filter(Q(gathered=None) | Q(gathered__lt=F("released")))
    sizes = dict(due.order_by("id").values_list("id", "released")[:LIMIT])
    if not sizes:
        return 0
    province = log_of(PLATFORM, at=at)
    if province.held:
        return 0
    kept = LogCheckpoint.objects.filter(log__in=list(sizes)).order_by("log", "size")
    chosen = [each for each in kept if each.size == sizes[each.log_id]]
    gathered = [GatheredCheckpoint(leaf=uuid7(at), log_id=each.log_id, size=each.size) for each in chosen]
    if gathered:
        GatheredCheckpoint.objects.bulk_create(gathered)
        stored = stored_form()
        entries = [(stored(row.leaf), bytes(each.note)) for row, each in zip(gathered, chosen, strict=True)]
        leaves_append(province, entries, at=at)
    return len(gathered)


def regathered(entry: bytes, *, at: datetime) -> UUID:
    """Return the id of a leaf that is fetched back after a restore, and keep whose checkpoint it is.

    Raises
    ------
    lienmach.engines.ledger.errors.Malformed
        When the entry is no checkpoint.
    """
    head, leaf = checkpoint_parse(note_parse(entry).body), uuid7(at)
    log = Log.objects.filter(origin=head.origin).first()
    if log is not None:
        GatheredCheckpoint.objects.create(leaf=leaf, log=log, size=head.size)
    return leaf


class Gathering:
    """What the tables say of the provincial log, read once, for an audit that meets its leaves one by one."""

    def __init__(self) -> None:
        rows = GatheredCheckpoint.objects.select_related("log")
        self.rows = {str(row.leaf): row for row in rows}
        self._kept = {
            (log, size): bytes(root)
            for log, size, root in LogCheckpoint.objects.values_list("log", "size", "root").iterator()
        }
        self.seen: set[str] = set()
        self._keys: dict[UUID, VerifierKey] = {}

    def check(self, run: Pass, index: int, leaf: str, entry: bytes) -> None:
        """Check a leaf: whose checkpoint it is, and that this log still agrees with it."""
        row = self.rows.get(leaf)
        if row is None:
            run.found(index, Kind.LEAF_CHANGED, "The leaf is neither an event's nor a gathered checkpoint.")
            return
        self.seen.add(leaf)
        try:
            note = note_parse(entry)
            note_verify(note, [self._key(row.log.organisation)])
            head = checkpoint_parse(note.body)
        except LedgerError as error:
            run.found(index, Kind.LEAF_CHANGED, f"The gathered checkpoint of {row.log.origin}: {error}")
            return
        if (head.origin, head.size) != (row.log.origin, row.size):
            run.found(index, Kind.LEAF_CHANGED, f"It is of {head.origin}, {head.size} leaves: not as kept.")
            return
        kept = self._kept.get((row.log_id, row.size))
        now = run.others.get((head.origin, head.size), kept)
        if kept is None or now is None:
            what = f"{head.origin} had {head.size} leaves; it no longer says so."
            run.found(index, Kind.ROLLED_BACK, what)
        elif now != head.root:
            what = f"{head.origin} had another tree of {head.size} leaves than now."
            run.found(index, Kind.HISTORY_REWRITTEN, what)

    def check_end(self, run: Pass) -> None:
        """Find checkpoints that are said to be gathered and are no leaf."""
        for leaf in sorted(set(self.rows) - self.seen):
            row = self.rows[leaf]
            what = f"The checkpoint of {row.log.origin} with {row.size} leaves is not in the provincial log."
            run.found(None, Kind.LEAF_MISSING, what)

    def _key(self, organisation: UUID) -> VerifierKey:
        if organisation not in self._keys:
            self._keys[organisation] = key_kept(organisation, Purpose.LOG).verifier
        return self._keys[organisation]
