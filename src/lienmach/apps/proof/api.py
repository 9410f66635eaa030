"""The log for programs: /api/v1/o/<organisation>/proof/…

Checking a file needs no account: post it to /verify/ and ask for JSON.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema

from lienmach.apps.proof import queries
from lienmach.kernel.evidence.log.proofs import NotProvable
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.api import Problem
from lienmach.kernel.web.doors import door

router = Router()


class LeafOut(Schema):
    """A leaf of the log; `origin` is empty for the log's own leaves, which sign batches."""

    leaf: UUID
    kind: str
    time: datetime
    origin: str
    actor: str
    tier: str
    index: int | None
    stage: str
    witnesses: list[str]


class LeavesOut(Schema):
    """Some leaves, newest first; `asked` are the witnesses that the installation asks."""

    log: str
    size: int
    total: int
    asked: list[str]
    held: str
    leaves: list[LeafOut]


class GroupOut(Schema):
    """A salted commitment, and whether its content is open, erased, missing or altered."""

    group: str
    commitment: str
    state: str


class LeafRecordOut(LeafOut):
    """A leaf whole: its bytes as text, its hash and commitments, and its way to the published root."""

    log: str
    text: str
    hash: str
    author_key: str
    groups: list[GroupOut]
    published_size: int | None
    root: str | None
    path: list[str]


class WitnessOut(Schema):
    """A witness: what it cosigned last, and, while it fails, since when and what came of asking it last.

    A former witness is not asked any more.
    """

    name: str
    size: int | None
    at: datetime | None
    behind: int
    former: bool
    failing_since: datetime | None
    reason: str


class HealthOut(Schema):
    """The state of the log; `advice` says what to do next, `nothing` when all is well."""

    log: str
    size: int
    waiting: int
    oldest_waiting: datetime | None
    signed: int
    signed_at: datetime | None
    published: int
    witnessed: int
    witnesses: list[WitnessOut]
    held: str
    advice: str


@router.get("leaves", response=LeavesOut, operation_id="proof_leaves")
@door("proof.log_read")
def leaves(
    request: HttpRequest,
    scope: OrganisationScope,
    kind: str = "",
    stage: Literal["", "pending", "sequenced", "checkpointed", "witnessed"] = "",
    offset: int = Query(0, ge=0, le=10_000_000),
    limit: int = Query(100, ge=1, le=1000),
) -> LeavesOut:
    """The organisation's log, newest first."""
    page = queries.leaves(scope, kind=kind, stage=stage, offset=offset, limit=limit)
    return LeavesOut(
        log=page.log,
        size=page.size,
        total=page.total,
        asked=list(page.asked),
        held=page.held,
        leaves=[LeafOut(**_line(line)) for line in page.lines],
    )


@router.get("leaves/{leaf}", response=LeafRecordOut, operation_id="proof_leaf")
@door("proof.log_read")
def leaf(request: HttpRequest, scope: OrganisationScope, leaf: UUID) -> LeafRecordOut:
    """One leaf; its content is read as an event."""
    try:
        found = queries.leaf(scope, leaf=leaf).leaf
    except EventNotFound as error:
        raise Http404("leaf") from error
    way = found.inclusion
    return LeafRecordOut(
        **_line(found.line),
        log=found.log,
        text=found.text,
        hash=found.hash,
        author_key=found.author_key,
        groups=[
            GroupOut(group=each.group, commitment=each.commitment, state=each.state) for each in found.groups
        ],
        published_size=way.size if way else None,
        root=way.root if way else None,
        path=list(way.path) if way else [],
    )


@router.get("leaves/{leaf}/file", response={200: Any, 409: Problem}, operation_id="proof_file")
@door("proof.file_download")
def file(
    request: HttpRequest, scope: OrganisationScope, leaf: UUID, show: str = "public", province: bool = False
) -> Any:
    """The offline proof of a leaf; `show` names the groups to open, `province` adds the provincial log."""
    groups = [group for group in queries.GROUPS if group in show.split(",")]
    try:
        data = queries.proof_file(scope, leaf=leaf, groups=groups, province=province)
    except EventNotFound as error:
        raise Http404("leaf") from error
    except NotProvable as error:
        return 409, Problem(detail=str(error))
    return HttpResponse(data, content_type="application/json")


@router.get("health", response=HealthOut, operation_id="proof_health")
@door("proof.health_read")
def health(request: HttpRequest, scope: OrganisationScope) -> HealthOut:
    """How the log is doing, and what to do next."""
    found = queries.health(scope, at=timezone.now()).log
    names = HealthOut.model_fields.keys() - {"witnesses", "advice"}
    return HealthOut(
        **{name: getattr(found, name) for name in names},
        witnesses=[
            WitnessOut(
                name=each.name,
                size=each.size,
                at=each.at,
                behind=each.behind,
                former=not each.url,
                failing_since=each.failing_since,
                reason=each.reason,
            )
            for each in found.witnesses
        ],
        advice=found.advice.value,
    )


def _line(line: Any) -> dict[str, Any]:
    return {
        "leaf": line.leaf,
        "kind": line.kind,
        "time": line.time,
        "origin": line.origin.value if line.origin else "",
        "actor": line.actor,
        "tier": line.tier,
        "index": line.index,
        "stage": line.stage.value,
        "witnesses": list(line.witnesses),
    }
