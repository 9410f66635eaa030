"""Which keys this installation vouches for: of its logs, their authors, its witnesses, former ones too."""

from dataclasses import dataclass

from lienmach.kernel.evidence.log.files import VKEY, files_of
from lienmach.kernel.evidence.log.standing_of_log import installed_policy
from lienmach.kernel.evidence.models import AuthorKey, Log


@dataclass(frozen=True, kw_only=True)
class KnownLog:
    """A log of this installation: its key, and the keys of those who witness it or did."""

    vkey: str
    witness_vkeys: frozenset[str]


def known_log(origin: str) -> KnownLog | None:
    """Return what we publish about the log with this origin; None when it is not one of ours."""
    log = Log.objects.filter(origin=origin).first()
    if log is None:
        return None
    policy = installed_policy(log)
    return KnownLog(
        vkey=(files_of(origin).read(VKEY) or b"").decode().strip(),
        witness_vkeys=frozenset(party.key.text for party in policy.witnesses.values())
        if policy
        else frozenset(),
    )


def known_tier(origin: str, *, key_id: str) -> str:
    """Return who holds an author's key of a log of ours; empty when we do not know the key."""
    row = AuthorKey.objects.filter(log__origin=origin, key_id=key_id).first()
    return row.tier if row else ""
