"""The columns and fields that pages read, computed again from the leaf and its openings."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.engines.ledger.leaf import time_text
from lienmach.kernel.evidence.envelope import ERASED
from lienmach.kernel.evidence.log.agreement import strictly
from lienmach.kernel.evidence.log.leaves import envelope
from lienmach.kernel.evidence.models import EventRecord


def changed_columns(
    event: EventRecord, header: Header, opened: Mapping[str, dict[str, Any]], groups: set[str]
) -> Iterator[str]:
    """Name each column of an event that is not what its leaf and openings give."""
    if event.type != header.kind:
        yield "column type"
    if time_text(event.time) != header.time:
        yield "column time"
    for group, columns in envelope(event).items():
        if group not in opened:
            continue
        said = {name: value for name, value in opened[group].items() if name != "body"}
        yield from (
            f"column {name}"
            for name in sorted({*said, *columns})
            if strictly(said.get(name)) != strictly(columns.get(name))
        )
    try:
        stored = json.loads(event.body)
    except ValueError:
        yield "column body"
        return
    if not isinstance(stored, dict):
        yield "column body"
        return
    hidden = stored.pop(ERASED, [])
    said = {name: value for content in opened.values() for name, value in content.get("body", {}).items()}
    if set(opened) != groups - set(hidden):
        # A damaged body was reported already; what it held cannot be compared.
        yield from (
            f"field {name}" for name in sorted(said) if strictly(stored.get(name)) != strictly(said[name])
        )
        return
    absent = object()
    yield from (
        f"field {name}"
        for name in sorted({*said, *stored})
        if strictly(stored.get(name, absent)) != strictly(said.get(name, absent))
    )
