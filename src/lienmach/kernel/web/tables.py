"""Tables: columns declared once, drawn with sort, filters and pages, and exported to XLSX and CSV.

>>> ORDERS = Table("orders", columns=(
...     Column("number", _("Order"), href=lambda row: row.url),
...     Column("due", _("Due"), Kind.DATE),
...     Column("quantity", _("Quantity"), Kind.NUMBER, unit=_("pieces")),
... ), filters=(Filter("state", _("State"), choices=STATES),), search=("number", "customer"))
>>> view = ORDERS.view(rows, request)          # in a page: {% table view %}
>>> ORDERS.export(rows, request)               # a file when ?format=xlsx|csv asks for one, else None

The state (search, filters, sort, page) lives in the URL, so that a link to a table shows the same rows.
Several tables on one page keep apart by `prefix`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.kernel.web import formatting
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.table_parts import (
    PAGE_SIZE,
    Cell,
    Column,
    Filter,
    FilterView,
    Head,
    Kind,
    Page,
    RowView,
    TableQuery,
    TableView,
    Words,
    fold,
)

WHOLE = 15  # so many rows stand on the page without a scroll frame of their own

__all__ = ["Column", "Filter", "Kind", "Page", "Table", "TableQuery", "TableView"]


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
    """Key of the column it is sorted by unless asked otherwise, `-` in front for descending."""
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
        """Return what the URL asks; what the table does not know is ignored: old links still work."""

        def get(name: str) -> str:
            return str(params.get(self.prefix + name, "") or "").strip()

        wanted = {filter.key: get(filter.key) for filter in self.filters}
        allowed = {
            filter.key: {value for value, _label in filter.choices}
            for filter in self.filters
            if filter.choices
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
            keyed = [(column.sort_key(row), row) for row in found]
            known = [(key, row) for (unknown, key), row in keyed if not unknown]
            known.sort(key=lambda pair: pair[0], reverse=query.descending)
            found = [row for _key, row in known] + [row for (unknown, _key), row in keyed if unknown]
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
            whole=len(shown) <= WHOLE,
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
        text = (
            _("%(total)s rows") % words
            if pages == 1
            else _("Rows %(first)s to %(last)s of %(total)s") % words
        )

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

    def export(
        self, rows: Iterable[Any], request: HttpRequest, *, at: datetime | None = None
    ) -> HttpResponse | None:
        """Return the file the URL asks for, with every row that passes the filters; else None.

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
