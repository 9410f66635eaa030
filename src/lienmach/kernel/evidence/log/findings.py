"""What an audit can find, and how it says so."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What kind of tampering or damage a finding is."""

    LEAF_MISSING = "leaf missing"
    LEAF_CHANGED = "leaf changed"
    LEAF_ADDED = "leaf added"
    ORDER_CHANGED = "order changed"
    HEAD_CHANGED = "head changed"
    SIGNATURE_MISSING = "author's signature missing"
    KEY_UNKNOWN = "author's key unknown or changed"
    CHECKPOINT_CHANGED = "checkpoint changed"
    HISTORY_REWRITTEN = "history rewritten"
    ROLLED_BACK = "rolled back"
    BODY_CHANGED = "body changed"
    BODY_MISSING = "body missing"
    BODY_ADDED = "body added"
    ERASURE_UNLOGGED = "erasure without a logged reason"
    NOT_ERASED = "still there after its erasure"
    EVENT_CHANGED = "event changed"
    EVENT_MISSING = "event missing"
    EVENT_UNLOGGED = "event not in its log"
    SEQUENCE_BROKEN = "platform's sequence broken"
    FILE_DAMAGED = "file damaged"
    WITNESS_UNKNOWN = "witness unknown"
    DEVICE_GAP = "gap in a device's leaves"
    SEGMENT_DAMAGED = "segment damaged"
    SEGMENT_UNLOGGED = "segment not in the log"
    PROJECTION_CHANGED = "projection changed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it was. `index` is the first leaf concerned, None outside any log."""

    log: str
    index: int | None
    kind: Kind
    what: str


@dataclass(kw_only=True)
class Report:
    """What an audit looked at and what it found, by log and index."""

    logs: int = 0
    leaves: int = 0
    events: int = 0
    erased: int = 0
    device_leaves: int = 0
    segments: int = 0
    projected: int = 0
    unwitnessed: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    """Why witnesses.policy asks for less than two legal entities beside the installation's owner."""
    held: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def first(self) -> dict[str, Finding]:
        """Of each log the first thing that cannot be relied on: the lowest index, else what has none."""
        chosen: dict[str, Finding] = {}
        for one in self.findings:
            known = chosen.get(one.log)
            if known is None or (one.index is not None and (known.index is None or one.index < known.index)):
                chosen[one.log] = one
        return chosen
