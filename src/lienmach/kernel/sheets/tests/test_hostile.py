"""Files made to hurt, or that are something else, are refused with help, in bounded time and memory."""

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lienmach.kernel.sheets import Rejected, import_workbook
from lienmach.kernel.sheets.archive import Limits
from lienmach.kernel.sheets.tests.workshop import WORKSHOP, small

_MEGABYTE = 1024 * 1024
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def repacked(
    change: dict[str, bytes] | None = None, *, add: dict[str, bytes] | None = None, drop: tuple[str, ...] = ()
) -> bytes:
    """A valid workbook with some parts replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(small())) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in drop:
                target.writestr(name, (change or {}).get(name, source.read(name)))
        for name, data in (add or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def sheet_xml(body: str, *, before: str = "") -> bytes:
    data = f"<sheetData>{body}</sheetData>"
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}">{data}</worksheet>'.encode()


def bomb() -> bytes:
    """A sheet of 99 MB of nothing in 100 kB."""
    return repacked({"xl/worksheets/sheet1.xml": sheet_xml(" " * (99 * _MEGABYTE))})


def many_bombs() -> bytes:
    """Each part within the ratio, together far too much."""
    row = b"<row><c><v>%d</v></c></row>"
    data = b"".join(row % (number * 7919 % 100_003) for number in range(400_000))
    return repacked(add={f"xl/worksheets/extra{number}.xml": data for number in range(12)})


def lying_size() -> bytes:
    """The zip directory promises little; unpacking would give 200 MB."""
    content = bytearray(repacked({"xl/worksheets/sheet1.xml": sheet_xml(" " * (200 * _MEGABYTE))}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return bytes(content).replace(struct.pack("<L", true_size), struct.pack("<L", 1000))


def far_cell() -> bytes:
    """A single value at the last cell of a sheet: 17 thousand million cells to lay out."""
    return repacked(
        {"xl/worksheets/sheet1.xml": sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}
    )


def far_column() -> bytes:
    return repacked({"xl/worksheets/sheet1.xml": sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')})


def box() -> bytes:
    """Two values, each within the limits, that span too large a table."""
    body = '<row r="1"><c r="KM1"><v>1</v></c></row><row r="199999"><c r="A199999"><v>1</v></c></row>'
    return repacked({"xl/worksheets/sheet1.xml": sheet_xml(body)})


def shared_text() -> bytes:
    """One long text, used 200,000 times: 6 GB once copied into the cells."""
    texts = f'<sst xmlns="{_MAIN}"><si><t>{"a" * 32_000}</t></si></sst>'.encode()
    body = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 190_000))
    return repacked({"xl/worksheets/sheet1.xml": sheet_xml(body), "xl/sharedStrings.xml": texts})


def laughs() -> bytes:
    """Entities that grow tenfold at each level."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{entities}]>'
    body = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row>'
    return repacked({"xl/worksheets/sheet1.xml": sheet_xml(body, before=doctype)})


def external_entity() -> bytes:
    doctype = '<!DOCTYPE worksheet [<!ENTITY passwd SYSTEM "file:///etc/passwd">]>'
    body = '<row r="1"><c r="A1" t="inlineStr"><is><t>&passwd;</t></is></c></row>'
    return repacked({"xl/worksheets/sheet1.xml": sheet_xml(body, before=doctype)})


def utf16() -> bytes:
    """Another encoding, in which a search for document types would find nothing."""
    with zipfile.ZipFile(io.BytesIO(external_entity())) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    return repacked(
        {"xl/worksheets/sheet1.xml": text.replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")}
    )


def same_name_twice() -> bytes:
    out = io.BytesIO(small())
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml(""))
    return out.getvalue()


def many_parts() -> bytes:
    return repacked(add={f"xl/media/{number}.xml": b"" for number in range(6000)})


def broken_stream() -> bytes:
    content = bytearray(small())
    content[len(content) // 3 : len(content) // 3 + 200] = bytes(200)
    return bytes(content)


HOSTILE: dict[Callable[[], bytes], set[str]] = {
    bomb: {"too_large_inside"},
    many_bombs: {"too_large_inside"},
    lying_size: {"damaged", "not_readable"},
    far_cell: {"sheet_too_large"},
    far_column: {"sheet_too_large"},
    box: {"sheet_too_large"},
    shared_text: {"sheet_too_large"},
    laughs: {"not_readable"},
    external_entity: {"not_readable"},
    utf16: {"not_readable"},
    same_name_twice: {"damaged"},
    many_parts: {"damaged"},
    broken_stream: {"damaged", "not_readable"},
}


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_hostile_files_are_refused(make: Callable[[], bytes]) -> None:
    """One polite problem, no rows, and no time to speak of."""
    content = make()
    begun = time.process_time()
    result = import_workbook(content, WORKSHOP)
    assert time.process_time() - begun < 3
    assert isinstance(result, Rejected)
    (problem,) = result.problems
    assert problem.code in HOSTILE[make]
    assert problem.reason and problem.remedy


def test_memory_stays_bounded(tmp_path: Path) -> None:
    """All hostile files one after the other, in a process that may have half a gigabyte of data."""
    for make in (bomb, lying_size, far_cell, box, shared_text, laughs):
        (tmp_path / f"{make.__name__}.xlsx").write_bytes(make())
    program = """
import resource, sys, pathlib, django
resource.setrlimit(resource.RLIMIT_DATA, (1 << 29, 1 << 29))
from django.conf import settings
settings.configure(USE_I18N=False)
django.setup()
from lienmach.kernel.sheets import Rejected, import_workbook
from lienmach.kernel.sheets.tests.workshop import WORKSHOP
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.xlsx")):
    assert isinstance(import_workbook(path, WORKSHOP), Rejected), path
"""
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]


def test_a_large_file_is_not_even_read(tmp_path: Path) -> None:
    """50 MB are refused by their size alone."""
    path = tmp_path / "large.xlsx"
    with path.open("wb") as stream:
        stream.truncate(50 * _MEGABYTE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for source in (path, bytes(50 * _MEGABYTE)):
        result = import_workbook(source, WORKSHOP)
        (problem,) = result.problems
        assert problem.code == "file_too_large"
        assert problem.reason == "The file has 50 MB; at most 20 MB are read."
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120 * 1024


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_workbook"),
        ("Mã đơn;Số lượng\nD1;5\n".encode(), "csv"),
        ("Mã đơn\tSố lượng\nD1\t5\n".encode("utf-16"), "csv"),
        (b"<html><table></table></html>", "not_a_workbook"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le"), "old_format"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "not_a_workbook"),
        (small()[:-100], "damaged"),
        (small()[: len(small()) // 2], "damaged"),
    ],
)
def test_what_people_send_instead(content: bytes, code: str) -> None:
    """The file is named for what it is, and the way out is said."""
    (problem,) = import_workbook(content, WORKSHOP).problems
    assert problem.code == code
    assert problem.remedy


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/workbook.bin", "binary_format"),
        ("content.xml", "open_document"),
        ("word/document.xml", "not_a_workbook"),
    ],
)
def test_other_documents_in_a_zip(part: str, code: str) -> None:
    """Documents of other kinds are archives too."""
    content = repacked(add={part: b"x", "mimetype": b"application/vnd.oasis"}, drop=("xl/workbook.xml",))
    (problem,) = import_workbook(content, WORKSHOP).problems
    assert problem.code == code


def test_an_encrypted_archive() -> None:
    """The flag of an encrypted part is enough."""
    content = bytearray(small())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = content.find(mark)
        while position >= 0:
            content[position + offset] |= 1
            position = content.find(mark, position + 4)
    (problem,) = import_workbook(bytes(content), WORKSHOP).problems
    assert problem.code == "encrypted"


def test_what_is_checked_is_what_is_read() -> None:
    """Parts beside the tables (macros, pictures, links to other files) never reach the reader."""
    content = repacked(
        add={"xl/vbaProject.bin": b"macro", "xl/externalLinks/externalLink1.xml": b"<!DOCTYPE a>"}
    )
    assert not isinstance(import_workbook(content, WORKSHOP), Rejected)


def test_any_damage_is_answered_with_help() -> None:
    """Flip bytes all over a valid workbook: the answer is always a result, never a fall."""
    whole = small()
    for position in range(0, len(whole), max(1, len(whole) // 300)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x5A
        result = import_workbook(bytes(damaged), WORKSHOP)
        if isinstance(result, Rejected):
            assert all(problem.reason and problem.remedy for problem in result.problems)


def test_damage_behind_a_correct_checksum() -> None:
    """Random bytes in the XML itself, packed properly."""
    with zipfile.ZipFile(io.BytesIO(small())) as archive:
        for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
            data = archive.read(name)
            for position in range(40, len(data), max(1, len(data) // 40)):
                broken = bytearray(data)
                broken[position] = zlib.crc32(bytes([position % 256])) % 256
                result = import_workbook(repacked({name: bytes(broken)}), WORKSHOP)
                if isinstance(result, Rejected):
                    assert all(problem.reason for problem in result.problems)


def test_limits_can_be_set() -> None:
    """A door with less room says so with its own numbers."""
    (problem,) = import_workbook(small(), WORKSHOP, limits=Limits(rows=1)).problems
    assert problem.code == "sheet_too_large"
    assert problem.cell == "A2"
