"""Whom this installation asks to witness its logs: `witnesses.policy` in the data folder (tlog-policy).

Lines `witness <name> <vkey> <url>`, `group …`, one `quorum …`. Without the file nobody witnesses, and pages
say so. A checkpoint is published once the quorum has cosigned it.
"""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from lienmach.engines.ledger.errors import Malformed
from lienmach.engines.ledger.keys import VerifierKey
from lienmach.engines.ledger.policy import NONE, Party, Policy, policy_parse

FILE = "witnesses.policy"


def policy_of(log: VerifierKey) -> Policy:
    """Return the installation's policy with this log in it.

    Raises
    ------
    Malformed
        Naming the file and the line.
    """
    path = Path(settings.DATA) / FILE
    if not path.is_file():
        return Policy((Party(log),), {}, {}, NONE)
    try:
        policy = policy_parse(path.read_bytes())
        for name, party in policy.witnesses.items():
            if party.url is None:
                raise Malformed(f"witness {name} has no address.")
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error
    return replace(policy, logs=(Party(log),))
