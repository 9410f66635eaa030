"""Whom this installation asks to witness its logs: `witnesses.policy` in the data folder (tlog-policy).

Lines `witness <name> <vkey> <url>`, `group …`, one `quorum …`. Without the file nobody witnesses, and pages
say so. A checkpoint is published once the quorum has cosigned it; a witness outside the quorum is asked and
shown, and does not count. A line without an address keeps the key of a *former* witness: it is not asked any
more, and what it cosigned is still checked and shown.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from django.conf import settings

from lienmach.engines.ledger.errors import Malformed
from lienmach.engines.ledger.keys import VerifierKey, vkey_parse
from lienmach.engines.ledger.policy import NONE, Party, Policy, policy_parse
from lienmach.kernel.evidence.log.files import VKEY_MLDSA44, files_of

FILE = "witnesses.policy"


def policy_file() -> Path:
    """Return where the installation's policy stands, if it has one."""
    return Path(settings.DATA) / FILE


def policy_of(log: VerifierKey) -> Policy:
    """Return the installation's policy with this log in it.

    Raises
    ------
    Malformed
        Naming the file and the line.
    """
    path = policy_file()
    second = files_of(log.name).read(VKEY_MLDSA44)
    logs = (Party(log), *((Party(vkey_parse(second.decode().strip())),) if second else ()))
    if not path.is_file():
        return Policy(logs, {}, {}, NONE)
    try:
        policy = policy_parse(path.read_bytes())
        grouped = {member for group in policy.groups.values() for member in group.members}
        for name, party in policy.witnesses.items():
            if party.url is None and (name in grouped or name == policy.quorum):
                raise Malformed(
                    f"witness {name} has no address, so nobody asks it, and a group or the quorum names it. "
                    "Give its address; if it has stopped, take its name out there and keep this line."
                )
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error
    return replace(policy, logs=logs)


def asked(policy: Policy) -> Mapping[str, Party]:
    """Return the witnesses that are asked, by name: those with an address. The others are former ones."""
    return {name: party for name, party in policy.witnesses.items() if party.url is not None}


def witness_names() -> list[str]:
    """Return the names of the witnesses that this installation asks.

    Raises
    ------
    Malformed
        Naming the file and the line.
    """
    path = policy_file()
    try:
        return list(asked(policy_parse(path.read_bytes()))) if path.is_file() else []
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error


def weaknesses(policy: Policy, own: str) -> list[str]:
    """Say, for people, why a policy's quorum is worth less than it looks; empty when nothing is wrong.

    Whose witness one is tells the host in its key's name: `witness.example.vn/a` is of example.vn. What the
    installation's owner runs itself (`own`, a log's name) counts for nobody; keys of one owner count once.
    """
    if policy.quorum == NONE:
        return ["Nobody is asked to witness: this is only a signed database."]
    owner = {name: owner_of(party.key.name) for name, party in asked(policy).items()}
    mine = owner_of(own)
    words = [
        f"The witness {name} is run by the owner of this installation: it does not count."
        for name in sorted(name for name, whose in owner.items() if whose == mine)
    ]
    others = sorted(set(owner.values()) - {mine})
    needed = next(
        (
            count
            for count in range(len(others) + 1)
            for chosen in combinations(others, count)
            if policy.satisfied_by({name: 1 for name, whose in owner.items() if whose in {*chosen, mine}})
        ),
        0,
    )
    if needed < 2:
        words.append(
            f"The quorum {policy.quorum!r} is reached with {needed} owner of witnesses beside this "
            "installation; ask for at least two, from different legal entities."
        )
    return words


def owner_of(key_name: str) -> str:
    """Return the registered domain in a key's name, as far as the name tells."""
    labels = key_name.split("/")[0].split(":")[0].lower().split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if short else -2 :])


_SECOND_LEVEL = {"ac", "co", "com", "edu", "gov", "net", "org"}
