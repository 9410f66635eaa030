"""The register for programs: /api/v1/o/<organisation>/registry/…"""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from lienmach.apps.registry import queries
from lienmach.kernel.scope import AreaScope
from lienmach.kernel.web.doors import door

router = Router()


class EnterpriseOut(Schema):
    """An entry of the register."""

    id: UUID
    name: str
    kind: str
    tax_code: str
    industry: str
    unit: str
    unit_name: str
    place_now: str
    registered_on: date
    claimed_by: UUID | None


class EnterprisesOut(Schema):
    """One page of entries, and how many there are in all."""

    total: int
    enterprises: list[EnterpriseOut]


@router.get("enterprises", response=EnterprisesOut, operation_id="registry_enterprises")
@door("registry.enterprise_read", scope=AreaScope)
def enterprises(
    request: HttpRequest,
    scope: AreaScope,
    search: str = "",
    offset: int = Query(0, ge=0, le=10_000_000),
    limit: int = Query(100, ge=1, le=1000),
) -> EnterprisesOut:
    """The enterprises of the agency's area, by name."""
    rows, total = queries.enterprise_list(scope, search=search, offset=offset, limit=limit)
    return EnterprisesOut(total=total, enterprises=[EnterpriseOut.from_orm(row) for row in rows])
