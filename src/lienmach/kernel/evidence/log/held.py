"""A log that is held takes no leaves and signs nothing, until an operator has looked at it."""

from typing import NoReturn

from lienmach.engines.ledger.errors import Rejected
from lienmach.kernel.evidence.models import Log


class Held(Rejected):
    """The log signs nothing; the message says why and what to do."""


def hold(log: Log, reason: str) -> NoReturn:
    """Stop the log from taking leaves and signing, and say so.

    Raises
    ------
    Held
        Always.
    """
    remedy = "Nothing is signed. `lienmach evidence resume` says what is missing and how to catch up."
    Log.objects.filter(id=log.id).update(held=reason)
    raise Held(f"{log.origin}: {reason} {remedy}")
