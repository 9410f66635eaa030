"""Every change to the register; each is one transaction and records its events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lienmach.apps.registry.events import ClaimRequested, EnterpriseClaimed, EnterpriseRegistered
from lienmach.apps.registry.models import Claim, Enterprise
from lienmach.apps.registry.queries import EnterpriseNotFound, area_rows
from lienmach.apps.registry.sheets import ENTERPRISES, Entry, entries
from lienmach.apps.registry.taxcode import normalised
from lienmach.kernel.evidence import NewEvent, Origin, record, record_many
from lienmach.kernel.i18n.fold import fold
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.ids import uuid7
from lienmach.kernel.places.services import locations_create
from lienmach.kernel.scope import AreaScope, OrganisationScope
from lienmach.kernel.sheets import Problem, Rejected, Severity, import_workbook


class ClaimRefused(Exception):
    """The claim cannot be; the message is for the person."""


@dataclass(frozen=True)
class ImportResult:
    """What an import did. With an error among the problems it did nothing."""

    added: int
    known: int
    problems: tuple[Problem, ...]

    @property
    def done(self) -> bool:
        """Say whether anything was imported."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def enterprise_import(scope: AreaScope, *, content: bytes, at: datetime) -> ImportResult:
    """Add the enterprises of a workbook to the register: all of them, or none and every reason why.

    An enterprise whose tax code stands in this register already is left as it is and counted as known.
    """
    scope.require("registry.enterprise_import")
    read = import_workbook(content, ENTERPRISES)
    if isinstance(read, Rejected):
        more = entries(scope, read.readable)[1] if read.readable else []
        return ImportResult(0, 0, (*read.problems, *more))
    found, problems = entries(scope, read)
    result = ImportResult(0, 0, (*read.warnings, *problems))
    if not result.done:
        return result
    known = set(
        Enterprise.objects.filter(organisation_id=scope.organisation)
        .exclude(tax_code="")
        .values_list("tax_code", flat=True)
    )
    fresh = [entry for entry in found if not entry.tax_code or entry.tax_code not in known]
    enterprises_register(scope, found=fresh, at=at)
    return ImportResult(len(fresh), len(found) - len(fresh), result.problems)


@transaction.atomic
def enterprises_register(scope: AreaScope, *, found: list[Entry], at: datetime) -> list[UUID]:
    """Make entries, each at a location of its own."""
    scope.require("registry.enterprise_import")
    rows: list[Enterprise] = []
    by_day: dict[object, list[Entry]] = {}
    for entry in found:
        by_day.setdefault(entry.registered_on, []).append(entry)
    for _on, some in sorted(by_day.items(), key=lambda pair: str(pair[0])):
        day = some[0].registered_on
        locations = locations_create(scope, units=[entry.unit.id for entry in some], on=day, at=at)
        rows += [_entry(scope, entry, location, at) for entry, location in zip(some, locations, strict=True)]
    events = record_many(
        scope,
        [NewEvent(body=_said(row), subject=f"enterprise:{row.id}", time=at) for row in rows],
        at=at,
    )
    for row, event in zip(rows, events, strict=True):
        row.event = event.event_id
        row.clean_fields(exclude=["organisation"])
    Enterprise.objects.bulk_create(rows, batch_size=500)
    return [row.id for row in rows]


def _entry(scope: AreaScope, entry: Entry, location: UUID, at: datetime) -> Enterprise:
    return Enterprise(
        id=uuid7(at),
        organisation_id=scope.organisation,
        name=entry.name,
        folded=fold(entry.name),
        kind=entry.kind,
        tax_code=entry.tax_code,
        industry=entry.industry,
        address=entry.address,
        location=location,
        unit=entry.unit.id,
        unit_name=entry.unit.full_name,
        registered_on=entry.registered_on,
    )


def _said(row: Enterprise) -> EnterpriseRegistered:
    return EnterpriseRegistered(
        enterprise=str(row.id),
        location=str(row.location),
        unit=row.unit,
        valid_from=row.registered_on,
        kind=row.kind,
        industry=row.industry,
    )


@transaction.atomic
def claim_request(scope: OrganisationScope, *, tax_code: str, at: datetime) -> UUID:
    """Say that the entry with this tax code is the organisation's own; return the claim.

    Raises
    ------
    ClaimRefused
        When there is no such entry, or it or the organisation is linked already.
    """
    scope.require("registry.claim_request")
    code = normalised(tax_code)
    row = Enterprise.objects.filter(tax_code=code).order_by("registered_on", "id").first() if code else None
    if row is None:
        raise ClaimRefused(
            _("No entry of the register has the tax code %(code)s. Ask your province to add it.")
            % {"code": code or "–"}
        )
    if row.claimed_by is not None:
        raise ClaimRefused(_("This entry is linked to an organisation already."))
    if Enterprise.objects.filter(claimed_by=scope.organisation).exists():
        raise ClaimRefused(_("Your organisation is linked to an entry already."))
    standing = Claim.objects.within(scope).filter(enterprise=row, decided_at=None).first()
    if standing is not None:
        return standing.id
    claim = Claim(id=uuid7(at), organisation_id=scope.organisation, enterprise=row, asked_at=at)
    claim.full_clean()
    claim.save(force_insert=True)
    record(scope, ClaimRequested(enterprise=str(row.id)), subject=f"enterprise:{row.id}", time=at, at=at)
    return claim.id


@transaction.atomic
def claim_decide(scope: AreaScope, *, claim: UUID, accept: bool, at: datetime) -> UUID:
    """Confirm or refuse a claim on an entry of the area; return the entry.

    Evidence counts for the entry from its first day in the register: the organisation was the same firm then.

    Raises
    ------
    EnterpriseNotFound
        When the entry lies outside the area.
    ClaimRefused
        When the entry was linked in the meantime.
    """
    scope.require("registry.claim_decide")
    asked = Claim.objects.select_for_update().filter(id=claim, decided_at=None).first()
    row = area_rows(scope).select_for_update().filter(id=asked.enterprise_id).first() if asked else None
    if asked is None or row is None:
        raise EnterpriseNotFound(f"No open claim {claim} in your area.")
    asked.decided_at, asked.accepted = at, accept
    asked.save()
    if not accept:
        return row.id
    if row.claimed_by is not None or Enterprise.objects.filter(claimed_by=asked.organisation_id).exists():
        raise ClaimRefused(_("This entry or this organisation is linked already."))
    event = record(
        scope,
        EnterpriseClaimed(
            enterprise=str(row.id), organisation=str(asked.organisation_id), valid_from=row.registered_on
        ),
        subject=f"enterprise:{row.id}",
        time=at,
        at=at,
        origin=Origin.CONFIRMED,
    )
    row.claimed_by, row.claimed_on, row.claim_event = asked.organisation_id, row.registered_on, event.event_id
    row.save()
    # An officer has looked: where the platform does not know yet where the organisation stands, it does now.
    Organisation.objects.filter(id=asked.organisation_id, unit="").update(unit=row.unit)
    return row.id
