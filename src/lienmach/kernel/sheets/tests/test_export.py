"""Files that leave: harmless in a spreadsheet, readable in both languages."""

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from lienmach.kernel.sheets import (
    Column,
    Kind,
    Sheet,
    Text,
    Workbook,
    guide_lines,
    import_workbook,
    write_csv,
    write_problems,
    write_template,
    write_xlsx,
)
from lienmach.kernel.sheets.tests.workshop import ROWS, WORKSHOP, small

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0"]
NOTES = Sheet(
    "notes", Text(vi="Ghi chú", en="Notes"), [Column("note", Kind.TEXT, Text(vi="Ghi chú", en="Note"))]
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_texts_that_look_like_formulas_stay_texts(text: str) -> None:
    """Whoever opens the file runs nothing."""
    (_heading, (cell,)) = csv.reader(
        io.StringIO(write_csv(NOTES, [{"note": text}], language="en").decode("utf-8-sig"))
    )
    assert cell == "'" + text
    book = Workbook("b", Text(vi="B", en="B"), [NOTES])
    content = write_xlsx(book, {"notes": [{"note": text}]}, language="en")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b"<hyperlink" not in archive.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1] == [text]


def test_csv_for_excel() -> None:
    """A BOM, so that Vietnamese survives; numbers and ISO 8601 dates stay such, choices have their label."""
    content = write_csv(WORKSHOP.sheet("orders"), ROWS["orders"], language="vi")
    assert content.startswith(b"\xef\xbb\xbf")
    heads, first, second = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert heads[0] == "Mã đơn"
    assert first[:4] == ["ĐH-1", "6204", "1500", "2026-02-28"]
    assert first[5] == "Cao"
    assert second[4] == "2026-11-21 07:30"
    assert second[6] == "'=1+1"
    sheet = Sheet("n", Text(vi="N", en="N"), [Column("n", Kind.DECIMAL, Text(vi="N", en="N"))])
    assert write_csv(sheet, [{"n": Decimal("-1.50")}], language="vi").decode("utf-8-sig") == "N\r\n-1.5\r\n"


def test_digits_beyond_a_spreadsheets_precision_are_kept() -> None:
    """Written as text rather than rounded in silence."""
    sheet = Sheet("n", Text(vi="N", en="N"), [Column("n", Kind.DECIMAL, Text(vi="N", en="N"))])
    number = Decimal("12345678901234567.89")
    content = write_xlsx(Workbook("b", Text(vi="B", en="B"), [sheet]), {"n": [{"n": number}]}, language="en")
    result = import_workbook(content, Workbook("b", Text(vi="B", en="B"), [sheet]))
    assert result["n"][0]["n"] == number  # type: ignore[index]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_template_explains_itself(language: str) -> None:
    """Headings with notes, drop-downs, a guide in front, in the language asked for."""
    content = write_template(WORKSHOP, language=language)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        orders = archive.read("xl/worksheets/sheet4.xml").decode()
        comments = archive.read("xl/comments3.xml").decode()
    assert "<dataValidations" in orders and 'state="frozen"' in orders
    assert {"vi": '"Cao,Thường"', "en": '"High,Normal"'}[language] in orders.replace("&quot;", '"')
    assert {"vi": "Bắt buộc.", "en": "Required."}[language] in comments
    assert {"vi": "Due date", "en": "Hạn giao"}[language] in comments, "the heading in the other language"
    guide = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert guide[0][0] == WORKSHOP.title.in_language(language)
    assert len([row for row in guide if row[0] == WORKSHOP.sheet("orders").title.in_language(language)]) == 7


def test_the_guide_is_data_too() -> None:
    """The reference page is made from the same lines."""
    line = next(line for line in guide_lines(WORKSHOP, language="en") if line.heading == "Minutes per piece")
    assert line.required
    assert line.how_to_write.endswith("It must be more than 0.")
    assert line.other_heading == "Phút mỗi cái"


def test_an_example_row() -> None:
    """Asked for, it stands in the sheet like any row."""
    content = write_template(WORKSHOP, language="en", examples=True)
    orders = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Orders").to_python()
    assert orders[1][2] == 500


def test_problems_as_a_workbook() -> None:
    """To be sent back to whoever filled in the workbook."""
    result = import_workbook(small(orders=[["Mã đơn", "Mã hàng"], ["D1", "B"]]), WORKSHOP)
    content = write_problems(result.problems, language="vi")  # type: ignore[union-attr]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "Mức độ"
    assert {row[0] for row in rows[1:]} == {"lỗi"}


def test_durations_are_written_in_the_columns_unit() -> None:
    """A planner compares minutes with minutes."""
    content = write_xlsx(WORKSHOP, {"steps": [{"minutes": timedelta(seconds=75)}]}, language="en")
    steps = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Items").to_python()
    assert steps[1][3] == 1.25
