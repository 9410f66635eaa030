"""The demonstration's register: generated firms around the two workshops. No name in it belongs to
anybody."""

from datetime import date, timedelta
from random import Random

from stdnum.vn import mst

from lienmach.apps.registry.queries import area_rows
from lienmach.apps.registry.services import claim_decide, claim_request, enterprises_register
from lienmach.apps.registry.sheets import Entry
from lienmach.kernel.apps import permissions_of
from lienmach.kernel.demo import Demo
from lienmach.kernel.identity.services import organisation_register
from lienmach.kernel.places import queries as places
from lienmach.kernel.scope import OrganisationScope, SystemScope

TRADES = (
    ("Cơ khí", "2592"),
    ("Vòng bi", "2814"),
    ("Nhựa kỹ thuật", "2220"),
    ("Bao bì", "1702"),
    ("Gỗ nội thất", "310"),
    ("May mặc", "1410"),
    ("Thực phẩm", "1079"),
    ("Điện tử", "2610"),
    ("Vận tải", "4933"),
    ("Phần mềm", "6201"),
)
WORDS = (
    "An",
    "Bách",
    "Cẩm",
    "Dương",
    "Đại",
    "Gia",
    "Hòa",
    "Khánh",
    "Lâm",
    "Minh",
    "Nam",
    "Phú",
    "Quang",
    "Sơn",
)
SECOND = (
    "Cường",
    "Đạt",
    "Giang",
    "Hưng",
    "Khoa",
    "Lợi",
    "Mỹ",
    "Nguyên",
    "Phát",
    "Thịnh",
    "Thuận",
    "Vinh",
    "Xuân",
)
FORMS = (("Công ty TNHH", "enterprise"), ("Công ty CP", "enterprise"), ("HTX", "cooperative"))
DAYS = 12
ONE_IN = 50
"""One registered firm in so many works here and has evidence; the rest show what coverage means."""


def load(demo: Demo) -> None:
    """Fill the register, link both workshops and some of the generated firms."""
    chance = demo.random("registry")
    scope = demo.area()
    days = [demo.at.date() - timedelta(days=60 + 110 * step) for step in range(DAYS)]
    communes = {day: _communes(demo, day) for day in days}
    own = [_workshop_entry(demo, key, number) for number, key in enumerate(("workshop", "second"))]
    found = own + [_generated(chance, number, chance.choice(days), communes) for number in range(demo.firms)]
    enterprises_register(scope, found=found, at=demo.at)
    demo.say(f"registry: {len(found)} generated enterprises")
    linked = max(8, demo.firms // ONE_IN)
    for number, entry in enumerate(found[: linked + len(own)]):
        if number < len(own):
            organisation = demo.organisations[("workshop", "second")[number]]
        else:
            organisation = organisation_register(
                SystemScope(),
                name=entry.name,
                kind="enterprise",
                slug=f"mau-{number}",
                tax_code=entry.tax_code,
                unit=entry.unit.id,
                at=demo.at,
            )
            demo.organisations[f"firm-{number}"] = organisation
        firm = OrganisationScope(actor="demo", granted=permissions_of("owner"), organisation=organisation.id)
        claim = claim_request(firm, tax_code=entry.tax_code, at=demo.at)
        claim_decide(scope, claim=claim, accept=True, at=demo.at)
    demo.say(f"registry: {area_rows(scope).exclude(claimed_by=None).count()} of them work here")


def _communes(demo: Demo, day: date) -> list[places.Unit]:
    """Communes of the area on a day: on the old map those that lie in it as a whole."""
    area = demo.area()
    inside = places.units_of_area(area, unit=area.unit, at=area.at)
    units = places.units_named(area, units=inside, at=day).values()
    return sorted((unit for unit in units if unit.level == "commune"), key=lambda unit: unit.code)


def _tax_code(number: int) -> str:
    """A well-formed tax code under a prefix that no tax office has."""
    serial = f"99{number:07d}"
    while mst.calc_check_digit(serial) == "10":
        number += 50_000_000 // 7
        serial = f"99{number % 10_000_000:07d}"
    return serial + mst.calc_check_digit(serial)


def _workshop_entry(demo: Demo, key: str, number: int) -> Entry:
    organisation = demo.organisations[key]
    since = date(2025, 7, 1)
    return Entry(
        name=organisation.name,
        tax_code=_tax_code(number),
        kind="enterprise",
        address="Địa chỉ mẫu",
        industry="2814",
        registered_on=since,
        unit=places.unit_get(demo.area(), unit=organisation.unit, at=since),
    )


def _generated(chance: Random, number: int, day: date, communes: dict[date, list[places.Unit]]) -> Entry:
    form, kind = chance.choice(FORMS)
    trade, industry = chance.choice(TRADES)
    return Entry(
        name=f"{form} {trade} {chance.choice(WORDS)} {chance.choice(SECOND)} {number + 1} (mẫu)",
        tax_code=_tax_code(number + 100),
        kind=kind,
        address=f"{chance.randint(1, 400)} Đường Mẫu {chance.randint(1, 60)}",
        industry=industry,
        registered_on=day,
        unit=chance.choice(communes[day]),
    )
