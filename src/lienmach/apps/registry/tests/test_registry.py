"""The register: all of a workbook or none of it, seen by its area only, and linked by two yeses."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter

from lienmach.apps.registry import queries, services
from lienmach.apps.registry.models import Enterprise
from lienmach.apps.registry.taxcode import is_personal, is_sound, normalised
from lienmach.kernel import ports
from lienmach.kernel.evidence.models import EventRecord
from lienmach.kernel.places import queries as places
from lienmach.kernel.places.services import places_load
from lienmach.kernel.scope import Denied, SystemScope

SYSTEM = SystemScope()
HEADINGS = ["Tên doanh nghiệp", "Mã số thuế", "Xã, phường", "Tỉnh, thành phố", "Có tên từ ngày"]
NEW = date(2025, 7, 1)


@pytest.fixture
def area(world: Any) -> Any:
    """The officer of the new Ho Chi Minh City."""
    places_load(SYSTEM)
    city = places.unit_with_code(SYSTEM, code="79", level="province", at=NEW)
    return world.area(world.organisation(kind="agency", jurisdiction=city.id), city.id)


def workbook(*rows: list[Any]) -> bytes:
    """A register as a province keeps it."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Doanh nghiệp")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)  # type: ignore[arg-type]
            else:
                sheet.write(number, column, value)
    book.close()
    return file.getvalue()


CITY = "Thành phố Hồ Chí Minh"
GOOD = [
    ["Cơ khí Sáng", "0100109106", "phuong thu dau mot", CITY, NEW],
    ["Hộ May Vá", "", "25747", "", date(2025, 8, 1)],
    ["Xưởng Cũ", "9900000016", "Phường Phú Hòa", "Tỉnh Bình Dương", date(2024, 5, 1)],
]


def test_a_workbook_becomes_entries_with_locations_and_events(world: Any, area: Any) -> None:
    """Places are found by name at the row's own day: old names on old days."""
    result = services.enterprise_import(area, content=workbook(*GOOD), at=world.at)
    assert result.done and (result.added, result.known) == (3, 0), result.problems
    rows, total = queries.enterprise_list(area)
    assert total == 3 and [row.name for row in rows] == ["Cơ khí Sáng", "Hộ May Vá", "Xưởng Cũ"]
    assert (
        rows[0].unit == rows[1].unit
        and rows[2].unit_name == "Phường Phú Hòa, Thành phố Thủ Dầu Một, Tỉnh Bình Dương"
    )
    events = EventRecord.objects.filter(type="registry.enterprise_registered")
    assert events.count() == 3 and {event.organisation for event in events} == {area.organisation}
    again = services.enterprise_import(area, content=workbook(*GOOD[:1]), at=world.at)
    assert (again.added, again.known) == (0, 1)


def test_a_bad_workbook_is_refused_whole_with_every_cell(world: Any, area: Any) -> None:
    """Unknown and ambiguous places, a tax code twice; doubts about check digits do not stop it."""
    result = services.enterprise_import(
        area,
        content=workbook(
            ["Hai nơi", "", "Tân An", "", NEW],
            GOOD[0],
            ["Không rõ", "", "Atlantis", CITY, NEW],
            ["Trùng", "0100109106", "25747", "", NEW],
            ["Nghi ngờ", "0100109107", "25747", "", NEW],
            ["Hộ", "012345678901", "25747", "", NEW],
        ),
        at=world.at,
    )
    codes = [problem.code for problem in result.problems]
    assert not result.done and result.added == 0 and not Enterprise.objects.exists()
    assert sorted(codes) == [
        "personal_number",
        "place_ambiguous",
        "place_unknown",
        "tax_code_doubtful",
        "tax_code_twice",
    ]
    assert {problem.cell for problem in result.problems} == {"C2", "C4", "B5", "B6", "B7"}


def test_search_ignores_marks_and_filters_count(world: Any, area: Any) -> None:
    services.enterprise_import(area, content=workbook(*GOOD), at=world.at)
    for text in ("co khi", "CƠ KHÍ", "sang co", "01001"):
        rows, total = queries.enterprise_list(area, search=text)
        assert total == 1 and rows[0].name == "Cơ khí Sáng"
    assert queries.enterprise_list(area, linked="yes")[1] == 0
    rows, total = queries.enterprise_list(area, sort="name", descending=True, limit=1)
    assert total == 3 and rows[0].name == "Xưởng Cũ"


def test_another_area_sees_nothing(world: Any, area: Any) -> None:
    """An entry is seen where its unit lies, not where a code says."""
    services.enterprise_import(area, content=workbook(*GOOD), at=world.at)
    other = places.unit_with_code(SYSTEM, code="24", level="province", at=NEW)
    stranger = world.area(world.organisation(kind="agency", jurisdiction=other.id), other.id)
    assert queries.enterprise_list(stranger) == ([], 0)
    with pytest.raises(queries.EnterpriseNotFound):
        queries.enterprise_get(stranger, enterprise=Enterprise.objects.first().id)
    commune = places.unit_with_code(SYSTEM, code="25747", level="commune", at=NEW)
    ward = world.area(world.organisation(kind="agency", jurisdiction=commune.id), commune.id)
    assert {row.name for row in queries.enterprise_list(ward)[0]} >= {"Cơ khí Sáng", "Hộ May Vá"}
    assert ports.ask(ports.EnterpriseRegister).registered(stranger) == 0


def test_a_claim_needs_the_firm_and_the_officer(world: Any, area: Any) -> None:
    """Both say yes, each in their own log; then the firm sees its entry and the number counts it."""
    services.enterprise_import(area, content=workbook(*GOOD), at=world.at)
    firm = world.scope(world.organisation())
    with pytest.raises(services.ClaimRefused):
        services.claim_request(firm, tax_code="9999", at=world.at)
    claim = services.claim_request(firm, tax_code="MST: 0100109106", at=world.at)
    assert services.claim_request(firm, tax_code="0100109106", at=world.at) == claim
    assert (
        queries.own_entry(firm, at=world.at).entry is None
        and queries.own_entry(firm, at=world.at).asked is not None
    )
    entry = services.claim_decide(area, claim=claim, accept=True, at=world.at)
    own = queries.own_entry(firm, at=world.at).entry
    assert own is not None and own.id == entry and own.claimed_by == firm.organisation
    events = {
        event.type: event.organisation for event in EventRecord.objects.filter(type__startswith="registry.")
    }
    assert events["registry.claim_requested"] == firm.organisation
    assert events["registry.enterprise_claimed"] == area.organisation
    assert ports.ask(ports.EnterpriseRegister).organisations(area) == {firm.organisation}
    other = world.scope(world.organisation())
    with pytest.raises(services.ClaimRefused):
        services.claim_request(other, tax_code="0100109106", at=world.at)


def test_roles_do_what_they_may(world: Any, area: Any) -> None:
    with pytest.raises(Denied):
        queries.own_entry(world.scope(world.organisation(), role="operator"), at=world.at)
    operator = world.area(
        world.organisation(kind="agency", jurisdiction=area.unit), area.unit, role="operator"
    )
    with pytest.raises(Denied):
        queries.enterprise_list(operator)
    with pytest.raises(Denied):
        services.enterprise_import(operator, content=b"", at=world.at)


def test_pages_walk_from_the_workbook_to_the_link(world: Any, area: Any, client: Any) -> None:
    """Import, list, export, claim, confirm; as people click."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from lienmach.kernel.identity.models import Membership, Organisation

    officer = Membership.objects.get(organisation_id=area.organisation)
    firm = world.organisation()
    owner = world.member(firm)
    slug = Organisation.objects.get(id=area.organisation).slug
    client.force_login(officer.person)
    home = f"/o/{slug}/registry/"
    bad = SimpleUploadedFile("dn.xlsx", workbook(["X", "", "Atlantis", CITY, NEW]))
    answer = client.post(f"{home}import/", {"file": bad})
    assert answer.status_code == 422 and "C2" in answer.content.decode()
    answer = client.post(
        f"{home}import/", {"file": SimpleUploadedFile("dn.xlsx", workbook(*GOOD))}, follow=True
    )
    assert "Cơ khí Sáng" in answer.content.decode()
    assert client.get(f"{home}?format=csv").content.decode("utf-8-sig").count("\n") == 4
    assert client.get(f"{home}template/").status_code == 200
    assert client.get(f"/api/v1/o/{slug}/registry/enterprises?search=co").json()["total"] == 1
    client.force_login(owner.person)
    assert client.get(f"/o/{firm.slug}/registry/own/").status_code == 200
    assert client.post(f"/o/{firm.slug}/registry/own/claim/", {"tax_code": "1"}).status_code == 422
    client.post(f"/o/{firm.slug}/registry/own/claim/", {"tax_code": "0100109106"})
    client.force_login(officer.person)
    entry = Enterprise.objects.get(tax_code="0100109106")
    page = client.get(f"{home}{entry.id}/").content.decode()
    assert firm.name in page
    claim = entry.claims.get()
    client.post(f"{home}claims/{claim.id}/", {"decision": "accept"})
    entry.refresh_from_db()
    assert entry.claimed_by == firm.id
    client.force_login(owner.person)
    assert "Cơ khí Sáng" in client.get(f"/o/{firm.slug}/registry/own/").content.decode()
    assert client.get(home).status_code == 404


def test_tax_codes_as_people_write_them() -> None:
    assert normalised("MST: 01 0010 9106") == "0100109106"
    assert normalised("O100109106") == "0100109106" and normalised("100109106") == "0100109106"
    assert normalised("0100109106001") == "0100109106-001"
    assert is_sound("0100109106") and not is_sound("0100109107")
    assert is_personal("012345678901")
