"""Reads across organisations are recorded: the firm can see who looked at what, and on which ground."""

from datetime import datetime
from uuid import UUID

from lienmach.kernel.evidence.models import ReadRecord
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import AreaScope, OrganisationScope


def read_record(
    scope: OrganisationScope | AreaScope, *, owner: UUID, what: str, ground: str, at: datetime
) -> None:
    """Keep that the scope's organisation read `what` of `owner` on the `ground` of a consent or public rule.

    Reading one's own data leaves no record.
    """
    if owner == scope.organisation:
        return
    ReadRecord.objects.create(
        id=uuid7(at),
        at=at,
        reader=scope.organisation,
        actor=scope.actor,
        owner=owner,
        what=what,
        ground=ground,
    )
