"""Whom one believes (C2SP tlog-policy): which logs, which witnesses, and how many of them.

A policy is trusted because the verifier chose it. One that arrives with a proof says what the sender thinks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .checkpoints import Checkpoint, checkpoint_parse
from .encoding import decimal
from .errors import Malformed, Rejected
from .keys import KeyType, VerifierKey, vkey_parse
from .notes import Note, note_verify

MAX_POLICY_SIZE = 1_000_000
NONE = "none"
_LOG_TYPES = (KeyType.ED25519, KeyType.COSIGNATURE_MLDSA44)
_WITNESS_TYPES = (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_MLDSA44)


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness: its key and, when somebody wrote it down, its address."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as one witness when ``threshold`` of its members do."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A checkpoint that satisfies a policy, and who vouches for it."""

    checkpoint: Checkpoint
    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, int]
    """Name in the policy -> time of its cosignature (POSIX seconds, the latest if it gave several)."""

    @property
    def witnessed(self) -> bool:
        """False while only the log itself vouches: then it is a signed database."""
        return bool(self.witnesses)


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and groups by name, and the name that has to be satisfied (``none``: nobody)."""

    logs: tuple[Party, ...]
    witnesses: Mapping[str, Party]
    groups: Mapping[str, Group]
    quorum: str

    @property
    def keys(self) -> list[VerifierKey]:
        """Every key the policy names."""
        return [party.key for party in (*self.logs, *self.witnesses.values())]

    @property
    def text(self) -> str:
        """The policy file; groups stand behind what they name."""
        lines = [_words("log", party.key.text, party.url) for party in self.logs]
        lines += [
            _words("witness", name, party.key.text, party.url) for name, party in self.witnesses.items()
        ]
        lines += [
            _words("group", name, str(group.threshold), *group.members) for name, group in self.groups.items()
        ]
        return "".join(f"{line}\n" for line in (*lines, f"quorum {self.quorum}"))

    def satisfied_by(self, witnesses: Mapping[str, int]) -> bool:
        """Whether these witnesses, by their names in the policy, are enough."""
        holding = set(witnesses)
        for name, group in self.groups.items():
            if len(holding.intersection(group.members)) >= group.threshold:
                holding.add(name)
        return self.quorum == NONE or self.quorum in holding

    def evaluate(self, note: Note, *, latest: int | None = None) -> Verdict:
        """Check a checkpoint against the policy.

        Parameters
        ----------
        note
            The signed checkpoint.
        latest
            POSIX seconds after which a cosignature's time is refused (the verifier's clock and some
            tolerance); None accepts any time.

        Raises
        ------
        Rejected
            With the reason: unknown log, a signature that does not hold, too few witnesses.
        """
        head = checkpoint_parse(note.body)
        keys = {party.key for party in self.logs if party.key.name == head.origin}
        if not keys:
            raise Rejected(f"The policy knows no log {head.origin!r}.")
        verified = note_verify(note, self.keys)
        logs = tuple(dict.fromkeys(one.key for one in verified if one.key in keys))
        if not logs:
            raise Rejected(f"The checkpoint bears no signature of its log {head.origin}.")
        if not head.is_possible:
            raise Rejected("The checkpoint claims an empty tree with the root of another.")
        names = {party.key: name for name, party in self.witnesses.items()}
        times: dict[str, int] = {}
        for one in verified:
            # Time 0 makes no statement that the tree was the largest one seen: it does not witness.
            if one.key in names and one.time:
                if latest is not None and one.time > latest:
                    raise Rejected(f"The cosignature of {one.key.name} is from the future.")
                times[names[one.key]] = max(one.time, times.get(names[one.key], 0))
        if not self.satisfied_by(times):
            seen = ", ".join(sorted(times)) or "nobody"
            raise Rejected(f"Too few witnesses: the policy asks for {self.quorum!r}, cosigned by {seen}.")
        return Verdict(head, logs, times)


def policy_parse(data: bytes) -> Policy:
    """Read a policy file.

    Raises
    ------
    Malformed
        With the number of the line and what is wrong there.
    """
    if len(data) > MAX_POLICY_SIZE:
        raise Malformed(f"A policy of {len(data)} bytes; at most {MAX_POLICY_SIZE} are read.")
    if re.search(rb"[^\t\n\x20-\x7e\x80-\xff]", data):
        raise Malformed("A policy has no control characters but tab and newline.")
    # Bytes above 127 are opaque: surrogate escapes keep different bytes different.
    text = data.decode("utf-8", "surrogateescape")
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        words = [word for word in re.split("[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            reading.take(words)
        except Malformed as error:
            raise Malformed(f"Policy, line {number}: {error}") from error
    if reading.quorum is None:
        raise Malformed("The policy has no quorum line.")
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


def policy_of_entities(
    logs: Sequence[VerifierKey], entities: Mapping[str, Sequence[VerifierKey]], threshold: int
) -> Policy:
    """A policy that asks for ``threshold`` different legal entities, however many keys each holds.

    Entities are named by a word each; their keys become ``<entity>.1``, ``<entity>.2`` …
    """
    witnesses = {
        f"{entity}.{number}": Party(key)
        for entity, keys in entities.items()
        for number, key in enumerate(keys, start=1)
    }
    groups = {
        entity: Group(1, tuple(f"{entity}.{number}" for number in range(1, len(keys) + 1)))
        for entity, keys in entities.items()
    }
    if threshold:
        groups["quorum"] = Group(threshold, tuple(entities))
    policy = Policy(tuple(Party(key) for key in logs), witnesses, groups, "quorum" if threshold else NONE)
    return policy_parse(policy.text.encode("utf-8", "surrogateescape"))


class _Reading:
    """What the lines so far defined."""

    def __init__(self) -> None:
        self.logs: list[Party] = []
        self.witnesses: dict[str, Party] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._keys: dict[bytes, str] = {}
        self._grouped: set[str] = set()

    def take(self, words: list[str]) -> None:
        kind, *rest = words
        match kind, rest:
            case "log", [vkey, *url] if len(url) <= 1:
                self.logs.append(self._party(vkey, url, _LOG_TYPES, "log"))
            case "witness", [name, vkey, *url] if len(url) <= 1:
                self._new(name)
                self.witnesses[name] = self._party(vkey, url, _WITNESS_TYPES, "witness")
            case "group", [name, count, *members] if members:
                self._new(name)
                self.groups[name] = self._group(count, members)
            case "quorum", [name]:
                if self.quorum is not None:
                    raise Malformed("a second quorum line.")
                if name != NONE:
                    self._known(name)
                self.quorum = name
            case (("log" | "witness" | "group" | "quorum"), _):
                raise Malformed(f"'{kind}' with {len(rest)} words behind it.")
            case _:
                raise Malformed(f"{kind!r} is none of log, witness, group, quorum.")

    def _party(self, vkey: str, url: list[str], types: tuple[KeyType, ...], what: str) -> Party:
        key = vkey_parse(vkey)
        if key.type not in types:
            raise Malformed(f"a key of type {key.type:#04x} is not one of a {what}.")
        # One key under two names would count twice; a log's key cannot witness the log.
        if key.public in self._keys:
            raise Malformed(
                f"the key of {key.name} stands already in the policy, for {self._keys[key.public]}."
            )
        self._keys[key.public] = key.name
        return Party(key, url[0] if url else None)

    def _group(self, count: str, members: list[str]) -> Group:
        for member in members:
            self._known(member)
            if member in self._grouped:
                raise Malformed(f"{member!r} is a member already.")
            self._grouped.add(member)
        if count in ("all", "any"):
            threshold = len(members) if count == "all" else 1
        else:
            threshold = decimal(count, what="the group's number")
        if not 1 <= threshold <= len(members):
            raise Malformed(f"{threshold} of {len(members)} members.")
        return Group(threshold, tuple(members))

    def _new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise Malformed(f"the name {name!r} is taken.")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Malformed(f"{name!r} is not defined above.")


def _words(*words: str | None) -> str:
    return " ".join(word for word in words if word is not None)
