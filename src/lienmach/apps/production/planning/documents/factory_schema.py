"""What may stand in a ``lienmach.factory/1`` document: one model per kind of thing, each field described.

The JSON Schema in ``docs/reference`` is made from these models. They check one value at a time; what only
shows between values (a machine that does not exist) is checked in ``factory_checks``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from lienmach.apps.production.planning.factory import DEFAULT_ZONE

FACTORY_SCHEMA = "lienmach.factory/1"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_PIECES = 100_000_000
LONGEST_CODE = 120


def _not_boolean(value: Any) -> Any:
    """``true`` is not the number 1."""
    if isinstance(value, bool):
        raise ValueError("a number")
    return value


def _day(value: Any) -> date:
    """Only text: a number would be read as seconds since 1970, a moment as its day."""
    if isinstance(value, str) and len(value) == 10:
        return date.fromisoformat(value)
    raise ValueError("a day")


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and len(value) > 10:
        return datetime.fromisoformat(value)
    raise ValueError("a moment")


def _day_or_moment(value: Any) -> date | datetime:
    return _day(value) if isinstance(value, str) and len(value) == 10 else _moment(value)


def _text(value_format: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": value_format})


Day = Annotated[date, PlainValidator(_day), _text("date")]
Moment = Annotated[datetime, PlainValidator(_moment), _text("date-time")]
DayOrMoment = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_CODE)]
NoCode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_CODE)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Amount = Annotated[Decimal, BeforeValidator(_not_boolean), Field(ge=0, le=10**15)]
Positive = Annotated[Decimal, BeforeValidator(_not_boolean), Field(gt=0, le=10**15)]
Pieces = Annotated[int, BeforeValidator(_not_boolean), Field(ge=1, le=MOST_PIECES)]
Count = Annotated[int, BeforeValidator(_not_boolean), Field(ge=0, le=MOST_PIECES)]
Seconds = Annotated[int, BeforeValidator(_not_boolean), Field(ge=0, le=10 * 366 * 86_400)]
TimeOfDay = Annotated[
    str, StringConstraints(pattern=r"^((([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)|(24:00(:00)?))$")
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Part(BaseModel):
    """A misspelt key is an error, not something to be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ComponentPart(_Part):
    """What one piece consumes at a step."""

    item: Code = Field(description="Code of an item; one that is not listed is taken to be bought.")
    quantity_per: Positive = Field(description="Quantity for one piece started, in the component's unit.")
    waste: Annotated[Decimal, Field(ge=0, lt=1)] = Field(
        Decimal(0), description="Share lost in use, on top: 0.02 takes 2 % more."
    )


class AlternativePart(_Part):
    """A machine that can do a step, at its own speed."""

    machine: Code = Field(description="Code of a machine.")
    seconds_per_piece: Amount = Field(description="Working seconds per piece on this machine.")
    fixed_seconds: Seconds = Field(0, description="Added once per job, whatever the quantity.")


class StepPart(_Part):
    """One operation of a routing. Steps are done in the order of the list."""

    step: Code = Field(description="Code, unique within the item.")
    name: Name = Field("", description="Words for people.")
    group: NoCode = Field("", description="Every machine of this group can do it, at seconds_per_piece.")
    seconds_per_piece: Amount = Field(Decimal(0), description="Working seconds per piece.")
    fixed_seconds: Seconds = Field(0, description="Added once per job on a machine of the group.")
    alternatives: tuple[AlternativePart, ...] = Field(
        (), description="When given, only these machines can do it, each at its own speed."
    )
    setup_seconds: Seconds = Field(0, description="Paid when the machine last ran another setup family.")
    family: NoCode = Field("", description="Setup family; between families the changeovers apply.")
    load_seconds: Seconds = Field(
        0, description="Furnace or washer: time of one load, whatever it holds (instead of a time per piece)."
    )
    recipe: NoCode = Field(
        "", description="Jobs of one recipe may share a load; empty: the family, else the item's own step."
    )
    skill: NoCode = Field("", description="Skill of the operators it needs.")
    operator_count: Pieces = Field(1, description="How many operators of that skill.")
    operator_during: Literal["whole", "setup"] = Field(
        "whole", description="whole: from the start of the setup to the end; setup: for the setup only."
    )
    min_wait_seconds: Seconds = Field(0, description="Clock time that must pass before the next step starts.")
    max_wait_seconds: Seconds | None = Field(
        None, description="Clock time within which the next step must start; null: any."
    )
    transfer_quantity: Count = Field(
        0, description="Pieces after which the next step may already begin; 0: the whole quantity."
    )
    outsourced_days: Amount = Field(
        Decimal(0), description="Above 0: done elsewhere within so many days; needs no machine."
    )
    supplier: Name = Field("", description="Who does an outsourced step.")
    outsourced_price: Amount = Field(
        Decimal(0),
        description="Price of one outsourced piece, in đồng; of a step done here: what somebody else would "
        "take, so that the remedy of having it done elsewhere has a price; 0: unknown.",
    )
    can_pause: bool = Field(
        True, description="May pause over closed time. false: must fit into one open interval."
    )
    components: tuple[ComponentPart, ...] = Field((), description="What it consumes when it starts.")


class ItemPart(_Part):
    """Something made (it has steps) or bought (it has none)."""

    item: Code = Field(description="Code, unique.")
    name: Name = ""
    unit: Name = Field("", description="Unit of quantity, such as kg; made items count in pieces.")
    steps: tuple[StepPart, ...] = Field((), description="Routing of a made item.")
    lead_time_days: Amount | None = Field(
        None, description="Bought: days from order to receipt; null: assumed, and marked on the plan."
    )
    supplier: Name = ""
    lot_minimum: Amount = Field(Decimal(0), description="Least quantity of one purchase or job.")
    lot_multiple: Amount = Field(
        Decimal(0), description="Purchases and jobs are multiples of this; 0: any quantity."
    )
    lot_maximum: Amount = Field(
        Decimal(0), description="Made: larger quantities become several jobs of at most this; 0: any."
    )
    safety_stock: Amount = Field(Decimal(0), description="Kept in stock; no order may take it.")
    scrap: Annotated[Decimal, Field(ge=0, lt=1)] = Field(
        Decimal(0), description="Made: share of started pieces that do not become good ones."
    )
    price: Amount = Field(Decimal(0), description="Price of one unit, in đồng; 0: unknown.")
    expedite_surcharge: Amount = Field(
        Decimal(0), description="Bought: what a delivery costs more when it comes early, in đồng; 0: unknown."
    )


class MachinePart(_Part):
    """One machine."""

    machine: Code = Field(description="Code, unique.")
    group: Code = Field(description="Machines of one group are interchangeable for steps that name it.")
    name: Name = ""
    calendar: NoCode = Field("", description="Code of a calendar; empty: the first one listed.")
    efficiency: Annotated[Decimal, Field(gt=0, le=3)] = Field(
        Decimal(1), description="Share of the standard speed: 0.8 takes 25 % longer."
    )
    load_capacity: Count = Field(0, description="Furnace or washer: pieces of one recipe per load; 0: none.")
    initial_family: NoCode = Field("", description="Setup family it is set up for now.")
    rate_per_hour: Amount = Field(Decimal(0), description="Cost of one working hour, in đồng.")
    unlimited: bool = Field(
        False, description="Any number of jobs at once (a bench, a drying yard); no loads, no setups."
    )


class ShiftPart(_Part):
    """Working time that repeats every week."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    start: TimeOfDay = Field(description="Local time, HH:MM or HH:MM:SS.")
    end: TimeOfDay = Field(description="At or before start: on the next day. 24:00 is midnight.")
    overtime: bool = Field(False, description="Work in it costs the overtime rate.")


class CalendarPart(_Part):
    """Shifts under one name; a lunch break is two shifts."""

    calendar: Code = Field(description="Code, unique.")
    shifts: tuple[ShiftPart, ...]


class ClosurePart(_Part):
    """A dated interval in which a machine, or the whole workshop, stands still: Tết, a planned repair."""

    start: Moment = Field(description="Local time.")
    end: Moment = Field(description="Local time, exclusive.")
    machine: Code | None = Field(None, description="null: the whole workshop, operators too.")
    reason: Name = ""


class OperatorsPart(_Part):
    """People with the same skills and shifts."""

    operators: Code = Field(description="Code of the group, unique.")
    skills: Annotated[tuple[Code, ...], Field(min_length=1)]
    count: Pieces = 1
    calendar: NoCode = Field("", description="Code of a calendar; empty: present whenever a machine is open.")
    rate_per_hour: Amount = Field(Decimal(0), description="Cost of one person's hour, in đồng.")


class ChangeoverPart(_Part):
    """Setup of the machines of a group from one family to another; overrides the step's setup_seconds."""

    group: Code
    before: Code
    after: Code
    seconds: Seconds


class StockPart(_Part):
    """What is in stock now and free to use."""

    item: Code
    quantity: Amount


class ReceiptPart(_Part):
    """An open purchase order, or a line of one."""

    receipt: Code
    item: Code
    quantity: Positive
    due: Day = Field(description="There on the morning of this day; a past day counts as now, and is said.")


class OrderPart(_Part):
    """A customer order (one item; write several lines as several orders)."""

    order: Code = Field(description="Code, unique.")
    item: Code
    quantity: Pieces
    due: DayOrMoment = Field(description="A day means its end; otherwise local time.")
    customer: Name = ""
    weight: Annotated[int, BeforeValidator(_not_boolean), Field(ge=1, le=1_000_000)] = Field(
        1, description="1 is normal; at 4 a late hour hurts four times as much."
    )
    earliest: DayOrMoment | None = Field(
        None, description="Not to be started before; a day means its beginning."
    )
    lateness_per_day: Amount = Field(
        Decimal(0), description="Cost of each begun day of lateness, in đồng; 0: the factory's rate."
    )


class LotPart(_Part):
    """Work in progress: pieces that have every step before `step` behind them, so that none is planned."""

    lot: Code = Field(description="Code, unique, also among orders.")
    item: Code = Field(description="A made item.")
    quantity: Pieces
    step: Code = Field(description="The step that is running or comes next.")
    done: Count = Field(0, description="Pieces of it that are already finished at this step.")
    machine: NoCode = Field("", description="Where the step runs now (it stays there); empty: it waits.")
    order: NoCode = Field("", description="Customer order it is reserved for; empty: for whoever needs it.")
    started: Moment | None = Field(None, description="When the running step began; local time.")


class RatesPart(_Part):
    """Money, where the owner wants it; with rates the plan says what it costs."""

    overtime_percent: Annotated[Decimal, Field(ge=100, le=1000)] = Decimal(150)
    lateness_per_day: Amount = Field(Decimal(0), description="Cost of a begun day of a late order, in đồng.")


class FactoryDocument(_Part):
    """A whole workshop: what ``lienmach plan factory.json`` reads, and what every plan carries."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, title=FACTORY_SCHEMA)

    schema_: Literal["lienmach.factory/1"] = Field(alias="schema")
    name: Name = ""
    zone: str = Field(DEFAULT_ZONE, description="Time zone of every local time (IANA name).")
    start: Moment | None = Field(
        None, description="The plan's now, local time; --start says otherwise; null: the moment of planning."
    )
    items: tuple[ItemPart, ...]
    machines: tuple[MachinePart, ...] = Field((), description="Empty: one machine per group is assumed.")
    calendars: tuple[CalendarPart, ...] = Field((), description="Empty: Mon-Sat 8-12 and 13-17 is assumed.")
    closures: tuple[ClosurePart, ...] = ()
    operators: tuple[OperatorsPart, ...] = Field((), description="Empty: every machine has its people.")
    changeovers: tuple[ChangeoverPart, ...] = ()
    stock: tuple[StockPart, ...] = ()
    receipts: tuple[ReceiptPart, ...] = ()
    orders: tuple[OrderPart, ...]
    in_progress: tuple[LotPart, ...] = ()
    rates: RatesPart | None = None


def keys_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys that the object at ``path`` of a document may have."""
    model: type[BaseModel] = FactoryDocument
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            inner = list(_models(model.model_fields[part].annotation))
            model = inner[0] if inner else model
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]
