"""Tables: columns declared once, drawn with sort, filters and pages, and exported to XLSX and CSV.

>>> ORDERS = Table("orders", columns=(
...     Column("number", _("Order"), href=lambda row: row.url),
...     Column("due", _("Due"), Kind.DATE),
...     Column("quantity", _("Quantity"), Kind.NUMBER, unit=_("pieces")),
... ), filters=(Filter("state", _("State"), choices=STATES),), search=("number", "customer"))
>>> view = ORDERS.view(rows, request)          # in a page: {% table view %}
>>> ORDERS.export(rows, request)               # an HttpResponse when ?format=xlsx|csv asks for a file, else None

The state (search, filters, sort, page) lives in the URL, so that a link to a table shows the same rows. Several tables
on one page keep apart by `prefix`.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.kernel.web import formatting
from lienmach.kernel.web.meaning import Meaning, worst_first

Words = str | Promise
PAGE_SIZE = 50


class Kind(StrEnum):
    """What a column holds: decides alignment, wording, sorting and the type in a workbook."""

    TEXT = "text"
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
                return formatting.share(value, language=language, decimals=1 if self.decimals is None else self.decimals)
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

    `matches` says whether a row passes for a given (non-empty) value; by default the column of that key equals it.
    """

    key: str
    title: Words
    _: KW_ONLY
    choices: Sequence[tuple[str, Words]] = ()
    input: str = "text"
    matches: Callable[[Any, str], bool] | None = None


@dataclass(frozen=True)
class TableQuery:
    """What the URL asks of a table. A query that works in the database takes this and returns one page of rows."""

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


@dataclass(frozen=True)
class Table:
    """A table declared once. See the module's own words for how it is used."""

    name: str
    _: KW_ONLY
    columns: Sequence[Column]
    title: Words = ""
    show_title: bool = False
    filters: Sequence[Filter] = ()
    search: Sequence[str] = ()
    sort: str = ""
    """Key of the column it is sorted by unless asked otherwise, with a leading `-` for descending; "" keeps the order."""
    prefix: str = ""
    size: int = PAGE_SIZE
    dense: bool = False
    exports: bool = True
    meaning: Callable[[Any], Meaning | str | None] | None = None
    row_id: Callable[[Any], str] | None = None
    empty_title: Words = ""
    empty_text: Words = ""
    empty_url: str = ""
    empty_action: Words = ""

    # ---- reading the URL ---------------------------------------------------------------------------

    def query(self, params: QueryDict | Mapping[str, str]) -> TableQuery:
        """Return what the URL asks, ignoring what this table does not know: an old link still shows something."""

        def get(name: str) -> str:
            return str(params.get(self.prefix + name, "") or "").strip()

        wanted = {filter.key: get(filter.key) for filter in self.filters}
        allowed = {
            filter.key: {value for value, _label in filter.choices} for filter in self.filters if filter.choices
        }
        kept = {key: value for key, value in wanted.items() if value and value in allowed.get(key, {value})}
        sort = get("sort") or self.sort
        key = sort.removeprefix("-")
        if key not in {column.key for column in self.columns if column.sortable}:
            key = ""
        page = get("page")
        return TableQuery(
            search=get("q") if self.search else "",
            filters=kept,
            sort=key,
            descending=bool(key) and sort.startswith("-"),
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
            size=self.size,
        )

    def chosen(self, rows: Iterable[Any], query: TableQuery) -> list[Any]:
        """Return the rows that pass the search and the filters, sorted; the whole of them, not one page."""
        found = [row for row in rows if self._passes(row, query)]
        if query.sort:
            column = self.column(query.sort)
            known = [row for row in found if not column.sort_key(row)[0]]
            unknown = [row for row in found if column.sort_key(row)[0]]
            known.sort(key=lambda row: column.sort_key(row)[1], reverse=query.descending)
            found = known + unknown
        return found

    def _passes(self, row: Any, query: TableQuery) -> bool:
        for filter in self.filters:
            wanted = query.filters.get(filter.key)
            if wanted is None:
                continue
            if filter.matches is not None:
                if not filter.matches(row, wanted):
                    return False
                continue
            value = self.column(filter.key).of(row)
            if str(value[0] if isinstance(value, tuple) else value) != wanted:
                return False
        if query.search:
            text = fold(" ".join(str(self.column(key).of(row) or "") for key in self.search))
            return all(word in text for word in fold(query.search).split())
        return True

    def column(self, key: str) -> Column:
        """Return the column called `key`; KeyError if there is none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"Table {self.name} has no column {key!r}.")

    # ---- drawing ----------------------------------------------------------------------------------

    def view(
        self, rows: Iterable[Any], request: HttpRequest, *, total: int | None = None, foot: Sequence[Any] = ()
    ) -> TableView:
        """Return the table as drawn for this request.

        Parameters
        ----------
        rows
            All rows; or, with `total`, the one page that a query has already searched, sorted and cut.
        total
            How many rows pass the query in all.
        foot
            Values of a last row (sums), one per column.
        """
        query = self.query(request.GET)
        if total is None:
            found = self.chosen(rows, query)
            total = len(found)
            pages = max(1, -(-total // query.size))
            start = (min(query.page, pages) - 1) * query.size
            shown = found[start : start + query.size]
        else:
            shown = list(rows)
        urls = _Urls(request, self.prefix)
        filters = self._filter_views(query)
        return TableView(
            name=self.name,
            title=self.title,
            show_title=self.show_title,
            css="dense" if self.dense else "",
            heads=[self._head(column, query, urls) for column in self.columns],
            rows=[self._row(row) for row in shown],
            foot=[
                Cell(column.show(value) if value not in ("", None) else "", column.css)
                for column, value in zip(self.columns, foot, strict=True)
            ]
            if foot
            else (),
            page=self._page(query, total, urls),
            filters=filters,
            filtered=query.narrows,
            kept=urls.kept(without={"page", "format", "q", *(filter.key for filter in self.filters)}),
            action=f"{request.path}#{self.name}",
            clear_url=urls.to(q=None, page=None, **{filter.key: None for filter in self.filters}),
            exports=[("XLSX", urls.to(format="xlsx", page=None)), ("CSV", urls.to(format="csv", page=None))]
            if self.exports
            else (),
            whole=total <= 12,
            empty_title=self.empty_title or _("Nothing here yet"),
            empty_text=self.empty_text,
            empty_url=self.empty_url,
            empty_action=self.empty_action,
        )

    def _head(self, column: Column, query: TableQuery, urls: "_Urls") -> Head:
        if not column.sortable:
            return Head(column.title, column.unit, column.css)
        now = query.sort == column.key
        turn = f"-{column.key}" if now and not query.descending else column.key
        state = ("descending" if query.descending else "ascending") if now else ""
        return Head(
            column.title, column.unit, column.css, f"{urls.to(sort=turn, page=None)}#{self.name}", state
        )

    def _row(self, row: Any) -> RowView:
        meaning = self.meaning(row) if self.meaning else None
        return RowView(
            [Cell(column.html(row), column.css) for column in self.columns],
            Meaning(meaning).value if meaning else "",
            self.row_id(row) if self.row_id else "",
        )

    def _filter_views(self, query: TableQuery) -> list[FilterView]:
        views = [
            FilterView(
                self.prefix + filter.key,
                filter.title,
                query.filters.get(filter.key, ""),
                filter.choices,
                filter.input,
            )
            for filter in self.filters
        ]
        if self.search:
            views.insert(0, FilterView(f"{self.prefix}q", _("Search"), query.search, (), "search"))
        return views

    def _page(self, query: TableQuery, total: int, urls: "_Urls") -> Page:
        language = formatting.language_of(get_language())
        pages = max(1, -(-total // query.size))
        number = min(query.page, pages)
        first, last = (number - 1) * query.size + 1, min(number * query.size, total)
        words = {
            "first": formatting.number(first, language=language),
            "last": formatting.number(last, language=language),
            "total": formatting.number(total, language=language),
        }
        text = _("%(total)s rows") % words if pages == 1 else _("Rows %(first)s to %(last)s of %(total)s") % words

        def to(page: int) -> str:
            return f"{urls.to(page=str(page) if page > 1 else None)}#{self.name}"

        near = sorted({1, pages, *range(max(1, number - 1), min(pages, number + 1) + 1)})
        links: list[tuple[int | None, str | None]] = []
        for before, page in zip([0, *near], near, strict=False):
            if page - before > 1:
                links.append((None, None))
            links.append((page, None if page == number else to(page)))
        return Page(
            number,
            pages,
            text,
            links,
            previous_url=to(number - 1) if number > 1 else "",
            next_url=to(number + 1) if number < pages else "",
        )

    # ---- exports -----------------------------------------------------------------------------------

    def wants_export(self, request: HttpRequest) -> str:
        """Return `xlsx` or `csv` when the URL asks for a file of this table, else ""."""
        wanted = request.GET.get(f"{self.prefix}format", "")
        return wanted if wanted in ("xlsx", "csv") else ""

    def export(self, rows: Iterable[Any], request: HttpRequest, *, at: datetime | None = None) -> HttpResponse | None:
        """Return the file the URL asks for, every row that passes the filters and not just the page; else None.

        `at` dates the file's name.
        """
        from lienmach.kernel.web.exports import table_file

        wanted = self.wants_export(request)
        if not wanted:
            return None
        found = self.chosen(rows, self.query(request.GET))
        return table_file(self, found, kind=wanted, language=get_language() or "vi", at=at)


class _Urls:
    """Addresses of this page with some parameters changed, the others as they are."""

    def __init__(self, request: HttpRequest, prefix: str) -> None:
        self.params, self.prefix, self.path = request.GET, prefix, request.path

    def to(self, **changes: str | None) -> str:
        params = self.params.copy()
        params.pop(f"{self.prefix}format", None)
        for name, value in changes.items():
            if value is None:
                params.pop(self.prefix + name, None)
            else:
                params[self.prefix + name] = value
        text = params.urlencode()
        return f"{self.path}?{text}" if text else self.path

    def kept(self, without: set[str]) -> list[tuple[str, str]]:
        gone = {self.prefix + name for name in without}
        return [(name, value) for name, values in self.params.lists() if name not in gone for value in values]


def fold(text: str) -> str:
    """Return text for comparing: lower case, without diacritics, đ as d."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


__all__ = ["Column", "Filter", "Kind", "Page", "Table", "TableQuery", "TableView", "date", "Decimal"]
