"""Pseudonyms: what evidence calls a person. Random, per organisation, resolved only by the member table."""

import secrets

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_pseudonym() -> str:
    """Return a new pseudonym: `p-` and 12 letters without look-alikes (59 bits)."""
    return "p-" + "".join(secrets.choice(_LETTERS) for _ in range(12))
