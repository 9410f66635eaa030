"""Examining a proof file that somebody brings: whether it holds, what does not, whose keys those are.

The verdict is that of the verifier (`engines.ledger.disclosure`), which anybody can run without us. Added
here: which part failed, and which of the keys in the file this platform knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.disclosure import Disclosure, Shown, disclosure_parse
from lienmach.engines.ledger.errors import LedgerError, Malformed
from lienmach.engines.ledger.keys import VerifierKey
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.notes import note_verify
from lienmach.engines.ledger.policy import Policy, policy_parse
from lienmach.kernel.evidence.log.known import known_log, known_tier
from lienmach.kernel.scope import PublicScope

LARGEST_FILE = 1_000_000
TOLERANCE_S = 600
"""A cosignature may be from a clock that is a little ahead; one from further in the future is refused."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A witness that the file shows. `known`: this platform asks, or asked, the same key itself."""

    name: str
    key: str
    at: datetime | None
    known: bool


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The answer about a file.

    Attributes
    ----------
    fault
        Which part does not hold; empty when all of it does: too-large, file, leaf, policy, own-policy,
        imposter, unknown-log, signature, no-log-signature, few-witnesses, inclusion, opening, author,
        province.
    reason
        The verifier's own sentence about it.
    trust
        Whose keys decided: `own` (the reader's policy), `known` (a log of this platform, with the key that we
        publish), `inside` (the file's own, which the sender chose).
    tier
        Who holds the author's key: hosted, device or own box; empty when the file does not show the author.
        `tier_known` says that we know the key; else the leaf's form tells.
    """

    fault: str = ""
    reason: str = ""
    shown: Shown | None = None
    hash: str = ""
    trust: str = "inside"
    log_keys: tuple[str, ...] = ()
    witnesses: tuple[Seen, ...] = ()
    asked: int = 0
    tier: str = ""
    tier_known: bool = False

    @property
    def holds(self) -> bool:
        """Say whether everything in the file does."""
        return self.shown is not None

    @property
    def groups(self) -> Mapping[str, Any]:
        """Return the contents shown, by group."""
        return self.shown.groups if self.shown else {}


def file_examine(scope: PublicScope, *, data: bytes, policy: str = "", at: datetime) -> Examined:
    """Examine the bytes of a proof file.

    Parameters
    ----------
    policy
        The reader's own tlog-policy, empty for none.
    at
        Now: no cosignature is from the future.
    """
    scope.require("proof.file_verify")
    if len(data) > LARGEST_FILE:
        return Examined(fault="too-large")
    own = None
    if policy.strip():
        try:
            own = policy_parse(policy.replace("\r\n", "\n").encode())
        except (Malformed, UnicodeError) as error:
            return Examined(fault="own-policy", reason=str(error))
    try:
        file = disclosure_parse(data)
    except LedgerError as error:
        return Examined(fault="file", reason=str(error))
    if fault := _imposter(file):
        return fault
    latest = int(at.timestamp()) + TOLERANCE_S
    try:
        shown = file.verify(own, latest=latest)
    except LedgerError as error:
        return Examined(fault=_fault(file, own or file.policy, latest), reason=str(error))
    return _examined(file, shown, own)


def _imposter(file: Disclosure) -> Examined | None:
    """Refuse a file that names another key for a log of ours: our log's name, somebody else's."""
    for party in file.policy.logs:
        known = known_log(party.key.name)
        if known is not None and known.vkey != party.key.text:
            return Examined(
                fault="imposter", reason=f"{party.key.text} is not the key of the log {party.key.name}."
            )
    return None


def _examined(file: Disclosure, shown: Shown, own: Policy | None) -> Examined:
    policy = own or file.policy
    head = shown.verdict.checkpoint
    known = known_log(head.origin)
    tier = known_tier(head.origin, key_id=shown.leaf.author.key_id) if known else ""
    ours = known is not None and any(key.text == known.vkey for key in shown.verdict.logs)
    return Examined(
        shown=shown,
        hash=leaf_hash(file.leaf).hex(),
        trust="own" if own else "known" if ours else "inside",
        log_keys=tuple(key.text for key in shown.verdict.logs),
        witnesses=tuple(
            Seen(
                name=name,
                key=_short(policy.witnesses[name].key),
                at=_moment(seconds),
                known=known is not None and policy.witnesses[name].key.text in known.witness_vkeys,
            )
            for name, seconds in sorted(shown.verdict.witnesses.items())
        ),
        asked=len(policy.witnesses),
        tier="" if shown.author is None else tier or ("device" if shown.leaf.author.is_device else "hosted"),
        tier_known=bool(tier),
    )


def _fault(file: Disclosure, policy: Policy, latest: int) -> str:
    """Find the first part that does not hold, in the order of the verifier."""
    note = file.proof.note

    def known() -> None:
        origin = checkpoint_parse(note.body).origin
        if origin not in {party.key.name for party in policy.logs}:
            raise Malformed(origin)

    def own_signature() -> None:
        origin = checkpoint_parse(note.body).origin
        note_verify(note, [party.key for party in policy.logs if party.key.name == origin])

    leaf = leaf_hash(file.leaf)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("leaf", lambda: leaf_parse(file.leaf)),
        ("unknown-log", known),
        ("no-log-signature", own_signature),
        ("signature", lambda: note_verify(note, policy.keys)),
        ("few-witnesses", lambda: policy.evaluate(note, latest=latest)),
        ("inclusion", lambda: file.proof.verify(leaf, policy)),
        ("opening", lambda: _openings(file)),
        ("author", lambda: replace(file, province=None).verify(policy, latest=latest)),
    ]
    for code, step in steps:
        try:
            step()
        except LedgerError:
            return code
    return "province"


def _openings(file: Disclosure) -> None:
    commitments = leaf_parse(file.leaf).commitments
    for group, opening in file.opened.items():
        opening.check(commitments.get(group, b""), group=group)


def _short(key: VerifierKey) -> str:
    return f"{key.name}+{key.id.hex()}"


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None  # a time that no calendar has
