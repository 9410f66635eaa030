"""Places: every unit of every day, found by what people type, never by a bare code."""

import csv
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lienmach.kernel.places import queries, services
from lienmach.kernel.places.models import UnitVersion
from lienmach.kernel.scope import PublicScope, SystemScope

SYSTEM, ANYBODY = SystemScope(), PublicScope()
OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)
DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "programme"


@pytest.fixture
def places(db):
    return services.places_load(SYSTEM)


def at_level(day, level):
    return queries._on(day).filter(level=level).count()


def test_the_counts_of_every_map(places):
    """63 provinces, 705 districts, 10,599 communes; then fewer; since 1 July 2025 34, none and 3,321."""
    for day, counts in {
        date(2021, 11, 1): (63, 705, 10599),
        date(2025, 3, 1): (63, 696, 10035),
        NEW: (34, 0, 3321),
        date(2026, 11, 21): (34, 0, 3321),
    }.items():
        assert tuple(at_level(day, level) for level in queries.LEVELS) == counts
    assert not queries.atlas(SYSTEM).problems()
    again = services.places_load(SYSTEM)
    assert again.added == 0 and UnitVersion.objects.count() == again.versions


def test_a_code_is_another_unit_after_the_reform(places):
    """24 was Bắc Giang and is Bắc Ninh; 08 kept code and name, and is a wider territory all the same."""

    def province(code, day):
        return queries.unit_with_code(ANYBODY, code=code, level="province", at=day)

    assert province("24", OLD).name == "Tỉnh Bắc Giang" and province("24", NEW).name == "Tỉnh Bắc Ninh"
    assert province("24", OLD).id != province("24", NEW).id
    assert province("08", OLD).name == province("08", NEW).name
    assert province("08", OLD).id != province("08", NEW).id
    assert province("04", OLD).id == province("04", NEW).id
    with pytest.raises(queries.NoSuchUnit):
        province("74", NEW)
    # A rename is an interval of the same unit.
    assert province("75", date(2026, 4, 29)).id == province("75", date(2026, 4, 30)).id
    assert [each.name for each in queries.unit_versions(ANYBODY, unit=province("75", NEW).id)] == [
        "Tỉnh Đồng Nai",
        "Thành phố Đồng Nai",
    ]


def test_search_finds_what_people_type(places):
    """With and without marks, composed or not, abbreviated, with the province after a comma."""

    def names(text, day=NEW, level=""):
        return [unit.full_name for unit in queries.unit_search(ANYBODY, text=text, at=day, level=level)]

    hanoi = "Thành phố Hà Nội"
    assert names("ha noi")[0] == names("Hà Nội")[0] == names("HA\u0300 NO\u0323\u0302I")[0] == hanoi
    assert names("TP. Hà Nội")[0] == hanoi
    assert names("thu dau mot", level="commune") == ["Phường Thủ Dầu Một, Thành phố Hồ Chí Minh"]
    assert names("dai dinh", OLD) == names("Đại Đình", OLD) != []
    assert names("") == []


def test_a_name_resolves_only_when_one_unit_answers(places):
    def resolve(text, **kwargs):
        return queries.unit_resolve(ANYBODY, text=text, at=kwargs.pop("at", NEW), level="commune", **kwargs)

    assert resolve("phường Thủ Dầu Một").code == "25747"
    assert resolve("25747").code == "25747" and resolve("4").name == "Phường Ba Đình"
    assert resolve("Tân An", province="Cà Mau").above == ("Tỉnh Cà Mau",)
    with pytest.raises(queries.AmbiguousUnit, match="province"):
        resolve("Tân An")
    with pytest.raises(queries.NoSuchUnit):
        resolve("Atlantis")


def test_locations_follow_whole_changes_and_stop_at_splits(places):
    """Old Bình Dương: a commune that went whole is placed on the new map, a split one in its province
    only."""
    at = datetime(2025, 3, 1, tzinfo=UTC)
    old = queries.unit_with_code(ANYBODY, code="74", level="province", at=OLD)
    communes = [
        unit
        for unit in queries.units_named(
            ANYBODY, units=queries.units_below(ANYBODY, unit=old.id, at=OLD), at=OLD
        ).values()
        if unit.level == "commune"
    ]
    assert len(communes) == 91
    split = [
        one
        for one in communes
        if {edge.relation for edge in queries.unit_successors(ANYBODY, unit=one.id)} == {"part"}
    ]
    assert len(split) == 16
    made = services.locations_create(SYSTEM, units=[one.id for one in communes], on=date(2025, 3, 1), at=at)
    flat = queries.location_memberships(
        SYSTEM, levels=("province", "commune"), known_before=datetime(2026, 1, 1, tzinfo=UTC)
    )
    city = queries.unit_with_code(ANYBODY, code="79", level="province", at=NEW)
    now = [row for row in flat if NEW in row.valid]
    assert {row.location for row in now if row.level == "province" and row.unit == city.id} == {
        str(location) for location in made
    }
    placed = {row.unit for row in now if row.level == "commune"}
    assert len([row for row in now if row.level == "commune"]) == 91 - 16 and len(placed) <= 36
    assert not queries.location_memberships(SYSTEM, levels=("commune",), known_before=at)


def test_the_shipped_table_says_what_its_source_says(places):
    """Every interval of the source is there, name and code, on its first day."""
    if not DATA.is_dir():
        pytest.skip(f"reference data is not at {DATA}; set LIENMACH_TEST_DATA")
    with (DATA / "vn_admin_units_versioned.csv").open(encoding="utf-8", newline="") as file:
        source = {
            (row["level"], row["code"], row["name_vi"], row["valid_from"]) for row in csv.DictReader(file)
        }
    ours = {(row.level, row.code, row.name, row.valid_from.isoformat()) for row in UnitVersion.objects.all()}
    assert source <= ours
