"""The tables of a frePPLe workbook: their names in old and new files, their columns, what becomes of each.

Every column that is known is either used, told about (it does not change a plan of ours: ``TOLD``), or
refused where a row says something in it that would change the plan (``REFUSED``). A sheet or a column that is
not known here is refused too: nothing is dropped in silence.
"""

from __future__ import annotations

from datetime import timedelta

from lienmach.kernel.sheets import Choice, Column, DurationUnit, Kind, Sheet, Text, Workbook

LONGEST = timedelta(days=3_650)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KINDS = {
    "text": Kind.TEXT,
    "code": Kind.CODE,
    "number": Kind.DECIMAL,
    "duration": Kind.DURATION,
    "moment": Kind.DATETIME,
    "time": Kind.TIME,
    "bool": Kind.BOOLEAN,
}
_ORDER_STATES = "open quote inquiry closed canceled cancelled"
_SUPPLY_STATES = "proposed approved confirmed completed closed canceled cancelled"
_TYPES = {
    ("operation", "type"): "fixed_time time_per routing alternate split",
    ("operation_material", "type"): "start end transfer_batch batch",
    ("demand", "status"): _ORDER_STATES,
    ("purchase_order", "status"): _SUPPLY_STATES,
    ("manufacturing_order", "status"): _SUPPLY_STATES,
    ("distribution_order", "status"): _SUPPLY_STATES,
}
# sheet: (its names, "column:kind", …); "!" marks what every row needs.
_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "parameter": (("parameter",), ("name:code!", "value:text", "description:text", "source:text",
                                   "last_modified:text")),
    "location": (("location",), ("name:code!", "description:text", "category:text", "subcategory:text",
                                 "available:code", "owner:code")),
    "customer": (("customer",), ("name:code!", "description:text", "category:text", "subcategory:text",
                                 "owner:code")),
    "supplier": (("supplier",), ("name:code!", "description:text", "category:text", "subcategory:text",
                                 "owner:code", "available:code")),
    "skill": (("skill",), ("name:code!",)),
    "item": (("item",), ("name:code!", "description:text", "category:text", "subcategory:text", "cost:number",
                         "owner:code", "type:text", "uom:text", "delivery_operation:code")),
    "demand": (("demand", "sales order"), (
        "name:code!", "description:text", "category:text", "subcategory:text", "customer:code", "item:code!",
        "location:code", "due:moment!", "status:choice", "quantity:number!", "priority:number",
        "minimum_shipment:number", "maximum_lateness:duration", "operation:code", "batch:code",
        "delivery_operation:code", "owner:code")),
    "buffer": (("buffer", "inventory"), (
        "item:code!", "location:code", "batch:code", "onhand:number", "minimum:number", "type:text",
        "description:text", "category:text", "subcategory:text", "minimum_calendar:code")),
    "item_supplier": (("item supplier", "itemsupplier"), (
        "item:code!", "location:code", "supplier:code!", "lead_time:duration", "size_minimum:number",
        "size_multiple:number", "size_maximum:number", "cost:number", "priority:number", "resource:code",
        "resource_quantity:number", "fence:duration", "effective_start:moment", "effective_end:moment")),
    "item_distribution": (("item distribution", "itemdistribution"), (
        "item:code!", "location:code", "origin:code!", "lead_time:duration", "size_minimum:number",
        "size_multiple:number", "size_maximum:number", "cost:number", "priority:number", "resource:code",
        "resource_quantity:number", "effective_start:moment", "effective_end:moment")),
    "operation": (("operation",), (
        "name:code!", "description:text", "category:text", "subcategory:text", "type:choice", "item:code",
        "location:code", "owner:code", "priority:number", "size_minimum:number", "size_multiple:number",
        "size_maximum:number", "duration:duration", "duration_per_unit:duration", "posttime:duration",
        "cost:number", "search_mode:text", "effective_start:moment", "effective_end:moment",
        "fence:duration", "available:code", "batch_window:duration")),
    "operation_material": (("operation material", "operationmaterial", "flow"), (
        "operation:code!", "item:code!", "quantity:number", "fixed_quantity:number", "type:choice",
        "transfer_batch_quantity:number", "name:code", "priority:number", "search_mode:text",
        "effective_start:moment", "effective_end:moment", "offset:duration")),
    "operation_resource": (("operation resource", "operationresource", "load"), (
        "operation:code!", "resource:code!", "quantity:number", "fixed_quantity:number", "skill:code",
        "setup:code", "name:code", "priority:number", "search_mode:text", "effective_start:moment",
        "effective_end:moment")),
    "operation_dependency": (("operation dependency", "operationdependency"), (
        "operation:code!", "blocked_by_operation:code!", "quantity:number", "safety_leadtime:duration",
        "hard_safety_leadtime:duration")),
    "resource": (("resource",), (
        "name:code!", "description:text", "category:text", "subcategory:text", "type:text", "maximum:number",
        "maximum_calendar:code", "location:code", "owner:code", "cost:number", "available:code",
        "efficiency:number", "efficiency_calendar:code", "constrained:bool", "max_early:duration",
        "setup:code", "setup_matrix:code", "tool:bool")),
    "resource_skill": (("resource skill", "resourceskill"), (
        "resource:code!", "skill:code!", "priority:number", "effective_start:moment",
        "effective_end:moment")),
    "calendar": (("calendar",), ("name:code!", "default_value:number", "description:text", "category:text",
                                 "subcategory:text")),
    "calendar_bucket": (("calendar bucket", "calendarbucket"), (
        "calendar:code!", "start_date:moment", "end_date:moment", "value:number", "priority:number",
        *(f"{day}:bool" for day in WEEKDAYS), "start_time:time", "end_time:time")),
    "purchase_order": (("purchase order", "purchaseorder"), (
        "reference:code!", "status:choice", "quantity:number!", "item:code!", "supplier:code",
        "location:code", "ordering_date:moment", "receipt_date:moment", "end_date:moment",
        "start_date:moment", "batch:code")),
    "manufacturing_order": (("manufacturing order", "manufacturingorder"), (
        "reference:code!", "status:choice", "quantity:number!", "operation:code!", "start_date:moment",
        "end_date:moment", "batch:code", "resources:text")),
    "distribution_order": (("distribution order", "distributionorder"), (
        "reference:code!", "status:choice", "quantity:number!", "item:code!", "origin:code",
        "destination:code", "shipping_date:moment", "receipt_date:moment", "batch:code")),
    "measure": (("measure",), ("name:code!", "label:text", "description:text", "type:text",
                               "mode_in_past_periods:text", "mode_in_future_periods:text",
                               "initially_hidden:text", "format:text", "discrete:text", "default_value:text",
                               "compute_expression:text", "update_expression:text", "override_measure:text")),
    "forecast": (("forecast",), ("name:code!", "customer:code", "item:code", "location:code",
                                 "forecast_method:text", "priority:number", "discrete:text", "planned:text",
                                 "source:text")),
    "forecast_plan": (("forecast plan", "forecastplan"), (
        "item:code!", "location:code", "customer:code", "start_date:text", "end_date:text", "nodata:text")),
}  # fmt: skip
_OTHER_HEADINGS = {
    "efficiency": ("Efficiency %",),
    "minimum_shipment": ("Minshipment", "Min shipment"),
    "maximum_lateness": ("Maxlateness", "Max lateness"),
    "lead_time": ("Leadtime",),
}
TOLD = {
    "description", "category", "subcategory", "cost", "search_mode", "uom", "source", "last_modified",
    "max_early", "label",
}  # fmt: skip
"""Columns that do not change a plan of ours, on whatever sheet: named once, with how many cells they fill."""
REFUSED = {
    ("item_supplier", "resource"), ("item_supplier", "size_maximum"), ("item_supplier", "fence"),
    ("item_distribution", "resource"), ("item_distribution", "size_maximum"),
    ("operation_material", "fixed_quantity"), ("operation_material", "effective_start"),
    ("operation_material", "effective_end"), ("operation_material", "offset"),
    ("operation_resource", "fixed_quantity"), ("operation_resource", "effective_start"),
    ("operation_resource", "effective_end"), ("operation_resource", "name"),
    ("operation", "fence"), ("operation", "available"), ("operation", "batch_window"),
    ("demand", "maximum_lateness"), ("demand", "batch"), ("demand", "owner"),
    ("buffer", "batch"), ("buffer", "minimum_calendar"), ("supplier", "available"),
    ("resource", "efficiency_calendar"), ("resource", "setup"), ("resource", "setup_matrix"),
    ("resource", "tool"), ("operation_resource", "setup"), ("resource_skill", "effective_start"),
    ("resource_skill", "effective_end"), ("item_supplier", "effective_start"),
    ("item_supplier", "effective_end"), ("item_distribution", "effective_start"),
    ("item_distribution", "effective_end"), ("purchase_order", "batch"), ("manufacturing_order", "batch"),
    ("distribution_order", "batch"), ("manufacturing_order", "resources"),
}  # fmt: skip
"""Columns whose cells would change the plan and cannot be honoured: an error at each."""
REFUSED_SHEETS = {"forecast", "forecast_plan", "operation_dependency"}
TOLD_SHEETS = {"measure", "customer"}


def names(sheet: str) -> tuple[str, ...]:
    """Return the names under which a table stands in files, the usual one first."""
    return _TABLES[sheet][0]


def all_names() -> frozenset[str]:
    """Return every name of every table."""
    return frozenset(name for known, _ in _TABLES.values() for name in known)


def workbook(*, durations_in_days: bool) -> Workbook:
    """Return the declaration; bare numbers of durations count days in newer files, seconds in older ones."""
    unit = DurationUnit.DAYS if durations_in_days else DurationUnit.SECONDS
    return Workbook(
        "frepple",
        Text("Sổ frePPLe", "frePPLe workbook"),
        [
            Sheet(
                sheet,
                Text(known[0], known[0]),
                [_column(sheet, column, unit) for column in columns],
                aliases=known[1:],
            )
            for sheet, (known, columns) in _TABLES.items()
        ],
    )


def _column(sheet: str, column: str, unit: DurationUnit) -> Column:
    key, _, kind = column.rstrip("!").partition(":")
    heading = _OTHER_HEADINGS.get(key, ())
    title = key.replace("_", " ")
    if kind == "choice":
        answers = [Choice(answer, Text(answer, answer)) for answer in _TYPES[sheet, key].split()]
        return Column(key, Kind.CHOICE, Text(title, title), choices=answers)
    return Column(
        key,
        _KINDS[kind],
        Text(title, title),
        aliases=heading,
        required=column.endswith("!"),
        duration_unit=unit,
        minimum=0 if kind == "duration" or key.startswith("size_") or key == "maximum" else None,
        maximum=LONGEST if kind == "duration" else None,
    )
