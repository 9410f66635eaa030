"""Every read of the register: an area's entries, one entry, and the firm's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from lienmach.apps.registry.models import Claim, Enterprise
from lienmach.kernel.i18n.fold import fold
from lienmach.kernel.identity.queries import organisation_get
from lienmach.kernel.places import queries as places
from lienmach.kernel.scope import AreaScope, OrganisationScope, Scope

SORTS = {"name": "folded", "tax_code": "tax_code", "unit_name": "unit_name", "registered_on": "registered_on"}


class EnterpriseNotFound(LookupError):
    """There is no such entry within the scope."""


@dataclass(frozen=True)
class EnterpriseRow:
    """An entry as lists show it."""

    id: UUID
    name: str
    kind: str
    tax_code: str
    industry: str
    address: str
    unit: str
    unit_name: str
    place_now: str
    """Its place on the scope's day; empty when the change of map does not decide it."""
    registered_on: date
    claimed_by: UUID | None


@dataclass(frozen=True)
class OpenClaim:
    """A claim that waits for an officer."""

    id: UUID
    organisation: UUID
    organisation_name: str
    organisation_tax_code: str
    asked_at: datetime


@dataclass(frozen=True)
class EnterprisePage:
    """An entry with its place on today's map and what is linked to it."""

    row: EnterpriseRow
    location: UUID
    event: UUID
    claim_event: UUID | None
    organisation_name: str
    claims: tuple[OpenClaim, ...]


@dataclass(frozen=True)
class OwnEntry:
    """What the register says about the organisation, and what it has asked for."""

    entry: EnterpriseRow | None
    asked: EnterpriseRow | None
    asked_at: datetime | None
    tax_code: str


def area_rows(scope: AreaScope) -> QuerySet[Enterprise]:
    """Return the entries whose unit lies in the scope's area; for this app's own use."""
    units = places.units_of_area(scope, unit=scope.unit, at=scope.at)
    rows: QuerySet[Enterprise] = Enterprise.objects.filter(unit__in=units)
    return rows


def enterprise_list(
    scope: AreaScope,
    *,
    search: str = "",
    unit: str = "",
    kind: str = "",
    linked: str = "",
    sort: str = "name",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = 50,
) -> tuple[list[EnterpriseRow], int]:
    """Return one page of the area's entries, and how many there are in all.

    Parameters
    ----------
    search
        Words of the name, or the beginning of a tax code, however the marks are written.
    unit
        A unit within the area.
    linked
        `yes` or `no`.
    """
    scope.require("registry.enterprise_read")
    rows = area_rows(scope)
    for word in fold(search).split():
        rows = rows.filter(Q(folded__contains=word) | Q(tax_code__startswith=word))
    if unit:
        rows = rows.filter(unit__in=places.units_of_area(scope, unit=unit, at=scope.at))
    if kind:
        rows = rows.filter(kind=kind)
    if linked:
        rows = rows.filter(claimed_by__isnull=linked == "no")
    total = rows.count()
    key = SORTS.get(sort, "folded")
    rows = rows.order_by(f"-{key}" if descending else key, "id")
    page = list(rows[offset : offset + limit] if limit else rows)
    return _rows(scope, page, scope.at), total


def enterprise_get(scope: AreaScope, *, enterprise: UUID) -> EnterprisePage:
    """Return one entry of the area or raise `EnterpriseNotFound`."""
    scope.require("registry.enterprise_read")
    row = area_rows(scope).filter(id=enterprise).first()
    if row is None:
        raise EnterpriseNotFound(f"No enterprise {enterprise} in your area.")
    claims = Claim.objects.select_related("organisation").filter(enterprise=row, decided_at=None)
    return EnterprisePage(
        row=_rows(scope, [row], scope.at)[0],
        location=row.location,
        event=row.event,
        claim_event=row.claim_event,
        organisation_name=organisation_get(scope, organisation=row.claimed_by).name if row.claimed_by else "",
        claims=tuple(
            OpenClaim(
                claim.id,
                claim.organisation_id,
                claim.organisation.name,
                claim.organisation.tax_code,
                claim.asked_at,
            )
            for claim in claims.order_by("asked_at")
        ),
    )


def own_entry(scope: OrganisationScope, *, at: datetime) -> OwnEntry:
    """Return what the register says about the scope's own organisation."""
    scope.require("registry.own_read")
    row = Enterprise.objects.filter(claimed_by=scope.organisation).first()
    claim = Claim.objects.within(scope).filter(decided_at=None).select_related("enterprise").first()
    return OwnEntry(
        entry=_rows(scope, [row], at.date())[0] if row else None,
        asked=_rows(scope, [claim.enterprise], at.date())[0] if claim else None,
        asked_at=claim.asked_at if claim else None,
        tax_code=organisation_get(scope, organisation=scope.organisation).tax_code,
    )


def communes_of(scope: AreaScope) -> list[places.Unit]:
    """Return the units right below the area, for filters; none for a commune."""
    return places.unit_children(scope, unit=scope.unit, at=scope.at)


def _rows(scope: Scope, rows: Sequence[Enterprise], day: date) -> list[EnterpriseRow]:
    now = places.units_now(scope, units={row.unit for row in rows}, at=day)
    return [
        EnterpriseRow(
            id=row.id,
            name=row.name,
            kind=row.kind,
            tax_code=row.tax_code,
            industry=row.industry,
            address=row.address,
            unit=row.unit,
            unit_name=row.unit_name,
            place_now=now[row.unit].full_name if row.unit in now else "",
            registered_on=row.registered_on,
            claimed_by=row.claimed_by,
        )
        for row in rows
    ]


class Register:
    """Answers other apps' questions about an area's register; see `kernel.ports.EnterpriseRegister`."""

    def registered(self, scope: AreaScope) -> int:
        """Return how many enterprises stand in the area's register."""
        return area_rows(scope).count()

    def organisations(self, scope: AreaScope) -> frozenset[UUID]:
        """Return the organisations that claimed an enterprise of the area."""
        claimed = area_rows(scope).values_list("claimed_by", flat=True)
        return frozenset(firm for firm in claimed if firm is not None)


REGISTER = Register()
