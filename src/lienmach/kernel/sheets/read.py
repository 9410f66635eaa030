"""A workbook file → its sheets as tables of raw cells."""

import io
import posixpath
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from lienmach.kernel.sheets.archive import Limits, Refused, file_content, sheet_too_large, unpack
from lienmach.kernel.sheets.parse.words import shown
from lienmach.kernel.sheets.scan import (
    Hostile,
    SheetScan,
    TooLarge,
    address,
    elements,
    percent_styles,
    scan_sheet,
    text_lengths,
)

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedstrings.xml"
_STYLES = "xl/styles.xml"


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a file that may be read."""

    name: str
    hidden: bool
    scan: SheetScan
    part: str


class Source:
    """An opened workbook file; the tables are read when asked for."""

    def __init__(
        self, parts: dict[str, bytes], tabs: tuple[Tab, ...], *, calculates_on_opening: bool
    ) -> None:
        self.tabs = tabs
        self.calculates_on_opening = calculates_on_opening
        """The program that wrote the file leaves the formulas to whoever opens it."""
        self._calamine = CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts)))

    def table(self, tab: Tab) -> list[list[Any]]:
        """Every cell of a sheet from A1 on, row by row; an empty text where there is nothing.

        Raises
        ------
        Refused
            The table reader cannot make sense of it.
        """
        try:
            return self._calamine.get_sheet_by_name(tab.name).to_python(skip_empty_area=False)
        except (CalamineError, ValueError) as error:
            raise _not_readable() from error


def read_workbook(content: bytes | Path, limits: Limits | None = None) -> Source:
    """Open a workbook file that somebody sent.

    Parameters
    ----------
    content
        The file, or where it lies.
    limits
        How large it may be.

    Raises
    ------
    Refused
        It is no workbook, damaged, encrypted, hostile or too large; the problem says which and what to do.
    """
    limits = limits or Limits()
    parts = unpack(file_content(content, limits), limits)
    try:
        return _open(parts, limits)
    except (Hostile, expat.ExpatError, CalamineError, KeyError, ValueError) as error:
        raise _not_readable() from error


def _not_readable() -> Refused:
    return Refused(
        "not_readable",
        _("The file is not what a spreadsheet program writes, and is not read for safety."),
        _("Open it in a spreadsheet program and save it again as an Excel workbook (.xlsx)."),
    )


def _open(parts: dict[str, bytes], limits: Limits) -> Source:
    targets = {
        element["Id"]: posixpath.normpath(posixpath.join("/xl", element["Target"])).lstrip("/").lower()
        for element in elements(parts[_RELATIONS], "Relationship")
        if element.get("TargetMode") != "External"
    }
    tabs = []
    kept = {name: parts[name] for name in (_WORKBOOK, _RELATIONS)}
    percent = percent_styles(parts[_STYLES]) if _STYLES in parts else frozenset()
    for element in elements(parts[_WORKBOOK], "sheet"):
        part = targets.get(_relation(element), "")
        if part not in parts:
            raise Hostile("a sheet without content")
        kept[part] = parts[part]
        if "/chartsheets/" in part or "/dialogsheets/" in part:
            continue
        scan = _scan(parts[part], element["name"], limits, percent)
        tabs.append(Tab(element["name"], element.get("state", "visible") != "visible", scan, part))
    for name in set(parts) & {_TEXTS, _STYLES}:
        elements(parts[name], "")
        kept[name] = parts[name]
    _check_amount_of_text(parts.get(_TEXTS), tabs, limits)
    settings = elements(parts[_WORKBOOK], "calcPr")
    on_opening = any(setting.get("fullCalcOnLoad", "0") in {"1", "true"} for setting in settings)
    return Source(kept, tuple(tabs), calculates_on_opening=on_opening)


def _scan(data: bytes, name: str, limits: Limits, percent: frozenset[str]) -> SheetScan:
    try:
        return scan_sheet(data, limits, percent)
    except TooLarge as too_large:
        raise sheet_too_large(shown(name), address(*too_large.cell), limits) from too_large


def _check_amount_of_text(texts: bytes | None, tabs: list[Tab], limits: Limits) -> None:
    """A shared text is copied into every cell that uses it; the copies together must fit into memory."""
    if texts is None:
        return
    lengths = text_lengths(texts)
    for tab in tabs:
        amount = sum(lengths[index] for index in tab.scan.shared if index < len(lengths))
        tab.scan.shared.clear()
        if 2 * amount > limits.text_bytes:
            raise sheet_too_large(shown(tab.name), address(tab.scan.rows - 1, tab.scan.columns - 1), limits)


def _relation(element: dict[str, str]) -> str:
    for name, value in element.items():
        if name.rpartition(":")[2] == "id":
            return value
    return ""


def _packed(parts: dict[str, bytes]) -> bytes:
    """The checked parts as an archive of their own: what was looked at is exactly what is read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("_rels/.rels", _ROOT)
        for name, data in parts.items():
            archive.writestr(_PROPER_NAMES.get(name, name), data)
    return packed.getvalue()


_OFFICE = "http://schemas.openxmlformats.org"
_DOCUMENT = f"{_OFFICE}/officeDocument/2006/relationships/officeDocument"
_ROOT = (
    f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}" Target="{_WORKBOOK}"/></Relationships>'
)
_PROPER_NAMES = {_TEXTS: "xl/sharedStrings.xml"}
