"""The demonstration's register: generated firms around the two workshops, some of them at work here."""

from collections import Counter
from datetime import date

from lienmach.apps.registry.queries import area_rows
from lienmach.apps.registry.services import claim_decide, claim_request, enterprises_register
from lienmach.apps.registry.sheets import Entry
from lienmach.kernel.apps import permissions_of
from lienmach.kernel.demo import Demo, GeneratedFirm
from lienmach.kernel.identity.services import organisation_register
from lienmach.kernel.places import queries as places
from lienmach.kernel.scope import OrganisationScope, SystemScope

LINKED = 24
"""Most generated firms that work here and have evidence; the rest show what coverage means."""
NEIGHBOURHOODS = 4
"""They stand in so few communes, so that some numbers by commune have enough firms to be shown."""
MAP_SINCE = date(2025, 7, 1)
OWN_TAX_CODES = {"workshop": "9900000016", "second": "9900000023"}


def load(demo: Demo) -> None:
    """Fill the register, link both workshops and some of the generated firms."""
    area = demo.area()
    units = places.units_of_area(area, unit=area.unit, at=area.at)
    communes = {unit.code: unit for unit in places.units_named(area, units=units, at=area.at).values()}
    own = {key: _own_entry(demo, key, code) for key, code in OWN_TAX_CODES.items()}
    firms = [_entry(firm, communes[firm.commune]) for firm in demo.enterprises]
    enterprises_register(area, found=[*own.values(), *firms], at=demo.at)
    demo.say(f"registry: {len(firms) + len(own)} generated enterprises")
    for key, entry in own.items():
        _link(demo, key, entry)
    for number, entry in enumerate(_neighbours(own["workshop"], firms)):
        key = f"firm-{number}"
        demo.organisations[key] = organisation_register(
            SystemScope(),
            name=entry.name,
            kind="enterprise",
            slug=f"mau-{number}",
            tax_code=entry.tax_code,
            unit=entry.unit.id,
            at=demo.at,
        )
        _link(demo, key, entry)
    demo.say(f"registry: {area_rows(area).exclude(claimed_by=None).count()} of them work here")


def _neighbours(workshop: Entry, firms: list[Entry]) -> list[Entry]:
    """Return the firms to link: of the workshop's commune and of those where most firms stand."""
    largest = [code for code, _ in Counter(entry.unit.code for entry in firms).most_common(NEIGHBOURHOODS)]
    near = {workshop.unit.code, *largest}
    return [entry for entry in firms if entry.unit.code in near][:LINKED]


def _link(demo: Demo, key: str, entry: Entry) -> None:
    firm = OrganisationScope(
        actor="demo", granted=permissions_of("owner"), organisation=demo.organisations[key].id
    )
    claim = claim_request(firm, tax_code=entry.tax_code, at=demo.at)
    claim_decide(demo.area(), claim=claim, accept=True, at=demo.at)


def _own_entry(demo: Demo, key: str, tax_code: str) -> Entry:
    organisation = demo.organisations[key]
    return Entry(
        name=organisation.name,
        tax_code=tax_code,
        kind="enterprise",
        address="Địa chỉ mẫu",
        industry="2814",
        registered_on=MAP_SINCE,
        unit=places.unit_get(demo.area(), unit=organisation.unit, at=MAP_SINCE),
    )


def _entry(firm: GeneratedFirm, commune: places.Unit) -> Entry:
    """An entry on the map of today: the day of registration is not before that map."""
    return Entry(
        name=firm.name,
        tax_code=firm.tax_code,
        kind={"cooperative": "cooperative", "household": "household"}.get(firm.form, "enterprise"),
        address="Địa chỉ mẫu",
        industry=firm.industry,
        registered_on=max(firm.established, MAP_SINCE),
        unit=commune,
    )
