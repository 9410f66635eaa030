"""A workbook is declared once: its sheets, their columns, and what may stand in a cell.

The declaration is plain data. The template, the importer, the export and the manual are all made from it, so
a column cannot be documented one way and read another.

>>> ORDERS = Sheet(
...     "orders",
...     Text(vi="Đơn hàng", en="Orders"),
...     [
...         Column("order", Kind.CODE, Text(vi="Mã đơn", en="Order"), required=True, example="DH-001"),
...         Column("due", Kind.DATE, Text(vi="Hạn giao", en="Due date"), aliases=("deadline",)),
...     ],
...     key=("order",),
... )
>>> ORDERS.column("due").heading.vi
'Hạn giao'
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

Value = str | int | Decimal | timedelta | date | datetime | time | bool | tuple[str, ...] | None
"""What an imported cell can hold."""

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_BOUNDED = frozenset({"integer", "decimal", "duration", "date", "datetime", "time"})


class Kind(StrEnum):
    """What a cell means, and the Python type it is read into."""

    TEXT = "text"
    """``str``, one line or several."""
    CODE = "code"
    """``str``: an identifier. Case and surrounding blanks do not matter; leading zeros do."""
    INTEGER = "integer"
    """``int``."""
    DECIMAL = "decimal"
    """``Decimal``, exactly as written."""
    DURATION = "duration"
    """``timedelta``. A bare number counts in the column's `duration_unit`; ``HH:MM`` may exceed 24 hours."""
    DATE = "date"
    """``date``."""
    DATETIME = "datetime"
    """``datetime`` without a zone: the wall clock of the organisation. The caller attaches the zone."""
    TIME = "time"
    """``time`` of day. ``24:00`` is read as midnight, ``time(0, 0)``."""
    BOOLEAN = "boolean"
    """``bool``."""
    CHOICE = "choice"
    """``str``: the `key` of one of the column's `choices`."""
    LIST = "list"
    """``tuple[str, ...]``: codes between commas, semicolons or on lines; with `refers_to`, checked."""
    REFERENCE = "reference"
    """``str``: the code of a row in another sheet, spelt as that sheet spells it."""


class DurationUnit(StrEnum):
    """What a bare number in a duration column counts."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"

    @property
    def length(self) -> timedelta:
        """One of this unit."""
        return timedelta(**{self.value: 1})


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in each language of the product; a heading is matched in all of them."""

    vi: str
    en: str
    km: str = ""

    def in_language(self, language: str) -> str:
        """The words in `language` (``vi``, ``vi-VN``, ``en`` …); English where there are none."""
        return {"vi": self.vi, "km": self.km}.get(language[:2].lower(), self.en) or self.en

    def all(self) -> tuple[str, ...]:
        """Every wording that exists."""
        return tuple(words for words in (self.vi, self.en, self.km) if words)


@dataclass(frozen=True, slots=True)
class Choice:
    """One permitted answer: `key` is stored, `label` is shown, all of them and `aliases` are understood."""

    key: str
    label: Text
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Parameters
    ----------
    key
        Name in the imported row; an identifier of the domain, never translated.
    kind
        What a cell means.
    heading
        The heading in each language.
    aliases
        Other headings people use. Case, diacritics, punctuation and a unit in brackets never matter.
    required
        The column must exist and no row may leave it blank.
    unit
        Unit shown behind the heading: ``Phút/cái``.
    default
        Value of a blank cell (or of every row when the column is absent). The row remembers that it was
        assumed, see ``Row.assumed``. A number stands for its duration or decimal.
    choices
        For ``Kind.CHOICE``.
    refers_to
        For ``Kind.REFERENCE`` and ``Kind.LIST``: ``"sheet.column"`` of this workbook.
    duration_unit
        For ``Kind.DURATION``: what a bare number counts.
    minimum, maximum
        Inclusive bounds of the value; for a duration in `duration_unit` or as ``timedelta``.
    more_than
        Exclusive lower bound: ``more_than=0`` for "must be positive".
    repeats
        A blank cell below a filled one means "as above", the way people merge cells.
    note
        Help in the template: a comment at the heading, a sentence in the guide.
    example
        A cell of the example row, as a person would type it (or a value of the column's type).
    check
        A further rule: gets the value, returns ``None`` or the reason why it cannot be
        (already translated); the importer adds the place.
    digits
        For ``Kind.CODE`` and ``Kind.REFERENCE``: the codes are this many digits; zeros that a spreadsheet
        dropped in front are restored, with a warning.
    width
        Column width in characters; chosen from heading and kind when absent.
    """

    key: str
    kind: Kind
    heading: Text
    _: KW_ONLY
    aliases: Sequence[str] = ()
    required: bool = False
    unit: Text | None = None
    default: Value | float = None
    choices: Sequence[Choice] = ()
    refers_to: str = ""
    duration_unit: DurationUnit = DurationUnit.MINUTES
    minimum: Any = None
    maximum: Any = None
    more_than: Any = None
    repeats: bool = False
    note: Text | None = None
    example: Any = None
    check: Callable[[Any], str | None] | None = None
    digits: int | None = None
    width: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "aliases", tuple(self.aliases))
        object.__setattr__(self, "choices", tuple(self.choices))
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"Column key {self.key!r} must be lower-case letters, digits and underscores.")
        if (self.kind is Kind.CHOICE) != bool(self.choices):
            raise ValueError(f"Column {self.key}: choices belong to Kind.CHOICE, and it needs at least one.")
        if self.kind is Kind.REFERENCE and not self.refers_to:
            raise ValueError(f"Column {self.key}: Kind.REFERENCE needs refers_to='sheet.column'.")
        if self.refers_to and self.kind not in {Kind.REFERENCE, Kind.LIST}:
            raise ValueError(
                f"Column {self.key}: only Kind.REFERENCE and Kind.LIST may refer to another sheet."
            )
        has_bound = not (self.minimum is None and self.maximum is None and self.more_than is None)
        if has_bound and self.kind not in _BOUNDED:
            raise ValueError(f"Column {self.key}: a {self.kind} column has no minimum or maximum.")
        object.__setattr__(self, "default", self._typed_default())

    def _typed_default(self) -> Value:
        """The default in the type of the column: ``default=1`` of a decimal column is ``Decimal(1)``."""
        default = self.default
        if isinstance(default, bool) or not isinstance(default, int | float | Decimal):
            return default
        if self.kind is Kind.DECIMAL:
            return Decimal(str(default))
        if self.kind is Kind.DURATION:
            return self.duration_unit.length * float(default)
        return int(default)

    @property
    def in_percent(self) -> bool:
        """Whether the heading or the unit says that the number counts hundredths: 5 means 5 %."""
        words = (*self.heading.all(), *(self.unit.all() if self.unit else ()))
        return any("%" in wording for wording in words)

    def title(self, language: str) -> str:
        """The heading as written into a workbook: with its unit, if it has one."""
        words = self.heading.in_language(language)
        return f"{words} ({self.unit.in_language(language)})" if self.unit else words


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a table with one heading row.

    Parameters
    ----------
    name
        Name in the result; an identifier of the domain.
    title
        Name of the tab in each language, at most 31 characters (Excel's limit).
    columns
        In the order in which the template shows them.
    aliases
        Other names of the tab that people use.
    key
        Keys of the columns that together identify a row; a second row with the same values is a problem.
    required
        The workbook makes no sense without this sheet, or without a row in it.
    note
        One or two sentences for the guide.
    """

    name: str
    title: Text
    columns: Sequence[Column]
    _: KW_ONLY
    aliases: Sequence[str] = ()
    key: Sequence[str] = ()
    required: bool = False
    note: Text | None = None

    def __post_init__(self) -> None:
        for attribute in ("columns", "aliases", "key"):
            object.__setattr__(self, attribute, tuple(getattr(self, attribute)))
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise ValueError(f"Sheet {self.name}: two columns share a key.")
        if not set(self.key) <= set(keys):
            raise ValueError(f"Sheet {self.name}: its key names a column that it does not have.")
        for words in self.title.all():
            if len(words) > 31 or set(words) & set("[]:*?/\\"):
                raise ValueError(f"Sheet title {words!r}: at most 31 characters, none of [ ] : * ? / \\.")

    def column(self, key: str) -> Column:
        """The column called `key`; ``KeyError`` if there is none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"Sheet {self.name} has no column {key!r}.")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A whole workbook: what one import reads at once and one template writes.

    Parameters
    ----------
    name
        Identifier; becomes part of the template's file name.
    title
        Shown on the guide sheet.
    sheets
        In the order of the tabs.
    note
        Introduction of the guide: what this workbook is for and what to fill in first.
    """

    name: str
    title: Text
    sheets: Sequence[Sheet]
    _: KW_ONLY
    note: Text | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sheets", tuple(self.sheets))
        names = [sheet.name for sheet in self.sheets]
        if len(set(names)) != len(names):
            raise ValueError(f"Workbook {self.name}: two sheets share a name.")
        for sheet in self.sheets:
            for column in sheet.columns:
                if column.refers_to:
                    self.target(column)

    def sheet(self, name: str) -> Sheet:
        """The sheet called `name`; ``KeyError`` if there is none."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(f"Workbook {self.name} has no sheet {name!r}.")

    def target(self, column: Column) -> tuple[Sheet, Column]:
        """Where the codes in `column` come from."""
        sheet_name, _, key = column.refers_to.partition(".")
        sheet = self.sheet(sheet_name)
        return sheet, sheet.column(key)
