"""A look into the XML of a workbook: what the table reader does not tell, and what it must not be given.

The table reader hands back the cached result of a formula, and an empty cell where there is none or where
the result is an error: silent losses, unless the XML is asked. It also lays out a dense table up to the
furthest cell and repeats shared texts, so a small hostile file could ask for any amount of memory: the
extent is measured first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from lienmach.kernel.sheets.archive import Limits

_ADDRESS = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")

Cell = tuple[int, int]
"""Row and column of a cell, from 0."""


class Hostile(Exception):
    """The XML does what no spreadsheet program writes: a document type, an entity, another encoding."""


class TooLarge(Exception):
    """The sheet reaches further than the limits allow; `cell` is the first one beyond."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(address(*cell))
        self.cell = cell


@dataclass(slots=True)
class SheetScan:
    """What the XML of one sheet says beyond its values."""

    uncalculated: set[Cell] = field(default_factory=set)
    """Formulas whose result was never computed."""
    doubtful: set[Cell] = field(default_factory=set)
    """Formulas with the result 0: some programs write that instead of computing."""
    errors: dict[Cell, str] = field(default_factory=dict)
    """Formulas that failed: ``#N/A``, ``#REF!`` …"""
    negative: set[Cell] = field(default_factory=set)
    """Negative numbers with a format: read as midnight if the format is a time."""
    percent: set[Cell] = field(default_factory=set)
    """Numbers shown as a percentage: 0.05 that a person sees as 5 %."""
    shared: list[int] = field(default_factory=list)
    """Indices of the shared texts used, one for every use."""
    filled: int = 0
    """Number of cells with something in them."""
    rows: int = 0
    columns: int = 0


def scan_sheet(data: bytes, limits: Limits, percent_styles: frozenset[str] = frozenset()) -> SheetScan:
    """Walk through a sheet's XML once.

    Parameters
    ----------
    data
        The XML of the sheet.
    limits
        How far it may reach.
    percent_styles
        See the function of that name.

    Raises
    ------
    Hostile
        See there.
    TooLarge
        A cell beyond the limits.
    expat.ExpatError
        Not well-formed.
    """
    scanner = _SheetScanner(limits, percent_styles)
    parse_xml(data, scanner.start, scanner.end, scanner.text)
    return scanner.scan


def text_lengths(data: bytes) -> list[int]:
    """Length of each shared text, in the order of its index."""
    lengths: list[int] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if _local(tag) == "si":
            lengths.append(0)

    def text(characters: str) -> None:
        if lengths:
            lengths[-1] += len(characters)

    parse_xml(data, start, None, text)
    return lengths


def percent_styles(data: bytes) -> frozenset[str]:
    """Numbers of the cell styles that show a number as a percentage."""
    formats = {"9": "0%", "10": "0.00%"}
    styles: list[str] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and inside and inside[-1] == "cellXfs":
            styles.append(attributes.get("numFmtId", "0"))
        inside.append(name)

    def end(_tag: str) -> None:
        inside.pop()

    parse_xml(data, start, end, None)
    return frozenset(str(number) for number, style in enumerate(styles) if "%" in formats.get(style, ""))


def elements(data: bytes, name: str) -> list[dict[str, str]]:
    """Attributes of every element called `name`, whatever its prefix."""
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == name:
            found.append(attributes)

    parse_xml(data, start, None, None)
    return found


def parse_xml(
    data: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None,
    text: Callable[[str], None] | None,
) -> None:
    """Feed `data` to expat, with document types, entities and encodings other than UTF-8 refused."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in data[:64]:
        raise Hostile("encoding")
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.XmlDeclHandler = _check_encoding
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.Parse(data, True)


def address(row: int, column: int) -> str:
    """``C14`` for row 13, column 2 (both from 0)."""
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """``C`` for column 2 (from 0)."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


class _SheetScanner:
    """Follows rows and cells; keeps only what is out of the ordinary."""

    def __init__(self, limits: Limits, percent_styles: frozenset[str]) -> None:
        self.scan = SheetScan()
        self._percent_styles = percent_styles
        self._limits = limits
        self._row = -1
        self._column = -1
        self._kind = ""
        self._style = "0"
        self._formula = False
        self._value: str | None = None
        self._in_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c" or (":" in tag and _local(tag) == "c"):
            self._place(attributes.get("r"))
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._formula = False
            self._value = None
            return
        name = _local(tag)
        if name == "v":
            self._value, self._in_value = "", True
        elif name == "f":
            self._formula = True
        elif name == "is":
            self._value = " "
        elif name == "row":
            number = attributes.get("r")
            self._row = int(number) - 1 if number and number.isdigit() else self._row + 1
            self._column = -1

    def text(self, characters: str) -> None:
        if self._in_value:
            self._value = (self._value or "") + characters

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "v":
            self._in_value = False
        elif name == "c":
            self._close_cell()

    def _place(self, reference: str | None) -> None:
        match = _ADDRESS.fullmatch(reference) if reference else None
        if match:
            self._column = _column_number(match[1])
            self._row = int(match[2]) - 1
        else:
            self._column += 1

    def _close_cell(self) -> None:
        value = self._value
        if value is None and not self._formula:
            return
        scan, limits, cell = self.scan, self._limits, (self._row, self._column)
        scan.filled += 1
        scan.rows = max(scan.rows, self._row + 1)
        scan.columns = max(scan.columns, self._column + 1)
        too_many = scan.filled > limits.cells or scan.rows * scan.columns > limits.cells
        if too_many or self._row >= limits.rows or self._column >= limits.columns:
            raise TooLarge(cell)
        if self._kind == "s":
            scan.shared.append(int(value) if value and value.isdigit() else 0)
        elif self._kind == "e":
            scan.errors[cell] = value or "#N/A"
        elif self._style != "0" and value and self._kind == "n":
            if value[0] == "-":
                scan.negative.add(cell)
            if self._style in self._percent_styles:
                scan.percent.add(cell)
        if self._formula:
            if not value and self._kind != "str":
                scan.uncalculated.add(cell)
            elif value == "0" and self._kind == "n":
                scan.doubtful.add(cell)


def _column_number(name: str) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.lower() not in {"utf-8", "us-ascii", "ascii"}:
        raise Hostile("encoding")


def _refuse(*_arguments: object) -> int:
    raise Hostile("document type")
