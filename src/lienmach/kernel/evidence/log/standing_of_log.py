"""How far a log has come: signed up to where, and up to where each witness has cosigned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import vkey_parse
from lienmach.engines.ledger.policy import Policy
from lienmach.kernel.evidence.log.files import VKEY, files_of
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.policy import asked, policy_of
from lienmach.kernel.evidence.log.proofs import Stage
from lienmach.kernel.evidence.models import Cosignature, Log, LogCheckpoint

RECENT = 50


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What covers a leaf: a checkpoint covers every index below its size.

    `asked` are the witnesses that the installation's policy asks; `sizes` the largest size that each of them,
    and each former one, has cosigned.
    """

    signed: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    asked: tuple[str, ...] = ()

    @property
    def witnessed(self) -> int:
        """Return up to where at least one witness has cosigned."""
        return max(self.sizes.values(), default=0)

    def of(self, index: int | None) -> tuple[Stage, tuple[str, ...]]:
        """Return how far the leaf at this index has come, and every witness whose cosignature covers it."""
        if index is None:
            return Stage.PENDING, ()
        names = tuple(sorted(name for name, size in self.sizes.items() if size > index))
        if names:
            return Stage.WITNESSED, names
        return (Stage.CHECKPOINTED if index < self.signed else Stage.SEQUENCED), ()


def cover_of(log: Log | None) -> Cover:
    """Return what covers the leaves of a log; nothing when there is none yet."""
    if log is None:
        return Cover()
    checkpoints = LogCheckpoint.objects.filter(log=log).order_by("-size")
    signed = checkpoints.values_list("size", flat=True).first() or 0
    policy = installed_policy(log)
    recent = Cosignature.objects.filter(
        checkpoint__in=list(checkpoints.values_list("id", flat=True)[:RECENT])
    )
    names = {*(policy.witnesses if policy else ()), *recent.values_list("witness", flat=True)}
    sizes = {}
    for name in names:
        rows = Cosignature.objects.filter(checkpoint__log=log, witness=name).order_by("-checkpoint__size")
        if size := rows.values_list("checkpoint__size", flat=True).first():
            sizes[name] = size
    return Cover(signed=signed, sizes=sizes, asked=tuple(asked(policy)) if policy else ())


def installed_policy(log: Log) -> Policy | None:
    """Return the policy in force for a log; None when its file or the log's key cannot be read."""
    try:
        return policy_in_force(log)
    except LedgerError:
        return None


def policy_in_force(log: Log) -> Policy:
    """Return the policy in force for a log.

    Raises
    ------
    LedgerError
        When the policy's file, or the log's key, cannot be read.
    """
    published = (files_of(log.origin).read(VKEY) or b"").decode().strip()
    return policy_of(vkey_parse(published) if published else key_kept(log.organisation, Purpose.LOG).verifier)
