"""A table shows, finds, sorts, cuts into pages and exports what its columns declare."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.tables import Column, Filter, Kind, Table


@dataclass
class Row:
    """A row with every kind of value."""

    number: str
    customer: str
    quantity: int | None
    value: int
    due: date | None
    seen: datetime
    lasts: timedelta
    on_time: float
    state: tuple


def rows():
    """Three rows: one ordinary, one that starts like a formula, one that knows little."""
    seen = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)
    return [
        Row(
            "B-2",
            "Đồng Xanh",
            1200,
            5_000_000,
            date(2026, 12, 1),
            seen,
            timedelta(hours=2),
            0.5,
            (Meaning.GOOD, "ok"),
        ),
        Row("A-1", "=1+1", None, 1, None, seen, timedelta(minutes=5), 1.0, (Meaning.BAD, "late")),
        Row("C-3", "Ất Giáp", 30, 7, date(2026, 1, 5), seen, timedelta(0), 0.0, (Meaning.IDLE, "")),
    ]


TABLE = Table(
    "orders",
    title="Orders",
    columns=(
        Column("number", "Order", Kind.CODE, href=lambda row: f"/x/{row.number}"),
        Column("customer", "Customer"),
        Column("quantity", "Quantity", Kind.NUMBER, unit="pieces"),
        Column("value", "Value", Kind.MONEY),
        Column("due", "Due", Kind.DATE),
        Column("seen", "Seen", Kind.DATETIME),
        Column("lasts", "Lasts", Kind.DURATION),
        Column("on_time", "On time", Kind.SHARE),
        Column("state", "State", Kind.BADGE),
    ),
    filters=(Filter("state", "State", choices=[("good", "Good"), ("bad", "Bad")]),),
    search=("number", "customer"),
    size=2,
)


def shown(rf, address="/t/", table=TABLE):
    """Return the numbers of the rows on the page."""
    view = table.view(rows(), rf.get(address))
    return [row.cells[0].html for row in view.rows]


def order(rf, address):
    """Return the rows' numbers, whole list."""
    query = TABLE.query(rf.get(address).GET)
    return [row.number for row in TABLE.chosen(rows(), query)]


def test_search_ignores_marks_and_case(rf):
    """People type without diacritics on a foreign keyboard."""
    assert order(rf, "/t/?q=dong xanh") == ["B-2"]
    assert order(rf, "/t/?q=AT giap") == ["C-3"]
    assert order(rf, "/t/?q=nobody") == []


def test_unknown_values_come_last_both_ways(rf):
    """Unknown is neither the least nor the most."""
    assert order(rf, "/t/?sort=quantity") == ["C-3", "B-2", "A-1"]
    assert order(rf, "/t/?sort=-quantity") == ["B-2", "C-3", "A-1"]
    assert order(rf, "/t/?sort=-due") == ["B-2", "C-3", "A-1"]


def test_badges_sort_worst_first(rf):
    """Unknown stands before good: it must not hide behind it."""
    assert order(rf, "/t/?sort=state") == ["A-1", "C-3", "B-2"]


def test_vietnamese_sorts_by_its_letters(rf):
    assert order(rf, "/t/?sort=customer") == ["A-1", "C-3", "B-2"]


@pytest.mark.parametrize(
    "address",
    [
        "/t/?sort=password",
        "/t/?page=-1",
        "/t/?page=999",
        "/t/?page=٣",
        "/t/?state=<x>",
        "/t/?page=9999999999999",
    ],
)
def test_nonsense_in_the_address_still_shows_the_list(rf, address):
    """An old or mistyped link is not an error."""
    assert TABLE.view(rows(), rf.get(address)).rows


def test_links_keep_the_rest_of_the_address(rf):
    """Sorting keeps the search, searching keeps the sort, and both start at the first page."""
    view = TABLE.view(rows(), rf.get("/t/?q=a&sort=number&page=2&other=1"))
    number = view.heads[0]
    assert number.sort == "ascending"
    assert number.url == "/t/?q=a&sort=-number&other=1#orders"
    assert ("sort", "number") in view.kept
    assert ("other", "1") in view.kept
    assert not {"q", "page", "format"} & {name for name, _value in view.kept}


def test_two_tables_on_a_page_keep_apart(rf):
    second = Table("second", columns=TABLE.columns, prefix="b-", size=2)
    view = second.view(rows(), rf.get("/t/?sort=number&page=2&b-sort=-number"))
    assert view.rows[0].cells[0].html.endswith(">C-3</a>")
    assert "sort=number" in view.page.next_url


def test_cells_are_escaped(rf):
    evil = [
        Row(
            "<b>",
            "<script>",
            1,
            1,
            None,
            datetime(2026, 1, 1, tzinfo=UTC),
            timedelta(0),
            0,
            (Meaning.BAD, "<i>"),
        )
    ]
    html = render_to_string("web/components/table.html", {"view": TABLE.view(evil, rf.get("/t/"))})
    assert "<script>" not in html
    assert "<i>" not in html


def test_empty_tables_say_what_comes_and_filtered_ones_how_to_go_back(rf):
    html = render_to_string("web/components/table.html", {"view": TABLE.view([], rf.get("/t/"))})
    assert 'class="empty"' in html
    assert "<table" not in html
    html = render_to_string("web/components/table.html", {"view": TABLE.view(rows(), rf.get("/t/?q=nobody"))})
    assert 'href="/t/"' in html


def test_a_page_cut_by_a_query_is_taken_as_it_is(rf):
    """Long lists are searched and cut in the database."""
    view = TABLE.view(rows()[:2], rf.get("/t/?page=3"), total=60_000)
    assert len(view.rows) == 2
    assert view.page.number == 3
    with override("vi"):
        assert "60.000" in TABLE.view(rows()[:2], rf.get("/t/?page=3"), total=60_000).page.range_text


def test_no_export_unless_asked(rf):
    assert TABLE.export(rows(), rf.get("/t/")) is None
    assert TABLE.export(rows(), rf.get("/t/?format=exe")) is None


def test_csv_has_every_row_and_runs_nothing(rf):
    """Excel needs the mark at the start; a cell that starts like a formula must stay text."""
    with override("vi"):
        response = TABLE.export(
            rows(), rf.get("/t/?format=csv&page=2"), at=datetime(2026, 11, 21, tzinfo=UTC)
        )
    body = response.content
    assert body.startswith(b"\xef\xbb\xbf")
    lines = body.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "'=1+1" in lines[2]
    assert 'filename="orders-2026-11-21.csv"' in response["Content-Disposition"]


def test_xlsx_has_numbers_as_numbers_and_dates_as_dates(rf):
    """Whoever exports wants to reckon on."""
    calamine = pytest.importorskip("python_calamine")
    response = TABLE.export(rows(), rf.get("/t/?format=xlsx&sort=number"))
    sheet = calamine.CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0)
    heads, first, second, *_rest = sheet.to_python()
    assert heads[2] == "Quantity (pieces)"
    assert first[0] == "A-1"
    assert second[2] == 1200
    assert second[3] == 5_000_000
    assert second[4] == date(2026, 12, 1)
    assert second[5] == datetime(2026, 11, 21, 1, 5)  # Vietnam's wall clock
    assert second[7] == 50
    assert second[8] == "ok"
