"""Every change: showing the history of one thing to a partner."""

from datetime import datetime
from uuid import UUID

from lienmach.kernel.evidence.queries import event_get
from lienmach.kernel.identity.services import link_issue
from lienmach.kernel.scope import OrganisationScope

SUBJECT_READ = "proof.subject_read"


def subject_share(scope: OrganisationScope, *, leaf: UUID, at: datetime) -> str:
    """Make a link that shows a partner everything recorded about the thing this leaf is about.

    Its holder sees the public and partner groups and takes proof files of them; never the private group.
    The secret is returned once.

    Raises
    ------
    EventNotFound
    """
    scope.require("proof.link_share")
    event = event_get(scope, event_id=leaf)
    return link_issue(scope, permission=SUBJECT_READ, subject=event.subject, at=at)
