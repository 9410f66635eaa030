"""The two ways in which what somebody handed over is not good."""


class LedgerError(Exception):
    """What was handed over cannot be relied on; the message says why."""


class Malformed(LedgerError, ValueError):
    """It is not in the format it claims: nothing was checked."""


class Rejected(LedgerError):
    """It is in its format, and it does not prove what it claims."""
