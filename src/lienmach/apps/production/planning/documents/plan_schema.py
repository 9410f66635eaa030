"""What stands in a ``lienmach.plan/1`` document, described field by field for those who read it.

The JSON Schema in ``docs/reference`` is made from these models, and a test holds real plans against them.
Fields may be added; a reader ignores those it does not know. A plan of a benchmark file has the file's own
numbers for job, operation and machine, and none of the fields that speak of a workshop.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PLAN_SCHEMA = "lienmach.plan/1"
Name = str | int


class Part(BaseModel):
    """Part of a document; keys that are not known are let through."""

    model_config = ConfigDict(extra="allow")


class PlacedPart(Part):
    """What an operation is and where it stands."""

    job: Name = Field(description="The order, lot or part being made; a benchmark file's job number.")
    operation: Name = Field(description="Unique: job/step, with #1, #2 … for furnace loads.")
    machine: Name
    start: int = Field(description="Seconds since epoch; processing begins (setup not included).")
    end: int = Field(description="Seconds since epoch; pauses over closed time are included.")
    start_at: str | None = Field(None, description="start as local time with offset.")
    end_at: str | None = None
    setup_start: int | None = Field(None, description="null: no setup needed.")
    setup_end: int | None = None
    item: str | None = None
    step: str | None = None
    quantity: int | None = Field(None, description="Pieces.")
    batch: str | None = Field(None, description="Operations of one machine with the same batch share a load.")


class TaskPart(PlacedPart):
    """One operation in its place."""

    orders: list[str] = Field([], description="Customer orders it is for, through all levels.")
    operators: list[str] = Field([], description="Groups of operators that are held.")
    waits_for: str = Field("", description="What kept it from starting earlier.")
    cause: str = Field("", description="The operation, machine, material … behind waits_for.")


class ThingPart(Part):
    """A cause without its time."""

    kind: str
    subject: str


class LossPart(Part):
    """What time was lost to."""

    kind: str
    subject: str
    seconds: int
    blockers: list[str] = Field([], description="Other orders that were in the way.")


class CausePart(LossPart):
    """What a late order lost time to."""

    gain_seconds: int | None = Field(
        None, description="How much earlier the order would be without it, planned again; null: not tried."
    )
    also: list[ThingPart] = Field([], description="What would have to go together with it.")


class TextPart(Part):
    """The same sentence in both languages."""

    vi: str
    en: str


class HelpPart(Part):
    """A remedy that helps one order."""

    remedy: int = Field(description="Its place in the plan's remedies, from 0.")
    gain_seconds: int


class GainPart(Part):
    """What one order gains."""

    order: Name
    seconds: int


class CostLinePart(Part):
    """A part of what a remedy costs."""

    kind: Literal["machines", "labour", "overtime", "outsourcing", "expediting"]
    subject: str = Field(description="The machine, group, step or item.")
    quantity: int = Field(description="Of unit; below zero: less than without the remedy.")
    unit: Literal["second", "piece", "delivery"]
    rate: float = Field(description="Đồng for an hour, a piece or a delivery.")
    amount: float = Field(description="Đồng: quantity (in hours, where it is seconds) times rate.")


class RemedyPart(Part):
    """Something that would make late orders earlier and no order later, tried by planning again."""

    kind: Literal["overtime", "operator", "expedite", "outsource", "split", "alternative"]
    subject: str = Field(description="The machine, group, item, step or job.")
    amount: int = Field(description="Hours a day, people, days earlier, days elsewhere, lots, or 1.")
    place: str = Field("", description="The other machine, for an alternative.")
    gains: list[GainPart]
    orders_on_time: int
    weighted_seconds: int = Field(description="Seconds of lateness that would go, times weights.")
    cost: int | None = Field(
        None, description="Whole đồng; null: not known, because something that it takes has no rate."
    )
    cost_lines: list[CostLinePart] | None = Field(None, description="What cost is made of; null: not known.")
    saves: int | None = Field(None, description="Whole đồng of lateness; null: no late day has a rate.")
    net: int | None = Field(None, description="saves less cost; null: either is not known.")
    rank_by_money: int | None = Field(
        None, description="Place by net, the best bargain is 1; null: net is not known."
    )
    text: TextPart
    effect: TextPart


class OrderPart(Part):
    """A customer order with the date that can be promised."""

    order: Name
    end: int = Field(description="Seconds since epoch; 0: served from stock.")
    due: int | None = None
    weight: int = 1
    item: str | None = None
    quantity: float | None = None
    customer: str = ""
    due_at: str | None = None
    end_at: str | None = None
    promised: str | None = Field(None, description="The local day of end.")
    late_seconds: int = 0
    causes: list[CausePart] = []
    why_late: TextPart | None = None
    remedies: list[HelpPart] = Field([], description="What would make this order earlier.")


class BoughtPart(Part):
    """Something to buy, and when."""

    item: str
    quantity: float
    order_by: str = Field(description="Latest day to order, so that nothing waits for it.")
    arrives: str = Field(description="The day it is there when ordered on order_by.")
    name: str = ""
    unit: str = ""
    supplier: str = ""
    lead_time_assumed: bool = Field(False, description="Nobody gave the lead time.")


class PurchasePart(BoughtPart):
    """Something to buy for the plan."""

    overdue: bool = Field(description="Order today: the plan already waits for it, or nearly.")
    orders: list[str] = Field(description="Customer orders that it holds up, through all levels.")


class AssumptionPart(Part):
    """Something nobody gave, with the place in the workbook that would replace it."""

    code: str
    value: str
    subjects: list[str]
    sheet: str
    column: str
    text: TextPart


class MachinePart(Part):
    """A machine of the plan."""

    machine: str
    group: str
    calendar: str | None = Field(description="A key of calendars; null: always open (an outside supplier).")


class FoundByPart(Part):
    """How the plan was found: the same input, seed and budget give the same plan."""

    method: str
    seed: int
    work_budget: int
    work: int
    complete: bool


class CostsPart(Part):
    """What it costs, in whole units of currency; only when rates were given."""

    machines: int
    labour: int
    overtime: int
    materials: int
    outsourcing: int
    lateness: int
    total: int
    currency: str
    unpriced: list[str] = Field(description="Bought items that are used and have no price.")


class PlanDocument(Part):
    """A verified plan, as ``lienmach plan --json`` prints it."""

    model_config = ConfigDict(extra="allow", title=PLAN_SCHEMA, populate_by_name=True)

    schema_: Literal["lienmach.plan/1"] = Field(alias="schema")
    objective: Literal["tardiness", "makespan"]
    makespan: int = Field(description="Seconds from epoch to the end of the last operation.")
    weighted_tardiness: int = Field(description="Sum over jobs of weight times seconds after the due date.")
    lower_bound: int | None = Field(description="No plan can have a smaller objective; null: not known.")
    cpu_seconds: float = Field(description="The budget that was asked for.")
    tasks: list[TaskPart]
    orders: list[OrderPart]
    purchases: list[PurchasePart]
    time_unit: str = "second"
    epoch: str | None = Field(None, description="The plan's now: what second 0 stands for.")
    zone: str | None = None
    name: str = ""
    setup_seconds: int | None = Field(None, description="Working seconds of setups.")
    late_orders: int | None = None
    found_by: FoundByPart | None = None
    verified: Literal[True] = Field(True, description="Every plan passed the independent verifier.")
    remedies: list[RemedyPart] = Field(
        [],
        description="What would help late orders: what gains most stands first; rank_by_money orders by net.",
    )
    assumptions: list[AssumptionPart] = []
    machines: list[MachinePart] = []
    calendars: dict[str, list[tuple[int, int]]] = Field({}, description="Open time as [start, end) seconds.")
    costs: CostsPart | None = None
    factory: dict[str, Any] | None = Field(
        None, description="The workshop that was planned: a lienmach.factory/1 document."
    )
