"""From an event to its leaf: what the log commits to, and what lies beside it and can be erased.

=========  =========================================================================================
public     origin, version, time, recorded_at, corrects, retract, and the body's public fields
partner    subject, and the body's partner fields
private    actor, and the body's other fields
=========  =========================================================================================

The header holds the event's id, type, time in milliseconds and author key: nothing guessable, no names.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lienmach.engines.ledger.canonical import canonical, exact
from lienmach.engines.ledger.commitments import SALT_SIZE
from lienmach.engines.ledger.commitments import Opening as Opened
from lienmach.engines.ledger.errors import Malformed
from lienmach.engines.ledger.leaf import Author, time_text
from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.kernel.evidence.envelope import Disclosure, disclosure_of
from lienmach.kernel.evidence.log.keys import author_id
from lienmach.kernel.evidence.models import EventRecord
from lienmach.kernel.evidence.types import EventType


def leaf_of(row: EventRecord, declared: EventType) -> tuple[bytes, dict[str, Opened]]:
    """Return the bytes of an event's leaf, and what opens its commitments, with fresh salts."""
    groups = {
        name: Opened(secrets.token_bytes(SALT_SIZE), body_bytes(content))
        for name, content in contents(row, declared).items()
    }
    header = Header(
        event=str(row.event_id),
        kind=row.type,
        time=time_text(row.time),
        author=Author(author_id(row.organisation)),
        commitments={name: opened.commitment for name, opened in groups.items()},
    )
    return header.to_bytes(), groups


def contents(row: EventRecord, declared: EventType) -> dict[str, dict[str, Any]]:
    """Return what each disclosure group of the event holds."""
    groups: dict[str, dict[str, Any]] = envelope(row)
    for group in groups.values():
        group["body"] = {}
    fields = declared.body.model_fields
    for name, value in json.loads(row.body).items():
        group_name = disclosure_of(fields[name]) if name in fields else Disclosure.PRIVATE
        groups[group_name]["body"][name] = value
    return groups


def envelope(row: EventRecord) -> dict[str, dict[str, Any]]:
    """Return the columns of an event as its groups hold them; absent ones are absent, never null."""
    public: dict[str, Any] = {
        "origin": row.origin,
        "recorded_at": moment(row.recorded_at),
        "time": moment(row.time),
        "version": row.version,
    }
    if row.corrects is not None:
        public["corrects"] = str(row.corrects)
    if row.retract:
        public["retract"] = True
    return {
        Disclosure.PUBLIC.value: public,
        Disclosure.PARTNER.value: {"subject": row.subject},
        Disclosure.PRIVATE.value: {"actor": row.actor},
    }


def moment(at: datetime) -> str:
    """Return a moment in UTC with all its microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def body_bytes(content: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of a group; RFC 8785, the fast way where no float stands in it."""
    try:
        return exact(content)
    except Malformed:
        return canonical(content)
