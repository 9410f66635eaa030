"""Erasing content: the body and the salt of a group go, the leaf stays, and a logged event says why.

Without its salt a commitment says nothing about what it committed to, so every proof still verifies and shows
nothing. The database lets content go only where a row of `Erasure` names the logged event.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from lienmach.kernel.evidence.envelope import ERASED, Disclosure, disclosure_of
from lienmach.kernel.evidence.events import BodyErased
from lienmach.kernel.evidence.models import Erasure, EventRecord, Opening
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.evidence.types import UnknownType, type_named
from lienmach.kernel.evidence.writer import record
from lienmach.kernel.scope import OrganisationScope, SystemScope, organisation_of

COLUMNS = {Disclosure.PARTNER.value: "subject", Disclosure.PRIVATE.value: "actor"}
GONE = "erased"


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was erased, and the event that says so."""

    event_id: UUID
    events: int
    groups: tuple[str, ...]


def body_erase(
    scope: OrganisationScope | SystemScope,
    *,
    events: Sequence[UUID],
    groups: Sequence[str],
    ground: str,
    requester: str,
    at: datetime,
    organisation: UUID | None = None,
) -> Erased:
    """Erase these groups of these events of one organisation.

    Parameters
    ----------
    events, groups
        Which events; `partner` and `private`, or `public` too where the law asks for it.
    ground
        The legal reason, without any name: it is public and stays.
    requester
        Who asked, as a role or pseudonym; private.
    organisation
        Whose log; only the platform's own scope names it.

    Raises
    ------
    EventNotFound
        Naming every event that is not the organisation's.
    ValueError
        For an unknown group or a reason left out.
    """
    scope.require("evidence.body_erase")
    if not ground.strip() or not groups or set(groups) - {group.value for group in Disclosure}:
        raise ValueError("An erasure names its legal ground, and groups of public, partner, private.")
    whose = organisation_of(scope, organisation)
    known = set(
        EventRecord.objects.filter(event_id__in=events, organisation=whose).values_list("event_id", flat=True)
    )
    if missing := [str(event) for event in events if event not in known]:
        raise EventNotFound(f"Not events of this organisation: {', '.join(missing)}.")
    with transaction.atomic():
        said = record(
            scope,
            BodyErased(
                events=[str(event) for event in events],
                groups=list(groups),
                ground=ground,
                requester=requester,
            ),
            subject="erasure:log",
            time=at,
            at=at,
            organisation=organisation,
        )
        for event in events:
            for group in groups:
                Erasure.objects.get_or_create(
                    event_id=event, group=group, defaults={"by": said.event_id, "at": at}
                )
        Opening.objects.filter(event_id__in=events, group__in=groups).delete()
        for row in EventRecord.objects.filter(event_id__in=events):
            _strip(row, groups)
    return Erased(event_id=said.event_id, events=len(events), groups=tuple(groups))


def _strip(row: EventRecord, groups: Sequence[str]) -> None:
    """Take what the groups held out of the event's own columns."""
    body = json.loads(row.body)
    try:
        fields = type_named(row.type).body.model_fields
    except UnknownType:
        fields = {}
    erased = sorted({*body.pop(ERASED, []), *groups})
    kept = {
        name: value
        for name, value in body.items()
        if (disclosure_of(fields[name]) if name in fields else Disclosure.PRIVATE).value not in erased
    }
    columns = {COLUMNS[group]: GONE for group in groups if group in COLUMNS}
    stored = json.dumps({**kept, ERASED: erased}, ensure_ascii=False)
    EventRecord.objects.filter(event_id=row.event_id).update(body=stored, **columns)


def free_pages() -> None:
    """Overwrite what deleted rows leave behind in the database's files. Outside any transaction.

    SQLite: free pages and the write-ahead log. PostgreSQL: dead rows; its archived WAL and base backups live
    until they are recycled, see the how-to page.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in ("evidence_opening", "evidence_eventrecord"):
                cursor.execute(f"VACUUM FULL {table}")
