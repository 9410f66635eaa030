"""Sheets and headings as people write them; what holds between rows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from lienmach.kernel.sheets import (
    Column,
    Imported,
    Kind,
    Problem,
    Rejected,
    Sheet,
    Text,
    Workbook,
    import_workbook,
    problem_table,
)
from lienmach.kernel.sheets.tests.test_hostile import repacked, sheet_xml
from lienmach.kernel.sheets.tests.workshop import (
    MACHINE_HEADS,
    ORDER_HEADS,
    STEP_HEADS,
    WORKSHOP,
    small,
    written,
)

ORDER = ["D1", "A", 10, date(2026, 12, 1), "Cao"]


def problems(content: bytes, *codes: str) -> list[Problem]:
    """The problems of an import, which must be exactly these."""
    result = import_workbook(content, WORKSHOP)
    found = list(result.warnings if isinstance(result, Imported) else result.problems)
    assert [problem.code for problem in found] == list(codes), [str(problem) for problem in found]
    return found


def imported(content: bytes) -> Imported:
    result = import_workbook(content, WORKSHOP)
    assert isinstance(result, Imported), [str(problem) for problem in result.problems]
    return result


def test_the_message_of_the_style_guide() -> None:
    """What is wrong, where, and what to do, in both languages."""
    content = small(orders=[ORDER_HEADS, ["D1", "A", 10, "31/02/2026", "Cao"]])
    (problem,) = problems(content, "not_a_date")
    assert (problem.sheet, problem.row, problem.column, problem.cell) == ("Đơn hàng", 2, "Hạn giao", "D2")
    assert problem.value == "31/02/2026"
    assert problem.reason == "'31/02/2026' is not a date."
    assert problem.remedy == "Write it as 28/02/2026 or 2026-02-28."
    with override("vi"):
        (problem,) = problems(content, "not_a_date")
    assert problem.reason == "“31/02/2026” không phải là ngày."
    assert problem.remedy == "Hãy viết là 28/02/2026 hoặc 2026-02-28."


@pytest.mark.parametrize(
    "headings",
    [
        ["ORDER", "item *", "Quantity (pcs)", "DUE  DATE:", "priority"],
        ["ma don", "Mã\nhàng", "so luong", "deadline", "Uu tien"],
        ["Mã đơn / Order", "Mã hàng | Item", "1. Số lượng", "Hạn giao (dd/mm)", "Ưu tiên"],
        ["order", "item", "quantity", "due", "priority"],
    ],
)
def test_headings_in_any_language_and_shape(headings: list[str]) -> None:
    """Case, diacritics, units, numbering, line breaks and two languages in one cell do not matter."""
    assert imported(small(orders=[headings, ORDER]))["orders"][0]["priority"] == "high"


def test_columns_in_any_order_with_strangers_between() -> None:
    """A column that nobody knows is named, with what it may have been meant to be."""
    heads = ["Hạn giao", "Phụ trách", "Mã hàng", "Khách hang hàng", "Số lượng", "Mã đơn"]
    content = small(orders=[heads, [date(2026, 12, 1), "Hoa", "A", "Cty X", 5, "D1"]])
    first, second = problems(content, "unknown_column", "unknown_column")
    assert (first.cell, first.value) == ("B1", "Phụ trách")
    assert (second.cell, second.remedy) == ("D1", "If 'Khách hàng' is meant, write that.")
    assert imported(content)["orders"][0]["quantity"] == 5


def test_missing_columns_are_named_once() -> None:
    """Not once per row."""
    content = small(orders=[["Mã đơn", "Mã hàng"], ["D1", "A"], ["D2", "A"]])
    first, second = problems(content, "missing_column", "missing_column")
    assert first.column == "Quantity" and second.column == "Due date"
    assert "in row 1" in first.remedy


def test_a_column_twice() -> None:
    """Which of the two holds the truth is not ours to guess."""
    content = small(orders=[[*ORDER_HEADS, "Quantity"], [*ORDER, 99]])
    (problem,) = problems(content, "duplicate_column")
    assert (problem.cell, problem.reason) == ("F1", "'Quantity' names the same column as cell C1.")


def test_merged_headings() -> None:
    """A heading that spans two rows stands in the upper one; a group heading stands above two."""

    def merged(tab: Any, row: int, column: int, book: Any) -> None:
        tab.merge_range(row, column, row + 1, column, "Mã đơn")

    def group(tab: Any, row: int, column: int, book: Any) -> None:
        tab.merge_range(row, column, row, column + 1, "Đặt hàng")

    heads: list[list[Any]] = [
        [merged, group, "", "Hạn", "Ưu tiên"],
        [None, "Mã hàng", "Số lượng", "giao", ""],
        ORDER,
    ]
    assert dict(imported(small(orders=heads))["orders"][0])["due"] == date(2026, 12, 1)


def test_no_headings_at_all() -> None:
    """Says which headings are needed."""
    (problem,) = problems(small(orders=[ORDER]), "no_headings")
    assert "Order; Item; Quantity; Due date" in problem.remedy


def test_a_heading_counts_before_an_alias() -> None:
    """What one column is called may be what people call another where that one is missing."""
    code = Column("code", Kind.CODE, Text(vi="Mã máy", en="Machine"), aliases=("Tên máy",))
    name = Column("name", Kind.TEXT, Text(vi="Tên máy", en="Machine name"))
    book = Workbook("b", Text(vi="B", en="B"), [Sheet("m", Text(vi="Máy", en="Machines"), [code, name])])
    result = import_workbook(written({"Máy": [["Mã máy", "Tên máy"], ["M1", "Tiện 1"]]}), book)
    assert isinstance(result, Imported)
    assert dict(result["m"][0]) == {"code": "M1", "name": "Tiện 1"}


def test_values_without_a_heading_are_named() -> None:
    """Left out, but not in silence."""
    (problem,) = problems(small(orders=[ORDER_HEADS, [*ORDER, "", "ghi chú"]]), "no_heading")
    assert problem.cell == "G2"


def test_sheets_by_any_name() -> None:
    """Numbered, in English, in capitals; an unknown one is named, an empty one passed over."""
    content = written(
        {
            "1. MAY": [MACHINE_HEADS, ["M1", "Tiện"]],
            "items": [STEP_HEADS, ["A", 1, "M1", 1.5, 0.2]],
            "ĐƠN  HÀNG": [ORDER_HEADS, ORDER],
            "Sheet4": [],
            "Lương": [["Tên", "Tiền"], ["x", 1]],
        }
    )
    (problem,) = problems(content, "unknown_sheet")
    assert problem.sheet == "Lương"


def test_missing_and_doubled_sheets() -> None:
    """A required sheet is asked for by its title; of two that mean the same, one must go."""
    problems(written({"Máy": [MACHINE_HEADS, ["M1", "Tiện"]]}), "missing_sheet", "missing_sheet")
    problems(small(Orders=[ORDER_HEADS, ["D9", "A", 1, date(2026, 1, 1), ""]]), "duplicate_sheet")


def test_an_absent_optional_sheet_is_known_to_be_absent() -> None:
    """References into it are not held against the file; the caller decides what to assume."""
    content = written(
        {"Mặt hàng": [STEP_HEADS, ["A", 1, "Máy lạ", 1.5, 0.2]], "Đơn hàng": [ORDER_HEADS, ORDER]}
    )
    result = imported(content)
    assert result.missing == {"machines"}
    assert result["machines"] == ()


def test_one_sheet_needs_no_name() -> None:
    """A workbook of a single table is often called *Sheet1*."""
    alone = Workbook("alone", Text(vi="Danh sách", en="List"), [WORKSHOP.sheet("machines")])
    result = import_workbook(written({"Sheet1": [MACHINE_HEADS, ["M1", "Tiện"]]}), alone)
    assert isinstance(result, Imported)


def test_duplicates_name_the_first_row() -> None:
    """Codes are the same whatever their case."""
    orders = [ORDER_HEADS, ORDER, ["d1", "A", 3, date(2026, 12, 1), ""]]
    (problem,) = problems(small(orders=orders), "duplicate")
    assert (problem.cell, problem.reason) == ("A3", "'d1' already stands in row 2.")
    steps = [STEP_HEADS, ["A", 1, "M1", 1, 1], ["", 1, "M1", 2, 2]]
    (problem,) = problems(small(steps=steps), "duplicate")
    assert problem.reason == "'A · 1' already stands in row 2."


def test_empty_cells_below_a_code_repeat_it() -> None:
    """Steps of one item are listed under it, often with the code merged over them."""
    steps = [STEP_HEADS, ["A", 1, "M1", 1, 1], ["", 2, "M1", 2, 2], ["B", 1, "M1", 1, 1], ["", 2, "M1", 1, 1]]
    rows = imported(small(steps=steps))["steps"]
    assert [row["item"] for row in rows] == ["A", "A", "B", "B"]


def test_references_are_spelt_as_their_target() -> None:
    """One spelling behind the import, and a hint where a code is nearly right."""
    rows = imported(small(orders=[ORDER_HEADS, ["D1", " a ", 1, date(2026, 1, 1), ""]]))["orders"]
    assert rows[0]["item"] == "A"
    steps = [STEP_HEADS, ["VÒNG-6204", 1, "M1", 1, 1]]
    content = small(steps=steps, orders=[ORDER_HEADS, ["D1", "VONG-6204", 1, date(2026, 1, 1), ""]])
    (problem,) = problems(content, "dangling_reference")
    assert problem.remedy.startswith("Did you mean 'VÒNG-6204'?")


def test_zeros_that_a_spreadsheet_dropped() -> None:
    """Restored where the code is known, doubted where only its neighbours tell."""
    steps = [STEP_HEADS, ["0062", 1, "M1", 1, 1]]
    content = small(steps=steps, orders=[ORDER_HEADS, ["D1", 62, 1, date(2026, 1, 1), ""]])
    (problem,) = problems(content, "leading_zeros_restored")
    assert imported(content)["orders"][0]["item"] == "0062"
    assert problem.cell == "B2"
    codes = [ORDER_HEADS, ["001", *ORDER[1:]], [2, *ORDER[1:]], ["D3", *ORDER[1:]]]
    (problem,) = problems(small(orders=codes), "leading_zeros_lost")
    assert problem.cell == "A3"
    commune = Column("code", Kind.CODE, Text(vi="Mã xã", en="Commune"), digits=5, required=True)
    places = Workbook(
        "places", Text(vi="Xã", en="Communes"), [Sheet("c", Text(vi="Xã", en="Communes"), [commune])]
    )
    result = import_workbook(written({"c": [["Mã xã"], [27], ["00027"]]}), places)
    assert isinstance(result, Imported)
    assert [row["code"] for row in result["c"]] == ["00027", "00027"]
    assert [warning.code for warning in result.warnings] == ["leading_zeros_restored"]


def test_formulas_that_show_zero_are_doubted_when_nobody_calculated() -> None:
    """A program that cannot calculate writes 0 and asks Excel to do it on opening."""

    def zero(tab: Any, row: int, column: int, book: Any) -> None:
        tab.write_formula(row, column, "=1+1", None, 0)

    (problem,) = problems(small(steps=[STEP_HEADS, ["A", 1, "M1", 1, zero]]), "formula_doubtful")
    assert problem.cell == "E2"


def test_percentages_under_a_heading_in_percent() -> None:
    """A cell that shows 5 % holds 0.05; the column asks for 5. Elsewhere the number is as it is held."""
    scrap = Column("scrap", Kind.DECIMAL, Text(vi="Hỏng %", en="Scrap %"), minimum=0, maximum=90)
    share = Column("share", Kind.DECIMAL, Text(vi="Tỷ lệ", en="Share"))
    book = Workbook("b", Text(vi="B", en="B"), [Sheet("s", Text(vi="B", en="B"), [scrap, share])])

    def percent(tab: Any, row: int, column: int, book: Any) -> None:
        tab.write_number(row, column, 0.07, book.add_format({"num_format": "0.0%"}))

    rows = [["Hỏng %", "Tỷ lệ"], [percent, percent], [5, 0.5], ["7 %", "0,5"], ["7,5%", 1]]
    result = import_workbook(written({"B": rows}), book)
    assert isinstance(result, Imported), [str(problem) for problem in result.problems]
    assert [row["scrap"] for row in result["s"]] == [7, 5, 7, Decimal("7.5")]
    assert result["s"][0]["share"] == Decimal("0.07")


@pytest.mark.parametrize("number", ["1e400", "NaN", "-1e999"])
def test_numbers_beyond_all_bounds(number: str) -> None:
    """No spreadsheet shows them, a file can hold them."""
    heading = '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
    body = f'{heading}<row r="2"><c r="A2"><v>{number}</v></c></row>'
    content = repacked({"xl/worksheets/sheet1.xml": sheet_xml(body)})
    for kind in (Kind.INTEGER, Kind.DECIMAL, Kind.DURATION, Kind.DATE, Kind.TIME, Kind.CODE, Kind.BOOLEAN):
        book = Workbook(
            "b",
            Text(vi="B", en="B"),
            [Sheet("s", Text(vi="Máy", en="B"), [Column("n", kind, Text("n", "n"))])],
        )
        result = import_workbook(content, book)
        assert isinstance(result, Rejected)
        assert [problem.code for problem in result.errors] == ["not_a_number"]


def test_calculated_formulas_are_values() -> None:
    """The cached result is read."""

    def half(tab: Any, row: int, column: int, book: Any) -> None:
        tab.write_formula(row, column, "=1/2", None, 0.5)

    assert imported(small(steps=[STEP_HEADS, ["A", 1, "M1", 1, half]]))["steps"][0]["mass"] == Decimal("0.5")


def test_a_row_of_uncalculated_formulas_is_not_blank() -> None:
    """It looks empty to a reader of values."""

    def formula(tab: Any, row: int, column: int, book: Any) -> None:
        tab.write_formula(row, column, "=1+1", None, "")

    result = import_workbook(small(orders=[ORDER_HEADS, ORDER, [formula, formula]]), WORKSHOP)
    assert isinstance(result, Rejected)
    codes = {(problem.cell, problem.code) for problem in result.problems}
    assert {("A3", "formula_not_calculated"), ("B3", "formula_not_calculated"), ("C3", "required")} <= codes


def test_nothing_is_half_imported() -> None:
    """One bad cell among many good rows: no rows at all, and the warnings stay."""
    rows = [[f"D{number}", "A", 1, date(2026, 1, 1), ""] for number in range(50)]
    rows[30][2] = "nhiều"
    result = import_workbook(small(orders=[ORDER_HEADS, *rows, ["Tổng cộng"]]), WORKSHOP)
    assert isinstance(result, Rejected)
    assert not hasattr(result, "tables")
    assert [problem.cell for problem in result.errors] == ["C32"]
    assert [problem.code for problem in result.problems] == ["not_a_number", "total_row"]


def test_callers_report_what_only_they_can_see() -> None:
    """A cycle in a bill is found later, and stands at its cell all the same."""
    row = imported(small())["orders"][0]
    problem = row.problem("cycle", "item", reason="Circle.", remedy="Cut it.")
    assert (problem.sheet, problem.row, problem.column, problem.cell) == ("Đơn hàng", 2, "Mã hàng", "B2")
    (line,) = problem_table([problem])
    assert line["severity"] == "error" and line["cell"] == "B2"


def test_checks_of_a_column() -> None:
    """A further rule gives its reason; the importer adds the place."""
    column = Column(
        "n", Kind.CODE, Text(vi="Mã", en="Code"), check=lambda code: None if code == "A" else "No A."
    )
    book = Workbook("b", Text(vi="B", en="B"), [Sheet("s", Text(vi="B", en="B"), [column])])
    result = import_workbook(written({"B": [["Mã"], ["A"], ["B"]]}), book)
    assert isinstance(result, Rejected)
    assert [(problem.cell, problem.reason) for problem in result.problems] == [("A3", "No A.")]


def test_too_many_problems_are_counted() -> None:
    """The list ends; the number does not."""
    from lienmach.kernel.sheets import Limits

    rows = [[f"D{number}", "A", "x", date(2026, 1, 1), ""] for number in range(50)]
    result = import_workbook(small(orders=[ORDER_HEADS, *rows]), WORKSHOP, limits=Limits(problems=10))
    assert isinstance(result, Rejected)
    assert len(result.problems) == 11
    assert "40" in result.problems[-1].reason


@pytest.mark.parametrize(
    "make",
    [
        lambda: Column("Bad key", Kind.TEXT, Text(vi="a", en="a")),
        lambda: Column("a", Kind.CHOICE, Text(vi="a", en="a")),
        lambda: Column("a", Kind.REFERENCE, Text(vi="a", en="a")),
        lambda: Column("a", Kind.TEXT, Text(vi="a", en="a"), refers_to="b.c"),
        lambda: Column("a", Kind.TEXT, Text(vi="a", en="a"), minimum=1),
        lambda: Sheet("s", Text(vi="a/b", en="a"), []),
        lambda: Sheet("s", Text(vi="a", en="a"), [], key=["b"]),
        lambda: Workbook("w", Text(vi="a", en="a"), [WORKSHOP.sheet("orders")]),
    ],
)
def test_declarations_that_cannot_work_are_refused(make: Any) -> None:
    """At import of the app, not at the first workbook."""
    with pytest.raises((ValueError, KeyError)):
        make()
