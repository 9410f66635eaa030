"""Names that compiler, runner and readers of results share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNALLOCATED = "unallocated"
COUNTRY = "country"


def events_table(type_: str) -> str:
    """Table that holds the events of a type."""
    return "events__" + type_.replace(".", "__")


class Origins:
    """Who vouches for an event, and the column that counts it."""

    COLUMNS: Mapping[str, str] = MappingProxyType(
        {
            "origin_self_reported": "self-reported",
            "origin_instrument": "instrument",
            "origin_confirmed": "confirmed",
        }
    )
