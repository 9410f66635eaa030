"""What is inside a workbook file, taken out within limits.

Somebody else made the file. Nothing in it is believed: sizes are checked in the zip directory before anything
is unpacked, unpacking stops at the size that the directory promised, and only the parts that hold tables are
taken.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from lienmach.kernel.sheets.result import Problem

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a workbook may be. Real ones are far below; beyond, the file is refused with a reason.

    Parameters
    ----------
    file_bytes
        The file itself.
    unpacked_bytes
        Its tables and texts, unpacked, all together.
    ratio
        Unpacked to packed size of any part over one megabyte.
    parts
        Number of files in the archive.
    rows, columns
        Furthest row and column of a sheet with something in it.
    cells
        Rows × columns of a sheet.
    text_bytes
        All cells' texts together, a text counted as often as it is used.
    problems
        Problems listed one by one; further ones are counted.
    """

    file_bytes: int = 20 * _MEGABYTE
    unpacked_bytes: int = 100 * _MEGABYTE
    ratio: int = 250
    parts: int = 5_000
    rows: int = 200_000
    columns: int = 300
    cells: int = 3_000_000
    text_bytes: int = 200 * _MEGABYTE
    problems: int = 50_000


class Refused(Exception):
    """The file as a whole cannot be read; `problem` says why and what to do."""

    def __init__(self, code: str, reason: str, remedy: str, *, sheet: str = "", cell: str = "") -> None:
        super().__init__(reason)
        self.problem = Problem(code, reason, remedy, sheet=sheet, cell=cell)


def file_content(source: bytes | Path, limits: Limits) -> bytes:
    """The bytes of the file; a larger one is refused before it is read."""
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > limits.file_bytes:
        raise Refused(
            "file_too_large",
            _("The file has %(size)s MB; at most %(limit)s MB are read.")
            % {"size": -(-size // _MEGABYTE), "limit": limits.file_bytes // _MEGABYTE},
            _("Remove pictures and sheets that are not needed, or split the workbook."),
        )
    return source.read_bytes() if isinstance(source, Path) else source


def unpack(content: bytes, limits: Limits) -> dict[str, bytes]:
    """The XML parts of a workbook file, by their path in lower case.

    Raises
    ------
    Refused
        Not a workbook, encrypted, damaged, or larger inside than `limits` allow.
    """
    _require_workbook(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unpack(archive, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise _damaged() from error


def _unpack(archive: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    infos = archive.infolist()
    names = [_part_name(info) for info in infos]
    if len(infos) > limits.parts or len(set(names)) != len(names):
        raise _damaged()
    _require_tables(archive, set(names))
    wanted = [(name, info) for name, info in zip(names, infos, strict=True) if _holds_tables(name)]
    if any(info.flag_bits & 0x1 for _name, info in wanted):
        raise _encrypted()
    if sum(info.file_size for _name, info in wanted) > limits.unpacked_bytes:
        raise _too_large_inside(limits)
    for _name, info in wanted:
        if info.file_size > _MEGABYTE and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise _too_large_inside(limits)
    return {name: _unpack_part(archive, info) for name, info in wanted}


def _unpack_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # `read()` without a size would unpack everything there is and cut afterwards; with one it stops in time.
    with archive.open(info) as stream:
        data = stream.read(info.file_size)
    if len(data) != info.file_size:
        raise _damaged()
    return data


def _part_name(info: zipfile.ZipInfo) -> str:
    return str(PurePosixPath(info.filename.replace("\\", "/"))).lstrip("/").lower()


def _holds_tables(name: str) -> bool:
    return name.startswith("xl/") and name.endswith((".xml", ".rels")) and not name.startswith(_USELESS)


_USELESS = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/externallinks/", "xl/pivotcache/", "xl/theme/")


def _require_workbook(content: bytes) -> None:
    """Say what the file is when it is something people often send instead."""
    start = content[:4096]
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content:
        raise Refused("empty_file", _("The file is empty."), _save_as())
    if start.startswith(b"PK\x03\x04"):
        return
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _encrypted()
        raise Refused("old_format", _("This is a file of an old version of Excel (.xls)."), _save_as())
    if start.startswith(b"%PDF"):
        raise Refused("not_a_workbook", _("This is a PDF, not a workbook."), _save_as())
    if text[:5].lower() == b"<?xml" or text[:1] == b"<":
        raise Refused("not_a_workbook", _("This is a web page or XML saved as a workbook."), _save_as())
    if _looks_like_csv(start):
        raise Refused("csv", _("This is a text file (CSV), not a workbook."), _save_as())
    raise Refused("not_a_workbook", _("This file is not a workbook."), _save_as())


def _looks_like_csv(start: bytes) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in start or not start.strip():
        return False
    return any(mark in start for mark in (b",", b";", b"\t")) and b"\n" in start


def _require_tables(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise Refused("binary_format", _("This is a binary Excel workbook (.xlsb)."), _save_as())
    if "mimetype" in names and "content.xml" in names:
        raise Refused("open_document", _("This is an OpenDocument file (.ods)."), _save_as())
    raise Refused("not_a_workbook", _("This file is not a workbook."), _save_as())


def _save_as() -> str:
    return _("Open it in a spreadsheet program, save it as an Excel workbook (.xlsx), and send that file.")


def _encrypted() -> Refused:
    return Refused(
        "encrypted",
        _("The workbook is protected by a password."),
        _("Remove the password (File, Info, Protect workbook), save, and send it again."),
    )


def _damaged() -> Refused:
    return Refused(
        "damaged",
        _("The file is damaged and cannot be unpacked."),
        _("Open it in a spreadsheet program and save it again; if that fails, take the last good copy."),
    )


def _too_large_inside(limits: Limits) -> Refused:
    return Refused(
        "too_large_inside",
        _("Unpacked, the workbook has more than %(limit)s MB, or is packed as no spreadsheet program does.")
        % {"limit": limits.unpacked_bytes // _MEGABYTE},
        _("Copy only the cells with data into a new workbook and send that one."),
    )


def sheet_too_large(sheet: str, cell: str, limits: Limits) -> Refused:
    """A cell stands further out, or there are more cells, than can be read."""
    return Refused(
        "sheet_too_large",
        _("The sheet reaches to cell %(cell)s; at most %(rows)s rows and %(columns)s columns are read.")
        % {"cell": cell, "rows": limits.rows, "columns": limits.columns},
        _("Delete what stands far from the table, or split the sheet."),
        sheet=sheet,
        cell=cell,
    )
