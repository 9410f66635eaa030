"""From the head of a log to a published checkpoint: files, signature, witnesses, in an order that is safe.

0. the author's signature under the leaves since the last batch (`batches`);
1. tiles and bundles to the disk, read back, and the root computed from what the disk gives;
2. the note signed and *committed before it leaves the process*, at full durability;
3. witnesses asked, at the same time, with a deadline;
4. the checkpoint replaced once the policy's quorum has cosigned.

A log that somebody has seen further, or otherwise, than it stands here is held: it signs nothing.
"""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event as Flag

from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction
from django.db.models import Count, F, Max, Q

from lienmach.engines.ledger.checkpoints import Checkpoint, checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError, Rejected
from lienmach.engines.ledger.keys import SigningKey
from lienmach.engines.ledger.merkle import Frontier, Node
from lienmach.engines.ledger.notes import Note, lines_parse, note_parse, note_verify
from lienmach.engines.ledger.policy import Party, Policy
from lienmach.engines.ledger.standing import Standing, sign_check, standing
from lienmach.engines.ledger.tiles import TiledLog, grow
from lienmach.kernel.evidence.log import provincial
from lienmach.kernel.evidence.log.ask import Ahead, Silent, Unreachable, cosignature, last_seen
from lienmach.kernel.evidence.log.batches import Contended, LeavesMissing, batch_close
from lienmach.kernel.evidence.log.failures import answers_keep
from lienmach.kernel.evidence.log.files import CHECKPOINT, VKEY, VKEY_MLDSA44, LogFiles, files_of
from lienmach.kernel.evidence.log.held import hold
from lienmach.kernel.evidence.log.keys import Purpose, key_kept, second_key
from lienmach.kernel.evidence.log.policy import asked, policy_of, witness_names
from lienmach.kernel.evidence.models import Cosignature, Leaf, Log, LogCheckpoint

logger = logging.getLogger(__name__)

CHUNK = 16_384
RETRY_S = 10.0
CATCH_UP_S = 30.0
CAUGHT_UP_AT_ONCE = 20
PUBLISHED = "the published checkpoint"


class Publisher:
    """Publishes the logs of this installation; one object per process."""

    def __init__(self) -> None:
        self._looked = False
        self._stood: set[int] = set()
        self._not_before: dict[int, float] = {}
        self._caught_up = 0

    def publish_all(self, *, at: datetime) -> int:
        """Publish every log that has something new; return how many. What fails is logged and tried again."""
        done = 0
        lost = [] if self._looked else _unpublished_files()
        self._looked = True
        for log in (*lost, *_due()):
            if time.monotonic() < self._not_before.get(log.id, 0.0):
                continue
            try:
                done += self.publish(log, at=at)
            except (LedgerError, OSError) as error:
                self._not_before[log.id] = time.monotonic() + RETRY_S
                logger.error("The log %s was not published: %s", log.origin, error)
        return done

    def catch_up(self, *, at: datetime) -> int:
        """Ask witnesses missing under quiet logs: named later than the last checkpoint, or silent then."""
        try:
            logs = _uncosigned(self._caught_up, CAUGHT_UP_AT_ONCE)
        except LedgerError as error:
            logger.error("Nobody knows which witnesses to ask: %s", error)
            return 0
        self._caught_up = logs[-1].id if len(logs) == CAUGHT_UP_AT_ONCE else 0
        done = 0
        for log in logs:
            try:
                done += self.publish(log, at=at)
            except (LedgerError, OSError) as error:
                logger.error("The log %s did not catch up with its witnesses: %s", log.origin, error)
        return done

    def publish(self, log: Log, *, at: datetime) -> bool:
        """Publish one log's head; say whether a checkpoint was put in place.

        Raises
        ------
        held.Held, Rejected, keys.KeyUnusable
        """
        try:
            log = batch_close(log, at=at)
        except LeavesMissing as missing:
            hold(log, str(missing))
        if log.held:
            return False
        key = key_kept(log.organisation, Purpose.LOG)
        policy, files = policy_of(key.verifier), files_of(log.origin)
        head = Checkpoint(log.origin, log.signed, Frontier.from_bytes(log.signed, bytes(log.frontier)).root())
        last = LogCheckpoint.objects.filter(log=log).order_by("-size").first()
        _settle(log)
        grow_files(log, files, last.size if last else 0)
        tree = TiledLog(files.read, head.size)
        if log.id not in self._stood:
            self._stand(log, key, policy, files, tree, at)
        if last is None or last.size < head.size:
            last = _sign(log, head, last, key, tree, at)
        self._cosign(last, head, policy, tree, at)
        return _release(log, policy, files)

    def _stand(
        self, log: Log, key: SigningKey, policy: Policy, files: LogFiles, tree: TiledLog, at: datetime
    ) -> None:
        """Compare with everything that was handed out, once per process and after every restore."""
        try:
            where = standing_of(log, key, policy, files, tree.node)
        except Silent as error:
            answers_keep(log.id, error.reasons, at=at)
            raise
        if where.may_sign or not where.positions:
            self._stood.add(log.id)
            return
        theirs = "; ".join(f"{who}: {position}" for who, position in where.positions.items())
        hold(log, f"Others have seen this log otherwise than it stands here ({theirs}).")

    def _cosign(
        self, kept: LogCheckpoint, head: Checkpoint, policy: Policy, tree: TiledLog, at: datetime
    ) -> None:
        names = set(kept.cosignatures.values_list("witness", flat=True))
        missing = {name: party for name, party in asked(policy).items() if name not in names}
        if not missing:
            return
        note = note_parse(bytes(kept.note))
        seen = dict(
            Cosignature.objects.filter(checkpoint__log=kept.log_id, witness__in=missing)
            .values_list("witness")
            .annotate(size=Max("checkpoint__size"))
        )

        def ask(name: str, party: Party) -> Note | LedgerError:
            try:
                return cosignature(party, note, seen.get(name, 0), head, tree.node)
            except LedgerError as error:
                return error

        with ThreadPoolExecutor(len(missing)) as pool:
            answers = dict(zip(missing, pool.map(ask, missing, missing.values()), strict=True))
        answers_keep(kept.log_id, answers, at=at)
        for name, answer in answers.items():
            if isinstance(answer, Ahead):
                hold(kept.log, str(answer))
            if isinstance(answer, LedgerError):
                self._not_before[kept.log_id] = time.monotonic() + RETRY_S
                logger.warning("Witness %s did not cosign %s: %s", name, head.origin, answer)
                continue
            for line in answer.signatures[len(note.signatures) :]:
                Cosignature.objects.get_or_create(
                    checkpoint=kept, witness=name, defaults={"line": line.text, "at": at}
                )


def standing_of(log: Log, key: SigningKey, policy: Policy, files: LogFiles, node: Node) -> Standing:
    """Return how the log stands against its published checkpoint and against every witness that is asked.

    Raises
    ------
    Silent
        When there are witnesses and none of them answers.
    """
    kept: dict[str, Checkpoint] = {}
    published = files.read(CHECKPOINT)
    if published is not None:
        note = note_parse(published)
        note_verify(note, [key.verifier])
        kept[PUBLISHED] = checkpoint_parse(note.body)
    silent: dict[str, LedgerError] = {}
    for name, party in asked(policy).items():
        try:
            seen = last_seen(party, log.origin, [key.verifier])
        except Unreachable as error:
            silent[name] = error
            continue
        if seen is not None:
            kept[name] = seen
    if silent and len(silent) == len(asked(policy)):
        raise Silent(silent)
    return standing(log.signed, node, kept)


def grow_files(log: Log, files: LogFiles, start: int) -> None:
    """Write the tiles and bundles of the leaves from `start` on; from the beginning when files are missing.

    Raises
    ------
    held.Held
        When leaves are missing between two that are there, or the files are ahead of the database.
    Rejected
        When a file holds other bytes than the log gives.
    """
    published = files.read(CHECKPOINT)
    if published is not None and checkpoint_parse(note_parse(published).body).size > log.signed:
        hold(log, "The published checkpoint is of a larger log than the database holds.")
    for low in range(start if _are_there(files, start) else 0, log.signed, CHUNK):
        high = min(low + CHUNK, log.signed)
        page = Leaf.objects.span(log, low, high).values_list("data", flat=True)
        entries = [bytes(data) for data in page]
        if len(entries) != high - low:
            hold(log, f"Leaves are missing between {low} and {high}.")
        files.store(grow(files.read, low, entries))
    files.replace(VKEY, (key_kept(log.organisation, Purpose.LOG).verifier.text + "\n").encode())
    if (second := second_key(log.organisation)) is not None:
        files.replace(VKEY_MLDSA44, (second.verifier.text + "\n").encode())


def _are_there(files: LogFiles, size: int) -> bool:
    """Say whether the files hold what growing from `size` needs."""
    if not size:
        return True
    try:
        tree = TiledLog(files.read, size)
        tree.frontier()
        tree.entry(size - 1)
    except LedgerError:
        return False
    return True


def _settle(log: Log) -> None:
    """Have on the disk what was sequenced, before files say it: they never change, and a lost pass might."""
    with full_durability(), transaction.atomic():
        Log.objects.filter(id=log.id).update(released=F("released"))


def _sign(
    log: Log, head: Checkpoint, last: LogCheckpoint | None, key: SigningKey, tree: TiledLog, at: datetime
) -> LogCheckpoint:
    before = Checkpoint(log.origin, last.size, bytes(last.root)) if last else None
    sign_check(head, before, tree.node)
    note = Note(head.body).signed(key)
    if (second := second_key(log.organisation)) is not None:
        note = note.signed(second, int(at.timestamp()))
    try:
        with full_durability(), transaction.atomic():
            return LogCheckpoint.objects.create(
                log=log, size=head.size, root=head.root, note=note.to_bytes(), at=at
            )
    except IntegrityError:
        # Another worker signed this size at this moment: the same tree, or the head had conflicted.
        return LogCheckpoint.objects.get(log=log, size=head.size)


def _release(log: Log, policy: Policy, files: LogFiles) -> bool:
    """Replace the published checkpoint by the largest that satisfies the policy, never a smaller one."""
    with transaction.atomic():
        Log.objects.select_for_update().get(id=log.id)  # two workers do not overtake each other
        for kept in LogCheckpoint.objects.filter(log=log).order_by("-size")[:10]:
            note = note_with_cosignatures(kept)
            try:
                policy.evaluate(note)
            except Rejected:
                continue
            files.replace(CHECKPOINT, note.to_bytes())
            Log.objects.filter(id=log.id).update(released=kept.size)
            return True
    return False


def note_with_cosignatures(kept: LogCheckpoint) -> Note:
    """Return a checkpoint's note with everything witnesses have put under it."""
    note = note_parse(bytes(kept.note))
    for line in kept.cosignatures.order_by("id").values_list("line", flat=True):
        note = note.with_lines(lines_parse(line))
    return note


def _due() -> list[Log]:
    """Logs whose head is not published yet; an index of just those answers, however many logs there are."""
    # Literals, not parameters: an index with a condition is used where the query states the condition.
    return list(Log.objects.raw("SELECT * FROM evidence_log WHERE held = '' AND size > released ORDER BY id"))


def _uncosigned(after: int, most: int) -> list[Log]:
    """The next published logs, by id, whose checkpoint a witness of today's policy has not cosigned."""
    wanted = witness_names()
    if not wanted:
        return []
    cosigned = Count("cosignatures", filter=Q(cosignatures__witness__in=wanted))
    behind = (
        LogCheckpoint.objects.filter(log__held="", log_id__gt=after, size=F("log__released"))
        .annotate(cosigned=cosigned)
        .filter(cosigned__lt=len(wanted), log__size=F("size"))
        .order_by("log_id")
        .select_related("log")[:most]
    )
    return [kept.log for kept in behind]


def _unpublished_files() -> list[Log]:
    """Logs whose published checkpoint is not in its file any more; reads one file per log."""
    settled = Log.objects.filter(held="", size__gt=0, released=F("size"))
    return [log for log in settled.iterator() if not _is_released(log)]


def _is_released(log: Log) -> bool:
    published = files_of(log.origin).read(CHECKPOINT)
    return published is not None and published.split(b"\n")[1] == str(log.size).encode()


@contextmanager
def full_durability() -> Iterator[None]:
    """Let commits return only when they are on the disk; SQLite otherwise lets that wait."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


def run_publisher(stop: Flag, *, pause_s: float = 1.0) -> None:
    """Publish once a second until the event `stop` is set; the body of the worker's publishing thread."""
    publisher, gathered, caught_up = Publisher(), time.monotonic(), time.monotonic()
    while not stop.wait(pause_s):
        try:
            publisher.publish_all(at=datetime.now(UTC))
            if time.monotonic() - caught_up >= CATCH_UP_S:
                caught_up = time.monotonic()
                publisher.catch_up(at=datetime.now(UTC))
            if time.monotonic() - gathered >= provincial.EVERY_S:
                gathered = time.monotonic()
                provincial.checkpoints_gather(at=datetime.now(UTC))
        except (Contended, DatabaseError) as error:
            logger.warning("The database was busy (%s); publishing again in a moment", error)
            close_old_connections()
    connection.close()
