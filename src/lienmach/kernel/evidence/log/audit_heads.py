"""What was signed and published against what the leaves give: head, checkpoints, cosignatures, files."""

from collections.abc import Iterable

from lienmach.engines.ledger import audit as files_audit
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.merkle import EMPTY_ROOT, Frontier
from lienmach.engines.ledger.notes import Note, lines_parse, note_parse, note_verify
from lienmach.engines.ledger.policy import Policy
from lienmach.kernel.evidence.log.audit_pass import Pass
from lienmach.kernel.evidence.log.files import CHECKPOINT, LogFiles
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.policy import policy_of
from lienmach.kernel.evidence.log.publish import note_with_cosignatures
from lienmach.kernel.evidence.models import Log, LogCheckpoint


def check_head(run: Pass) -> None:
    """Compare the head with the leaves."""
    log = run.log
    if log.size != run.frontier.size:
        low = min(log.size, run.frontier.size)
        kind = Kind.LEAF_MISSING if log.size > run.frontier.size else Kind.LEAF_ADDED
        run.found(low, kind, f"The head says {log.size} leaves; there are {run.frontier.size}.")
    elif log.signed > run.signed_up_to:
        what = f"The head says {log.signed} leaves are signed; no batch signs the last of them."
        run.found(run.signed_up_to, Kind.SIGNATURE_MISSING, what)
    elif log.signed < run.signed_up_to or _root(log) != run.roots.get(log.signed, EMPTY_ROOT):
        index = run.first_difference()
        run.found(index, Kind.HEAD_CHANGED, "The head is not the root of the leaves.")


def _root(log: Log) -> bytes | None:
    try:
        return Frontier.from_bytes(log.signed, bytes(log.frontier)).root()
    except LedgerError:
        return None


def check_checkpoints(run: Pass, checkpoints: Iterable[LogCheckpoint], files: LogFiles) -> None:
    """Compare every signed checkpoint with the leaves, and check who signed and cosigned it."""
    try:
        policy = policy_of(key_kept(run.log.organisation, Purpose.LOG).verifier)
    except LedgerError as error:
        run.found(None, Kind.KEY_UNKNOWN, str(error))
        return
    good = 0
    for kept in checkpoints:
        try:
            note = note_with_cosignatures(kept)
            note_verify(note, policy.keys)
            head = checkpoint_parse(note.body)
            sound = (head.origin, head.size, head.root) == (run.log.origin, kept.size, bytes(kept.root))
            _check_witnesses(run, kept, policy)
        except LedgerError as error:
            run.found(kept.size, Kind.CHECKPOINT_CHANGED, f"Checkpoint of size {kept.size}: {error}")
            continue
        if not sound:
            run.found(kept.size, Kind.CHECKPOINT_CHANGED, f"Checkpoint of size {kept.size} says otherwise.")
        elif head.size > run.frontier.size:
            run.found(run.frontier.size, Kind.ROLLED_BACK, f"{head.size} leaves were signed.")
        elif run.roots.get(head.size) != head.root:
            at = run.first_difference()
            where = good if at is None or at < good else at
            run.found(where, Kind.HISTORY_REWRITTEN, f"The tree of {head.size} leaves is not the one signed.")
            return
        else:
            good = head.size


def _check_witnesses(run: Pass, kept: LogCheckpoint, policy: Policy) -> None:
    """Check that each kept cosignature is of the witness it is shown for, present or former, by its key."""
    for row in kept.cosignatures.all():
        party = policy.witnesses.get(row.witness)
        ids = {(line.name, line.key_id) for line in lines_parse(row.line)}
        if party is None or ids != {(party.key.name, party.key.id)}:
            run.found(
                kept.size,
                Kind.WITNESS_UNKNOWN,
                f"The checkpoint of size {kept.size} is shown as cosigned by {row.witness!r}; "
                "witnesses.policy names no such witness with this key. A former witness keeps its line "
                "there, without an address and in no group.",
            )


def check_files(run: Pass, files: LogFiles) -> None:
    """Compare what is published with the leaves, file by file."""
    published = files.read(CHECKPOINT)
    if published is None:
        if run.log.released:
            run.found(None, Kind.FILE_DAMAGED, f"{files.folder / CHECKPOINT} is missing.")
        return
    try:
        note = note_parse(published)
        note_verify(note, policy_of(key_kept(run.log.organisation, Purpose.LOG).verifier).keys)
        head = checkpoint_parse(note.body)
    except LedgerError as error:
        run.found(None, Kind.CHECKPOINT_CHANGED, f"The published checkpoint: {error}")
        return
    _check_published(run, note, head.size)
    if head.size > run.frontier.size:
        run.found(run.frontier.size, Kind.ROLLED_BACK, f"{head.size} leaves were published.")
        return
    if run.roots.get(head.size) != head.root:
        at = run.first_difference()
        run.found(at, Kind.HISTORY_REWRITTEN, "The published checkpoint is of another tree.")
    for damage in files_audit.audit(files.read, head.size, head.root):
        run.found(damage.index, Kind.FILE_DAMAGED, f"{damage.path}, {damage.kind}: {damage.reason}")


def _check_published(run: Pass, note: Note, size: int) -> None:
    """Compare the published signatures with the kept ones: none more, and no fewer than the policy asks for.

    Publishing comes after keeping, so a published signature that is not kept was put there or taken here.
    """
    kept = LogCheckpoint.objects.filter(log=run.log, size=size).first()
    if kept is None:
        if not run.log.held:  # a restored log may stand beside newer files
            what = f"The published checkpoint of {size} leaves is not kept here."
            run.found(None, Kind.CHECKPOINT_CHANGED, what)
        return
    try:
        whole = note_with_cosignatures(kept)
    except LedgerError:
        return  # reported with the checkpoint
    if whole.body != note.body:
        return  # another tree: reported as such
    if strange := set(note.signatures) - set(whole.signatures):
        names = ", ".join(sorted(line.name for line in strange))
        what = f"The published checkpoint bears signatures that are not kept: {names}."
        run.found(None, Kind.CHECKPOINT_CHANGED, what)
    asked = policy_of(key_kept(run.log.organisation, Purpose.LOG).verifier)
    if _satisfies(whole, asked) and not _satisfies(note, asked):
        run.found(None, Kind.CHECKPOINT_CHANGED, "The published checkpoint lost signatures that are kept.")


def _satisfies(note: Note, policy: Policy) -> bool:
    try:
        policy.evaluate(note)
    except LedgerError:
        return False
    return True
