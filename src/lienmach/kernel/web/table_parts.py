"""What a table is made of: columns and filters as declared, cells, heads and pages as drawn."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import get_language

from lienmach.kernel.web import formatting
from lienmach.kernel.web.meaning import worst_first

Words = str | Promise
PAGE_SIZE = 50


class Kind(StrEnum):
    """What a column holds: decides alignment, wording, sorting and the type in a workbook."""

    TEXT = "text"
    CODE = "code"  # never broken over two lines
    NUMBER = "number"
    MONEY = "money"
    SHARE = "share"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"  # timedelta or seconds
    BADGE = "badge"  # (Meaning, words)
    HTML = "html"  # SafeString, made by format_html


RIGHT = {Kind.NUMBER, Kind.MONEY, Kind.SHARE, Kind.DURATION}


@dataclass(frozen=True)
class Column:
    """One column. `key` names the row's attribute (or dictionary key) unless `value` says how to get it.

    Attributes
    ----------
    href
        Row → address, or None for no link.
    decimals
        For NUMBER and SHARE; None keeps what the value has.
    wide_only
        Left out on a phone, never in an export.
    """

    key: str
    title: Words
    kind: Kind = Kind.TEXT
    _: KW_ONLY
    value: Callable[[Any], Any] | None = None
    href: Callable[[Any], str | None] | None = None
    unit: Words = ""
    decimals: int | None = None
    sortable: bool = True
    wide_only: bool = False
    export: bool = True

    def of(self, row: Any) -> Any:
        """Return the row's value in this column."""
        if self.value is not None:
            return self.value(row)
        return row[self.key] if isinstance(row, Mapping) else attrgetter(self.key)(row)

    @property
    def css(self) -> str:
        """Return the classes of its cells."""
        classes = ["number"] if self.kind in RIGHT else []
        if self.kind is Kind.TEXT:
            classes.append("text")
        if self.kind is Kind.CODE:
            classes.append("code")
        if self.kind in (Kind.DATE, Kind.DATETIME):
            classes.append("date")
        if self.wide_only:
            classes.append("wide-only")
        return " ".join(classes)

    def html(self, row: Any) -> str:
        """Return the cell's content, escaped, linked where the column links."""
        shown = self.show(self.of(row))
        address = self.href(row) if self.href else None
        return format_html('<a href="{}">{}</a>', address, shown) if address else format_html("{}", shown)

    def show(self, value: Any) -> Any:
        """Return a value in words; what is absent is a dash, never 0 and never an empty cell."""
        language = formatting.language_of(get_language())
        zone = timezone.get_current_timezone()
        if value is None or value == "":
            return formatting.NOTHING
        match self.kind:
            case Kind.NUMBER:
                return formatting.number(value, language=language, decimals=self.decimals)
            case Kind.MONEY:
                return formatting.money(value, language=language)
            case Kind.SHARE:
                return formatting.share(
                    value, language=language, decimals=1 if self.decimals is None else self.decimals
                )
            case Kind.DATE:
                return formatting.day(value, zone=zone)
            case Kind.DATETIME:
                return formatting.moment(value, zone=zone)
            case Kind.DURATION:
                return formatting.duration(value, language=language)
            case Kind.BADGE:
                from lienmach.kernel.web.templatetags.lienmach import badge

                return badge(*value)
        return value

    def sort_key(self, row: Any) -> tuple[bool, Any]:
        """Return a key that sorts as people expect: worst first for badges, Đ by D, unknown always last."""
        value = self.of(row)
        if value is None or value == "":
            return True, 0
        if self.kind is Kind.BADGE:
            return False, (worst_first(value[0]), str(value[1]))
        return False, value if not isinstance(value, str | Promise) else fold(str(value))


@dataclass(frozen=True)
class Filter:
    """A filter above the table: a choice when it has `choices`, else a field of type `input`.

    `matches` says whether a row passes for a given (non-empty) value; by default its column equals it.
    """

    key: str
    title: Words
    _: KW_ONLY
    choices: Sequence[tuple[str, Words]] = ()
    input: str = "text"
    matches: Callable[[Any, str], bool] | None = None


@dataclass(frozen=True)
class TableQuery:
    """What the URL asks of a table. A query in the database takes this and returns one page of rows."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1
    size: int = PAGE_SIZE

    @property
    def offset(self) -> int:
        """Return how many rows stand before this page."""
        return (self.page - 1) * self.size

    @property
    def narrows(self) -> bool:
        """Say whether rows are left out."""
        return bool(self.search or self.filters)


@dataclass(frozen=True)
class Cell:
    """A cell as drawn."""

    html: Any
    css: str


@dataclass(frozen=True)
class RowView:
    """A row as drawn."""

    cells: Sequence[Cell]
    meaning: str = ""
    id: str = ""


@dataclass(frozen=True)
class Head:
    """A heading as drawn; `url` sorts by it, `sort` is the aria-sort it has now."""

    title: Words
    unit: Words
    css: str
    url: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Page:
    """Where one is in a long list."""

    number: int
    pages: int
    range_text: str
    links: Sequence[tuple[int | None, str | None]]
    previous_url: str = ""
    next_url: str = ""


@dataclass(frozen=True)
class FilterView:
    """A filter as drawn."""

    name: str
    title: Words
    value: str
    choices: Sequence[tuple[str, Words]]
    input: str


@dataclass(frozen=True, kw_only=True)
class TableView:
    """All that components/table.html draws."""

    name: str
    title: Words
    show_title: bool
    css: str
    heads: Sequence[Head]
    rows: Sequence[RowView]
    foot: Sequence[Cell]
    page: Page | None
    filters: Sequence[FilterView]
    filtered: bool
    kept: Sequence[tuple[str, str]]
    action: str
    clear_url: str
    exports: Sequence[tuple[Words, str]]
    whole: bool
    empty_title: Words
    empty_text: Words
    empty_url: str
    empty_action: Words

    @property
    def has_tools(self) -> bool:
        """Say whether anything stands above the table; an empty one without a filter needs neither."""
        return bool((self.filters or self.exports) and (self.rows or self.filtered))


def fold(text: str) -> str:
    """Return text for comparing: lower case, without diacritics, đ as d."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
