"""What stands in a ``lienmach.promise/1`` document, described field by field for those who read it.

The JSON Schema in ``docs/reference`` is made from these models, and a test holds what the command prints
against them. What a promise says as a plan does is described where plans are.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from lienmach.apps.production.planning.documents.plan_schema import (
    BoughtPart,
    CostsPart,
    LossPart,
    Part,
    PlacedPart,
    TextPart,
)
from lienmach.apps.production.planning.documents.promise import PROMISE_SCHEMA


class HoldPart(LossPart):
    """What the date waits for."""

    text: TextPart


class FloorPricePart(CostsPart):
    """What the order costs: the price below which it loses money."""

    per_piece: float = Field(description="total for one unit of the item.")


class PromiseDocument(Part):
    """By when one more order could be done, as ``lienmach promise --json`` prints it; books nothing."""

    model_config = ConfigDict(extra="allow", title=PROMISE_SCHEMA, populate_by_name=True)

    schema_: Literal["lienmach.promise/1"] = Field(alias="schema")
    item: str
    quantity: float
    date: str = Field(description="The earliest local day on which everything is done.")
    end: int = Field(description="Seconds since epoch; the moment of asking when all of it lies there.")
    end_at: str = Field(description="end as local time with offset.")
    asked_at: str = Field(description="Nothing new begins, and nothing is bought, before.")
    epoch: str = Field(description="The plan's now: what second 0 stands for.")
    zone: str
    name: str = ""
    unit: str = ""
    wanted: str | None = Field(None, description="End of the wanted day; null: none was named.")
    in_time: bool | None = Field(None, description="Whether that is by the wanted day; null: none was named.")
    text: TextPart
    held_by: list[HoldPart] = Field(description="Why not earlier, the costliest first.")
    from_stock: float = Field(description="Units that lie there and that nobody is promised.")
    purchases: list[BoughtPart] = Field(description="What would have to be bought.")
    tasks: list[PlacedPart] = Field(description="Where it would be made, in gaps of the plan.")
    floor_price: FloorPricePart | None = Field(None, description="null: no rates were given.")
    verified: Literal[True] = Field(True, description="Old and new together passed the independent verifier.")
